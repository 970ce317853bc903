/**
 * The genesis JSON that avalanchego reads and writes.
 *
 * @module
 */

import { errorMessage } from "../../core/errors.ts";
import { formatGoJSON } from "../go_json/format.ts";
import { parseGoJSON } from "../go_json/parse.ts";
import type { GenesisConfig } from "./config.ts";
import { decodeConfig } from "./decode.ts";
import { GenesisError } from "./errors.ts";
import { parseUnparsed, type UnparsedConfig, unparseConfig } from "./unparsed.ts";

/**
 * Reads a genesis. It is not validated: `validateGenesis` does that.
 *
 * @param json The text, or its bytes in UTF-8.
 * @throws {GenesisError} `json` or `config`; the message names the cause as avalanchego does.
 *
 * @example
 * ```ts
 * const config = parseGenesis(await readFile("genesis.json"));
 * ```
 */
export function parseGenesis(json: string | Uint8Array): GenesisConfig {
  let unparsed: UnparsedConfig;
  try {
    unparsed = decodeConfig(parseGoJSON(typeof json === "string" ? json : decodeUTF8(json)));
  } catch (cause) {
    throw new GenesisError({ code: "json" }, `could not unmarshal genesis JSON: ${errorMessage(cause)}`, { cause });
  }
  try {
    return parseUnparsed(unparsed);
  } catch (cause) {
    throw new GenesisError({ code: "config" }, `unable to parse config: ${errorMessage(cause)}`, { cause });
  }
}

/**
 * Writes a genesis: all numbers exact, fields in avalanchego's order.
 *
 * @param indent What each level is indented by; all on one line by default. tmpnet's files have two spaces.
 */
export function formatGenesis(config: GenesisConfig, indent = ""): string {
  return formatGoJSON(unparseConfig(config), indent);
}

/** A byte order mark is kept: it is no JSON, and upstream says so. */
function decodeUTF8(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}
