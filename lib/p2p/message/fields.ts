/**
 * The fields that many messages have in common, asked for without knowing the message (upstream `message/fields.go`).
 *
 * @module
 */

import { type ID, idFromBytes } from "../../core/ids/id.ts";
import { MessageError } from "./errors.ts";
import type { EngineType } from "./gen/p2p_pb.ts";
import type { InboundMessage } from "./inbound.ts";

/** What a message may have. */
interface CommonFields {
  readonly chainId?: Uint8Array;
  readonly requestId?: number;
  readonly deadline?: bigint;
  readonly engineType?: EngineType;
}

/**
 * The bytes that name the chain that a message is for: 32 in an honest message, any number in another.
 *
 * @returns `undefined` for messages that are for no chain.
 */
export function chainIDBytes(inbound: InboundMessage): Uint8Array | undefined {
  return (inbound.message as CommonFields).chainId;
}

/**
 * The chain that a message is for.
 *
 * @throws {MessageError} `missing-field` for messages that are for no chain.
 * @throws {IdsError} `length` where there are not 32 bytes.
 */
export function chainID(inbound: InboundMessage): ID {
  const bytes = chainIDBytes(inbound);
  if (bytes === undefined) throw new MessageError({ code: "missing-field" }, "message missing field");
  return idFromBytes(bytes);
}

/** The number that ties an answer to its request, or `undefined` where there is none. */
export function requestID(inbound: InboundMessage): number | undefined {
  return (inbound.message as CommonFields).requestId;
}

/** The engine that a message is for, or `undefined` where it names none. Unknown numbers are kept. */
export function engineType(inbound: InboundMessage): EngineType | undefined {
  return (inbound.message as CommonFields).engineType;
}

/**
 * How long the sender waits for the answer: nanoseconds, read as a signed 64-bit integer as upstream does, so that a
 * sender can say that it waits no more.
 *
 * @returns `undefined` for messages that wait for nothing.
 */
export function deadlineNs(message: object): bigint | undefined {
  const { deadline } = message as CommonFields;
  return deadline === undefined ? undefined : BigInt.asIntN(64, deadline);
}
