/**
 * The message around a compressed message: one field, and nothing else.
 *
 * @module
 */

import { COMPRESSED_ZSTD_FIELD } from "../ops.ts";
import { NO_VARINT, readShortVarint, varintLength, writeVarint } from "./varint.ts";

/** The field's number and wire type 2: a length comes next. */
const TAG = (COMPRESSED_ZSTD_FIELD << 3) | 2;

/** How many bytes the message takes. */
export function compressedMessageLength(compressed: Uint8Array): number {
  return 1 + varintLength(compressed.length) + compressed.length;
}

/** Writes the message from `start` on. */
export function writeCompressedMessage(compressed: Uint8Array, into: Uint8Array, start: number): void {
  into[start] = TAG;
  into.set(compressed, writeVarint(into, start + 1, compressed.length));
}

/**
 * Reads the message in its usual form.
 *
 * @returns The compressed bytes, which lie in `bytes`, or `undefined` for all else.
 */
export function readCompressedMessage(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < 2 || bytes[0] !== TAG) return undefined;
  const length = readShortVarint(bytes, 1, bytes.length);
  const start = 1 + varintLength(length);
  return length === NO_VARINT || length === 0 || start + length !== bytes.length ? undefined : bytes.subarray(start);
}
