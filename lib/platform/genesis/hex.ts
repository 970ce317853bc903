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
  return hexBytesDecode(Buffer.from(digits));
}

/** As {@link hexDecode}, of digits that are bytes already. */
export function hexBytesDecode(digits: Uint8Array): Uint8Array {
  // One character for each byte, whatever it is.
  const characters = Buffer.from(digits).toString("latin1");
  const fault = NO_DIGIT.exec(characters)?.[0];
  if (fault !== undefined) {
    throw new HexError({ code: "hex-byte" }, `encoding/hex: invalid byte: ${unicode(fault)}`);
  }
  if (digits.length % 2 !== 0) throw new HexError({ code: "hex-length" }, "encoding/hex: odd length hex string");
  return new Uint8Array(Buffer.from(characters, "hex"));
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

/** Go's `%#U`: a code point, and what it looks like. */
function unicode(character: string): string {
  const point = `U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`;
  return GRAPHIC.test(character) || character === " " ? `${point} '${character}'` : point;
}
