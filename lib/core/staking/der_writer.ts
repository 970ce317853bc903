/**
 * Writing DER: what certificates and public keys need.
 *
 * @module
 */

import { concatBytes } from "../bytes.ts";

/** One element: tag, length in its shortest form, content. Lengths are below 2^16. */
export function derElement(tag: number, ...contents: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...contents);
  const length = content.length;
  const header =
    length < 0x80 ? [tag, length] : length < 0x100 ? [tag, 0x81, length] : [tag, 0x82, length >>> 8, length & 0xff];
  return concatBytes(Uint8Array.from(header), content);
}

/** A bit string of whole bytes. */
export function derBitString(...contents: readonly Uint8Array[]): Uint8Array {
  return derElement(0x03, Uint8Array.of(0), ...contents);
}

/** The integer that big-endian bytes without sign stand for. */
export function derUnsignedInteger(bytes: Uint8Array): Uint8Array {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const digits = bytes.subarray(start);
  return (digits[0] as number) < 0x80 ? derElement(0x02, digits) : derElement(0x02, Uint8Array.of(0), digits);
}
