/**
 * Base64 as Go's standard decoder takes it: padded, line breaks passed over, everything else refused with its place.
 *
 * The runtimes' own decoders pass over what they do not know, and a content flag that was cut short would be taken for
 * a shorter one.
 *
 * @module
 */

import { AvxError } from "./errors.ts";

/** Text that is no base64. `offset` counts bytes from 0. */
export class Base64Error extends AvxError<{ readonly code: "base64"; readonly offset: number }> {
  constructor(offset: number) {
    super({ code: "base64", offset }, `illegal base64 data at input byte ${offset}`);
  }
}

const WELL_FORMED = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const DIGITS = new Set(Buffer.from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"));
const PADDING = 0x3d;
const CARRIAGE_RETURN = 0x0d;
const LINE_FEED = 0x0a;

/**
 * The bytes of a base64 text.
 *
 * @throws {Base64Error} Where Go's `base64.StdEncoding` refuses, with its text.
 *
 * @example
 * ```ts
 * base64Decode("aGk="); // the two bytes of "hi"
 * ```
 */
export function base64Decode(text: string): Uint8Array {
  const joined = /[\r\n]/.test(text) ? text.replace(/[\r\n]/g, "") : text;
  if (!WELL_FORMED.test(joined)) throw new Base64Error(faultOffset(Buffer.from(text)));
  return new Uint8Array(Buffer.from(joined, "base64"));
}

/** Walks groups of four as Go's decoder does, up to the byte that it names. */
function faultOffset(bytes: Uint8Array): number {
  const isBreak = (at: number) => bytes[at] === LINE_FEED || bytes[at] === CARRIAGE_RETURN;
  let at = 0;
  for (let inGroup = 0; ; inGroup = (inGroup + 1) % 4) {
    while (isBreak(at)) at++;
    // Go counts back by what the group holds, line breaks or not.
    if (at >= bytes.length) return at - inGroup;
    const byte = bytes[at++] as number;
    if (DIGITS.has(byte)) continue;
    if (byte !== PADDING || inGroup < 2) return at - 1;
    if (inGroup === 2) {
      while (isBreak(at)) at++;
      if (at >= bytes.length) return bytes.length;
      if (bytes[at] !== PADDING) return at - 1;
      at++;
    }
    while (isBreak(at)) at++;
    return at;
  }
}
