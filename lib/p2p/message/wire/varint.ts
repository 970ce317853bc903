/**
 * Varints as they nearly always are: whole numbers of up to 49 bits, written as short as can be.
 *
 * @module
 */

/** What {@link readShortVarint} gives where it gives no number. */
export const NO_VARINT = -1;

/** The most bytes of a varint that is read here: its number is exact. */
const MAX_SHORT_BYTES = 7;

/** How many bytes a varint takes. @param value A whole number from 0 to 2^53. */
export function varintLength(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < 0x1000_0000) return 4;
  let length = 5;
  for (let rest = value / 0x8_0000_0000; rest >= 1; rest /= 0x80) length++;
  return length;
}

/**
 * Writes a varint.
 *
 * @param value A whole number from 0 to 2^53.
 * @returns Where it ends.
 */
export function writeVarint(into: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  while (rest >= 0x80) {
    into[at++] = (rest % 0x80) | 0x80;
    rest = rest < 0x8000_0000 ? rest >> 7 : Math.floor(rest / 0x80);
  }
  into[at] = rest;
  return at + 1;
}

/**
 * Reads a varint that is as short as it can be: it takes `varintLength` bytes.
 *
 * @returns {@link NO_VARINT} where there is none, or a longer one, or one that could be shorter.
 */
export function readShortVarint(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  let unit = 1;
  const last = Math.min(end, start + MAX_SHORT_BYTES);
  for (let at = start; at < last; at++) {
    const byte = bytes[at] as number;
    value += (byte & 0x7f) * unit;
    if (byte < 0x80) return byte === 0 && at > start ? NO_VARINT : value;
    unit *= 0x80;
  }
  return NO_VARINT;
}
