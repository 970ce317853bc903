/**
 * 20-byte IDs: of keys and addresses. Like {@link ./id.ts}, an ID is its CB58 text.
 *
 * @module
 */

import { compareBytes } from "../bytes.ts";
import { cb58DecodeFixed, cb58DecodeTrusted, cb58Encode, requireLength } from "./cb58.ts";

declare const brand: unique symbol;

/** The CB58 text of 20 bytes; made by {@link shortIDFromBytes} or {@link parseShortID}. */
export type ShortID = string & { readonly [brand]: "ShortID" };

/** Bytes of a short ID. */
export const SHORT_ID_LENGTH = 20;

/** @throws {IdsError} `length` unless there are 20 bytes. */
export function shortIDFromBytes(bytes: Uint8Array): ShortID {
  requireLength(bytes, SHORT_ID_LENGTH);
  return cb58Encode(bytes) as ShortID;
}

/** The 20 bytes of a short ID. */
export function shortIDToBytes(id: ShortID): Uint8Array {
  return cb58DecodeTrusted(id, SHORT_ID_LENGTH);
}

/**
 * Reads a short ID as people write it.
 *
 * @throws {IdsError} `base58`, `missing-checksum`, `checksum` or `length`.
 */
export function parseShortID(text: string): ShortID {
  cb58DecodeFixed(text, SHORT_ID_LENGTH);
  return text as ShortID;
}

/** 20 zero bytes. */
export const EMPTY_SHORT_ID: ShortID = shortIDFromBytes(new Uint8Array(SHORT_ID_LENGTH));

/** Orders by bytes, as upstream's `Compare`: -1, 0 or 1. Texts sort otherwise. */
export function compareShortIDs(a: ShortID, b: ShortID): -1 | 0 | 1 {
  return a === b ? 0 : compareBytes(shortIDToBytes(a), shortIDToBytes(b));
}
