/**
 * AppGossip, AppRequest and AppResponse by hand: they are most of what a network says.
 *
 * What is written here is what `encode.ts` writes. Read is only the usual form (fields in order, each at most once, no
 * number longer than it must be); everything else, and every verdict on what is damaged, is left to `decode.ts`.
 *
 * @module
 */

import type { AppGossip, AppRequest, AppResponse } from "../gen/p2p_pb.ts";
import { NO_BYTES } from "./plan.ts";
import { NO_VARINT, readShortVarint, varintLength, writeVarint } from "./varint.ts";

/** Which message: the first two bytes of its body, its field's tag, low byte first. */
export const AppTag = { Request: 0x01f2, Response: 0x01fa, Gossip: 0x0282 } as const;

export type AppTag = (typeof AppTag)[keyof typeof AppTag];

/** A message that was read by hand. */
export type AppMessage = AppGossip | AppRequest | AppResponse;

const MESSAGE_TAG_BYTES = 2;

const CHAIN_ID_TAG = 0x0a;
const REQUEST_ID_TAG = 0x10;
const DEADLINE_TAG = 0x18;
const GOSSIP_BYTES_TAG = 0x12;
const RESPONSE_BYTES_TAG = 0x1a;
const REQUEST_BYTES_TAG = 0x22;

const MAX_UINT32 = 0xffff_ffff;

/** Bytes of the fields of a message. */
function fieldsLength(chainID: Uint8Array, requestID: number, deadlineNs: number, appBytes: Uint8Array): number {
  return (
    bytesFieldLength(chainID.length) +
    (requestID === 0 ? 0 : 1 + varintLength(requestID)) +
    (deadlineNs === 0 ? 0 : 1 + varintLength(deadlineNs)) +
    bytesFieldLength(appBytes.length)
  );
}

function bytesFieldLength(length: number): number {
  return length === 0 ? 0 : 1 + varintLength(length) + length;
}

/** What a message says; where a kind of message has no such field, 0. */
export interface AppFields {
  readonly chainID: Uint8Array;
  /** 0 to 2^32 - 1. */
  readonly requestID: number;
  /** A whole number of nanoseconds from 0 to 2^53. */
  readonly deadlineNs: number;
  readonly appBytes: Uint8Array;
}

/** How many bytes the whole body takes. */
export function appMessageLength({ chainID, requestID, deadlineNs, appBytes }: AppFields): number {
  const length = fieldsLength(chainID, requestID, deadlineNs, appBytes);
  return MESSAGE_TAG_BYTES + varintLength(length) + length;
}

/** Writes the whole body from `start` on. */
export function writeAppMessage(tag: AppTag, fields: AppFields, into: Uint8Array, start: number): void {
  const { chainID, requestID, deadlineNs, appBytes } = fields;
  into[start] = tag & 0xff;
  into[start + 1] = tag >> 8;
  let at = writeVarint(into, start + 2, fieldsLength(chainID, requestID, deadlineNs, appBytes));
  at = writeBytesField(into, at, CHAIN_ID_TAG, chainID);
  if (requestID !== 0) {
    into[at] = REQUEST_ID_TAG;
    at = writeVarint(into, at + 1, requestID);
  }
  if (deadlineNs !== 0) {
    into[at] = DEADLINE_TAG;
    at = writeVarint(into, at + 1, deadlineNs);
  }
  writeBytesField(into, at, bytesTag(tag), appBytes);
}

function bytesTag(tag: AppTag): number {
  if (tag === AppTag.Gossip) return GOSSIP_BYTES_TAG;
  return tag === AppTag.Response ? RESPONSE_BYTES_TAG : REQUEST_BYTES_TAG;
}

function writeBytesField(into: Uint8Array, start: number, tag: number, bytes: Uint8Array): number {
  if (bytes.length === 0) return start;
  into[start] = tag;
  const at = writeVarint(into, start + 1, bytes.length);
  into.set(bytes, at);
  return at + bytes.length;
}

/**
 * Reads the body of a message if it is one of the three and in its usual form.
 *
 * @param copy Whether byte fields are copies; otherwise they lie in `bytes`.
 * @returns `undefined` for all else.
 */
export function readAppMessage(bytes: Uint8Array, copy: boolean): AppMessage | undefined {
  const end = bytes.length;
  if (end < MESSAGE_TAG_BYTES + 1) return undefined;
  const tag = (bytes[0] as number) | ((bytes[1] as number) << 8);
  if (tag !== AppTag.Gossip && tag !== AppTag.Request && tag !== AppTag.Response) return undefined;
  const length = readShortVarint(bytes, MESSAGE_TAG_BYTES, end);
  let at = MESSAGE_TAG_BYTES + varintLength(length);
  if (length !== end - at) return undefined;

  let chainId = NO_BYTES;
  if (at < end && bytes[at] === CHAIN_ID_TAG) {
    const size = readShortVarint(bytes, at + 1, end);
    const start = at + 1 + varintLength(size);
    at = start + size;
    if (size === NO_VARINT || at > end) return undefined;
    chainId = take(bytes, start, at, copy);
  }

  let requestId = 0;
  if (at < end && bytes[at] === REQUEST_ID_TAG && tag !== AppTag.Gossip) {
    requestId = readShortVarint(bytes, at + 1, end);
    if (requestId === NO_VARINT || requestId > MAX_UINT32) return undefined;
    at += 1 + varintLength(requestId);
  }

  let deadline = 0;
  if (at < end && bytes[at] === DEADLINE_TAG && tag === AppTag.Request) {
    deadline = readShortVarint(bytes, at + 1, end);
    if (deadline === NO_VARINT) return undefined;
    at += 1 + varintLength(deadline);
  }

  let appBytes = NO_BYTES;
  if (at < end && bytes[at] === bytesTag(tag)) {
    const size = readShortVarint(bytes, at + 1, end);
    const start = at + 1 + varintLength(size);
    at = start + size;
    if (size === NO_VARINT || at > end) return undefined;
    appBytes = take(bytes, start, at, copy);
  }
  if (at !== end) return undefined;

  switch (tag) {
    case AppTag.Gossip:
      return { $typeName: "p2p.AppGossip", chainId, appBytes };
    case AppTag.Request:
      return { $typeName: "p2p.AppRequest", chainId, requestId, deadline: BigInt(deadline), appBytes };
    default:
      return { $typeName: "p2p.AppResponse", chainId, requestId, appBytes };
  }
}

function take(bytes: Uint8Array, start: number, end: number, copy: boolean): Uint8Array {
  return copy ? bytes.slice(start, end) : bytes.subarray(start, end);
}
