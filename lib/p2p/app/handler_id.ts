/**
 * Which protocol of a chain a message is for: an unsigned varint before it (upstream `network/p2p/network.go`,
 * `ProtocolPrefix`).
 *
 * @module
 */

import { concatBytes } from "../../core/bytes.ts";
import { AppProtocolError } from "./app_errors.ts";

/** The protocols that upstream's chains know each other by (upstream `network/p2p/handler.go`). */
export const HandlerID = {
  /** Transactions, by push and pull gossip. */
  TxGossip: 0,
  /** The C-Chain's atomic transactions, likewise. */
  AtomicTxGossip: 1,
  /** Signatures of warp messages: ACP-118. */
  SignatureRequest: 2,
  FirewoodProof: 3,
  EVMLeafRequest: 4,
  EVMCodeRequest: 5,
  EVMBlockRequest: 6,
  EVMAtomicLeafRequest: 7,
} as const;

/** Bytes that a varint of 64 bits takes at most. */
const MAX_VARINT_LENGTH = 10;

/**
 * What comes before the messages of a protocol.
 *
 * @example
 * ```ts
 * handlerPrefix(300); // the varint 0xac 0x02
 * ```
 */
export function handlerPrefix(handlerID: number): Uint8Array {
  if (!Number.isSafeInteger(handlerID) || handlerID < 0) {
    throw new AppProtocolError({ code: "invalid-handler-id", handlerID }, `${handlerID} is no handler ID`);
  }
  const bytes: number[] = [];
  let rest = handlerID;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

/**
 * A message with its protocol before it.
 *
 * @example
 * ```ts
 * prefixMessage(handlerPrefix(HandlerID.SignatureRequest), new TextEncoder().encode("hello"));
 * ```
 */
export function prefixMessage(prefix: Uint8Array, message: Uint8Array): Uint8Array {
  return concatBytes(prefix, message);
}

/** A message of a protocol. */
export interface PrefixedMessage {
  /** Exact up to 2^53; no handler here has one above. */
  readonly handlerID: number;
  /** Lies in the memory of the whole. */
  readonly message: Uint8Array;
}

/**
 * Takes a message apart.
 *
 * @returns `undefined` where it does not begin with a varint of 64 bits.
 *
 * @example
 * ```ts
 * const parsed = parseMessage(Uint8Array.of(2, 104, 105));
 * parsed?.handlerID; // 2
 * ```
 */
export function parseMessage(bytes: Uint8Array): PrefixedMessage | undefined {
  let handlerID = 0;
  let scale = 1;
  for (let i = 0; i < bytes.length && i < MAX_VARINT_LENGTH; i++) {
    const byte = bytes[i] as number;
    // The tenth byte has room for one bit.
    if (i === MAX_VARINT_LENGTH - 1 && byte > 1) return undefined;
    handlerID += (byte & 0x7f) * scale;
    if (byte < 0x80) return { handlerID, message: bytes.subarray(i + 1) };
    scale *= 0x80;
  }
  return undefined;
}
