/**
 * Base58 in Bitcoin's alphabet, without big integers: IDs pass through here for every gossiped IP.
 *
 * Digits are handled four at a time and bytes three at a time. A limb is below 58^4 < 2^24, so that a limb moved by
 * one step of the other base stays below 2^48 and is exact as a number.
 *
 * @module
 */

import { quoteCharacter } from "../quote.ts";
import { IdsError } from "./errors.ts";

const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

const BASE = 58;
const DIGITS_PER_LIMB = 4;
/** 58^4. Written out, here and below: the compiler of Bun 1.4.5 does not fold `**`, which makes this six times slower. */
const LIMB_BASE = 11_316_496;
const BYTES_PER_CHUNK = 3;
/** 2^24. */
const CHUNK_BASE = 16_777_216;

const ZERO_DIGIT = ALPHABET.charCodeAt(0);
const INVALID = 255;

const ENCODE = Uint8Array.from(ALPHABET, (digit) => digit.charCodeAt(0));
const DECODE = new Uint8Array(128).fill(INVALID);
ENCODE.forEach((code, value) => {
  DECODE[code] = value;
});

/** Enough limbs for what IDs and keys need; longer input gets its own. */
const SCRATCH_LIMBS = 64;
const scratch = new Int32Array(SCRATCH_LIMBS);

/** Room for limbs; what it holds is left from before: only limbs that were written count. */
function limbs(count: number): Int32Array {
  return count > SCRATCH_LIMBS ? new Int32Array(count) : scratch;
}

/** The base58 text of bytes; each leading zero byte is one `1`. */
export function base58Encode(bytes: Uint8Array): string {
  let zeros = 0;
  while (zeros < bytes.length && bytes[zeros] === 0) zeros++;

  // log(256) / log(58) < 1.3658 digits for each byte.
  const digits = Math.floor((bytes.length - zeros) * 1.3658) + 1;
  const values = limbs(Math.ceil(digits / DIGITS_PER_LIMB));
  let used = 0;
  let position = zeros;
  let chunkLength = (bytes.length - zeros) % BYTES_PER_CHUNK || BYTES_PER_CHUNK;
  while (position < bytes.length) {
    let carry = 0;
    for (const end = position + chunkLength; position < end; position++)
      carry = carry * 256 + (bytes[position] as number);
    chunkLength = BYTES_PER_CHUNK;
    for (let i = 0; i < used; i++) {
      const value = (values[i] as number) * CHUNK_BASE + carry;
      carry = (value / LIMB_BASE) | 0;
      values[i] = value - carry * LIMB_BASE;
    }
    while (carry > 0) {
      const rest = (carry / LIMB_BASE) | 0;
      values[used++] = carry - rest * LIMB_BASE;
      carry = rest;
    }
  }

  const text = Buffer.allocUnsafe(zeros + used * DIGITS_PER_LIMB);
  let at = text.length;
  for (let i = 0; i < used; i++) {
    let value = values[i] as number;
    for (let digit = 0; digit < DIGITS_PER_LIMB; digit++) {
      const rest = (value / BASE) | 0;
      text[--at] = ENCODE[value - rest * BASE] as number;
      value = rest;
    }
  }
  // The highest limb may have begun with zero digits that are none of the number's.
  let start = at;
  while (start < text.length && text[start] === ZERO_DIGIT) start++;
  for (let i = 0; i < zeros; i++) text[--start] = ZERO_DIGIT;
  return text.toString("latin1", start);
}

/**
 * The bytes of a base58 text.
 *
 * @throws {IdsError} `base58` for an empty text or a character outside the alphabet.
 */
export function base58Decode(text: string): Uint8Array {
  if (text.length === 0) throw new IdsError({ code: "base58" }, "base58 decoding error: zero length string");

  let zeros = 0;
  while (zeros < text.length && text.charCodeAt(zeros) === ZERO_DIGIT) zeros++;

  // A digit is less than a byte, so this many limbs always hold the number.
  const values = limbs(Math.ceil((text.length - zeros) / BYTES_PER_CHUNK));
  let used = 0;
  let position = zeros;
  let groupLength = (text.length - zeros) % DIGITS_PER_LIMB || DIGITS_PER_LIMB;
  while (position < text.length) {
    let carry = 0;
    for (const end = position + groupLength; position < end; position++) {
      const code = text.charCodeAt(position);
      const digit = code < 128 ? (DECODE[code] as number) : INVALID;
      if (digit === INVALID) throw invalidDigit(text, position);
      carry = carry * BASE + digit;
    }
    groupLength = DIGITS_PER_LIMB;
    for (let i = 0; i < used; i++) {
      const value = (values[i] as number) * LIMB_BASE + carry;
      carry = (value / CHUNK_BASE) | 0;
      values[i] = value - carry * CHUNK_BASE;
    }
    if (carry > 0) values[used++] = carry;
  }

  const highest = used === 0 ? 0 : (values[used - 1] as number);
  const highestLength = highest === 0 ? 0 : highest < 0x100 ? 1 : highest < 0x1_0000 ? 2 : 3;
  const length = zeros + (used === 0 ? 0 : (used - 1) * BYTES_PER_CHUNK + highestLength);
  const bytes = new Uint8Array(length);
  let at = length;
  for (let i = 0; i < used; i++) {
    const value = values[i] as number;
    bytes[--at] = value;
    if (at > zeros) bytes[--at] = value >>> 8;
    if (at > zeros) bytes[--at] = value >>> 16;
  }
  return bytes;
}

function invalidDigit(text: string, position: number): IdsError {
  const code = text.charCodeAt(position);
  const cause =
    code > 127
      ? "High-bit set on invalid digit"
      : `Invalid base58 digit (${quoteCharacter(String.fromCharCode(code))})`;
  return new IdsError({ code: "base58" }, `base58 decoding error: ${cause}`);
}
