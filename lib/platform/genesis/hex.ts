/**
 * Hex as Go's `encoding/hex` takes it, with its error texts.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** Text that is no hex. */
export class HexError extends AvxError<{ readonly code: "hex-byte" | "hex-length" | "hex-prefix" }> {}

const HEX_PREFIX = "0x";
const NO_DIGIT = /[^0-9a-fA-F]/;
const GRAPHIC = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u;

/**
 * The bytes of hex digits.
 *
 * @throws {HexError} `hex-byte` at the first byte that is no digit, `hex-length` for an odd number of digits.
 */
export function hexDecode(digits: string): Uint8Array {
  const fault = NO_DIGIT.exec(digits);
  if (fault !== null) {
    const byte = Buffer.from(digits.slice(fault.index))[0] as number;
    throw new HexError({ code: "hex-byte" }, `encoding/hex: invalid byte: ${unicode(byte)}`);
  }
  if (digits.length % 2 !== 0) throw new HexError({ code: "hex-length" }, "encoding/hex: odd length hex string");
  return new Uint8Array(Buffer.from(digits, "hex"));
}

/**
 * The bytes of hex digits behind `0x`; of an empty text, none (upstream `utils/formatting`, `HexNC`).
 *
 * @throws {HexError} `hex-prefix`, or as {@link hexDecode}.
 */
export function prefixedHexDecode(text: string): Uint8Array {
  if (text === "") return new Uint8Array();
  if (!text.startsWith(HEX_PREFIX)) throw new HexError({ code: "hex-prefix" }, "missing 0x prefix to hex encoding");
  return hexDecode(text.slice(HEX_PREFIX.length));
}

/** Go's `%#U`: a byte taken for a code point, and what it looks like. */
function unicode(byte: number): string {
  const character = String.fromCharCode(byte);
  const point = `U+${byte.toString(16).toUpperCase().padStart(4, "0")}`;
  return GRAPHIC.test(character) || character === " " ? `${point} '${character}'` : point;
}
