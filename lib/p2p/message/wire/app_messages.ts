/**
 * AppGossip, AppRequest and AppResponse by hand: they are most of what a network says.
 *
 * What is written here is what `encode.ts` writes. Read is only the usual form (fields in order, each at most once, no
 * number longer than it must be); everything else, and every verdict on what is damaged, is left to `decode.ts`.
 *
 * @module
 */

import type { AppGossip, AppRequest, AppResponse } from "../gen/p2p_pb.ts";
import { varintLength } from "./encode.ts";
import { NO_BYTES } from "./plan.ts";

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
  let at = writeVarintAt(into, start + 2, fieldsLength(chainID, requestID, deadlineNs, appBytes));
  at = writeBytesField(into, at, CHAIN_ID_TAG, chainID);
  if (requestID !== 0) {
    into[at] = REQUEST_ID_TAG;
    at = writeVarintAt(into, at + 1, requestID);
  }
  if (deadlineNs !== 0) {
    into[at] = DEADLINE_TAG;
    at = writeVarintAt(into, at + 1, deadlineNs);
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
  const at = writeVarintAt(into, start + 1, bytes.length);
  into.set(bytes, at);
  return at + bytes.length;
}

function writeVarintAt(into: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  for (; rest >= 0x80; rest = rest < 0x8000_0000 ? rest >> 7 : Math.floor(rest / 0x80))
    into[at++] = (rest & 0x7f) | 0x80;
  into[at] = rest;
  return at + 1;
}

/** Where the value that was read last ends. Reading is synchronous, so one is enough. */
let next = 0;

/** No varint, or one that is left to `decode.ts`. */
const NONE = -1;

/** Reads a varint of at most 49 bits, as short as it can be. */
function readVarint(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let unit = 1;
  for (let at = start; at < end && at < start + 7; at++) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) {
      next = at + 1;
      return value;
    }
    unit *= 0x80;
  }
  return NONE;
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
  const length = readVarint(bytes, MESSAGE_TAG_BYTES, end);
  if (length !== end - next) return undefined;

  let at = next;
  let chainId = NO_BYTES;
  if (at < end && bytes[at] === CHAIN_ID_TAG) {
    const value = readBytes(bytes, at + 1, end, copy);
    if (value === undefined) return undefined;
    chainId = value;
    at = next;
  }

  let requestId = 0;
  if (at < end && bytes[at] === REQUEST_ID_TAG && tag !== AppTag.Gossip) {
    requestId = readVarint(bytes, at + 1, end);
    if (requestId === NONE || requestId > 0xffff_ffff) return undefined;
    at = next;
  }

  let deadline = 0;
  if (at < end && bytes[at] === DEADLINE_TAG && tag === AppTag.Request) {
    deadline = readVarint(bytes, at + 1, end);
    if (deadline === NONE) return undefined;
    at = next;
  }

  let appBytes = NO_BYTES;
  if (at < end && bytes[at] === bytesTag(tag)) {
    const value = readBytes(bytes, at + 1, end, copy);
    if (value === undefined) return undefined;
    appBytes = value;
    at = next;
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

function readBytes(bytes: Uint8Array, start: number, end: number, copy: boolean): Uint8Array | undefined {
  const length = readVarint(bytes, start, end);
  const valueEnd = next + length;
  if (length === NONE || valueEnd > end) return undefined;
  const value = copy ? bytes.slice(next, valueEnd) : bytes.subarray(next, valueEnd);
  next = valueEnd;
  return value;
}
