/**
 * Messages of a node to itself: what would have come out of the parser, had they gone over the wire.
 *
 * @module
 */

import type { NodeID } from "../../../core/ids/node_id.ts";
import type { InboundMessage, MessageByOp } from "../../message/inbound.ts";
import type { Op, WIRE_FIELDS } from "../../message/ops.ts";

/** An operation that travels between peers. */
type WireOp = (typeof WIRE_FIELDS)[keyof typeof WIRE_FIELDS]["op"];

/** The fields of a message, without its type's name. */
export type MessageContent<O extends Op> = Omit<MessageByOp[O], "$typeName" | "$unknown">;

const nothing = (): void => {};

/**
 * A message of a node to itself. It holds nothing.
 *
 * @param expiration When the node no longer waits for the answer: {@link InboundMessage.expiration}.
 */
export function selfMessage<O extends WireOp>(
  op: O,
  nodeID: NodeID,
  content: MessageContent<O>,
  expiration: number,
): InboundMessage {
  const message = content as MessageByOp[O];
  return { nodeID, op, message, expiration, bytesSavedCompression: 0, onFinishedHandling: nothing } as InboundMessage;
}
