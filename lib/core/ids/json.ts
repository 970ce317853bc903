/**
 * IDs from raw JSON text, by upstream's `UnmarshalJSON`: `null` leaves a value as it was.
 *
 * Printing needs nothing: an ID is a string and `JSON.stringify` quotes it.
 *
 * @module
 */

import { errorMessage } from "../errors.ts";
import { IdsError } from "./errors.ts";
import { type ID, parseID } from "./id.ts";
import { NODE_ID_PREFIX, type NodeID, parseNodeID } from "./node_id.ts";
import { parseShortID, type ShortID } from "./short_id.ts";

/**
 * Reads an ID from JSON text.
 *
 * @param json The text of one JSON value, quotes included.
 * @param current What the value holds so far; given back for `null`.
 * @throws {IdsError} `quotes`, or as {@link parseID}.
 */
export function unmarshalID(json: string, current: ID): ID {
  return json === "null" ? current : couldNotDecode(() => parseID(unquoted(json)));
}

/** As {@link unmarshalID}, for short IDs. */
export function unmarshalShortID(json: string, current: ShortID): ShortID {
  return json === "null" ? current : couldNotDecode(() => parseShortID(unquoted(json)));
}

/**
 * As {@link unmarshalID}, for node IDs.
 *
 * @throws {IdsError} `short-node-id` and `quotes`, or as {@link parseNodeID}.
 */
export function unmarshalNodeID(json: string, current: NodeID): NodeID {
  if (json === "null") return current;
  const shortest = 2 + NODE_ID_PREFIX.length;
  if (Buffer.byteLength(json) <= shortest) {
    throw new IdsError({ code: "short-node-id" }, `insufficient NodeID length: expected to be > ${shortest}`);
  }
  return parseNodeID(unquoted(json));
}

function unquoted(json: string): string {
  if (json.length >= 2 && json.startsWith('"') && json.endsWith('"')) return json.slice(1, -1);
  throw new IdsError({ code: "quotes" }, "first and last characters should be quotes");
}

/** Text that is no CB58 is reported with upstream's preface; a wrong length is not. */
function couldNotDecode<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof IdsError) || error.type.code === "length" || error.type.code === "quotes") throw error;
    throw new IdsError(error.type, `couldn't decode ID to bytes: ${errorMessage(error)}`, { cause: error });
  }
}
