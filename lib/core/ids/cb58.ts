/**
 * CB58: base58 of bytes with the last four bytes of their sha256 behind them (upstream `utils/cb58`).
 *
 * A byte string has exactly one CB58 text, so that texts can be compared instead of bytes.
 *
 * @module
 */

import { SHA256_LENGTH, sha256 } from "../hashing.ts";
import { base58Decode, base58Encode } from "./base58.ts";
import { IdsError } from "./errors.ts";

/** Bytes of checksum behind the content. */
export const CHECKSUM_LENGTH = 4;

/** The CB58 text of any bytes, none included. */
export function cb58Encode(bytes: Uint8Array): string {
  const checked = new Uint8Array(bytes.length + CHECKSUM_LENGTH);
  checked.set(bytes);
  checked.set(checksum(bytes), bytes.length);
  return base58Encode(checked);
}

/**
 * The bytes of a CB58 text.
 *
 * @throws {IdsError} `base58`, `missing-checksum` or `checksum`.
 *
 * @example
 * ```ts
 * cb58Decode("45PJLL").length; // 0
 * ```
 */
export function cb58Decode(text: string): Uint8Array {
  const checked = base58Decode(text);
  if (checked.length < CHECKSUM_LENGTH) {
    throw new IdsError({ code: "missing-checksum" }, "input string is smaller than the checksum size");
  }
  const length = checked.length - CHECKSUM_LENGTH;
  const bytes = checked.subarray(0, length);
  const expected = checksum(bytes);
  for (let i = 0; i < CHECKSUM_LENGTH; i++) {
    if (checked[length + i] !== expected[i]) throw new IdsError({ code: "checksum" }, "invalid input checksum");
  }
  return bytes;
}

/**
 * The bytes of a text that is known to be sound, because it came from {@link cb58Encode} or passed
 * {@link cb58Decode}: its checksum is dropped unread.
 *
 * @throws {IdsError} `length` when there are not `length` bytes: the text was not what its caller took it for.
 */
export function cb58DecodeTrusted(text: string, length: number): Uint8Array {
  const checked = base58Decode(text);
  const bytes = checked.subarray(0, Math.max(0, checked.length - CHECKSUM_LENGTH));
  requireLength(bytes, length);
  return bytes;
}

/** The longest text that is decoded where a few bytes are expected: what a text costs grows with its square. */
const MAX_FIXED_TEXT_LENGTH = 1_024;

/** Base58 has at least so many bytes in a character. */
const MIN_BYTES_PER_CHARACTER = 0.73;

/**
 * The bytes of a stranger's CB58 text of a known length.
 *
 * @throws {IdsError} `length` when there are not exactly `expected` bytes, or as {@link cb58Decode}. Of a text that is
 * far too long nothing but that is found out.
 */
export function cb58DecodeFixed(text: string, expected: number): Uint8Array {
  if (text.length > MAX_FIXED_TEXT_LENGTH) {
    const actual = Math.floor(text.length * MIN_BYTES_PER_CHARACTER);
    throw new IdsError(
      { code: "length", expected, actual },
      `invalid hash length: expected ${expected} bytes but got at least ${actual}`,
    );
  }
  const bytes = cb58Decode(text);
  requireLength(bytes, expected);
  return bytes;
}

/** @throws {IdsError} `length` when there are not exactly `expected` bytes. */
export function requireLength(bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return;
  throw new IdsError(
    { code: "length", expected, actual: bytes.length },
    `invalid hash length: expected ${expected} bytes but got ${bytes.length}`,
  );
}

function checksum(bytes: Uint8Array): Uint8Array {
  return sha256(bytes).subarray(SHA256_LENGTH - CHECKSUM_LENGTH);
}
