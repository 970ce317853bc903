/**
 * Addresses: a chain's alias, `-`, and bech32 of a short ID, such as `X-custom1…` (upstream `utils/formatting/address`).
 *
 * Errors carry the texts of the reference's bech32 library, since users know them from there.
 *
 * @module
 */

import { IdsError } from "./errors.ts";

const CHARSET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATOR = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3] as const;

/** What a checksum must come to: BIP 173 and, for bech32m, BIP 350. The reference takes either when it reads. */
const BECH32 = 1;
const BECH32M = 0x2bc830a3;

const CHECKSUM_LENGTH = 6;
/** A human-readable part, the separator and the checksum, each at its shortest. */
const MIN_LENGTH = 8;
/** BIP 173. */
const MAX_LENGTH = 90;

const SEPARATOR = "-";

/** An address taken apart. */
export interface Address {
  /** The chain's alias, such as `X`; may be empty. */
  readonly chain: string;
  /** The network's human-readable part, such as `custom`; lowercase. */
  readonly hrp: string;
  /** A short ID has 20 bytes; the address itself does not demand it. */
  readonly bytes: Uint8Array;
}

/**
 * Writes an address.
 *
 * @example
 * ```ts
 * formatAddress("X", "custom", new Uint8Array(20)); // "X-custom1qqqq…"
 * ```
 */
export function formatAddress(chainAlias: string, hrp: string, bytes: Uint8Array): string {
  return `${chainAlias}${SEPARATOR}${formatBech32(hrp, bytes)}`;
}

/**
 * Reads an address.
 *
 * @throws {IdsError} `no-separator` or `bech32`.
 *
 * @example
 * ```ts
 * const text = formatAddress("P", "custom", new Uint8Array(20));
 * parseAddress(text).hrp; // "custom"
 * ```
 */
export function parseAddress(text: string): Address {
  const separator = text.indexOf(SEPARATOR);
  if (separator < 0) throw new IdsError({ code: "no-separator" }, "no separator found in address");
  return { chain: text.slice(0, separator), ...parseBech32(text.slice(separator + 1)) };
}

/** Bech32 of bytes under a human-readable part, which is made lowercase. */
export function formatBech32(hrp: string, bytes: Uint8Array): string {
  const prefix = hrp.toLowerCase();
  const data = regroup(bytes, 8, 5);
  return `${prefix}1${toCharacters(data)}${checksum(prefix, data, BECH32)}`;
}

/**
 * Reads bech32 or bech32m. What remains of the last five bits is padded to a byte, as upstream does: bytes that are
 * no multiple of five come back with a zero byte behind them.
 *
 * @throws {IdsError} `bech32`
 */
export function parseBech32(text: string): { hrp: string; bytes: Uint8Array } {
  const length = Buffer.byteLength(text);
  if (length > MAX_LENGTH || length < MIN_LENGTH) throw malformed(`invalid bech32 string length ${length}`);
  requireOneCase(text);

  const lower = text.toLowerCase();
  const one = lower.lastIndexOf("1");
  if (one < 1 || one + 1 + CHECKSUM_LENGTH > lower.length) throw malformed(`invalid separator index ${one}`);

  const hrp = lower.slice(0, one);
  const values = toValues(lower.slice(one + 1));
  const data = values.subarray(0, values.length - CHECKSUM_LENGTH);
  const sum = polymod(hrp, values);
  if (sum !== BECH32 && sum !== BECH32M) {
    // The reference writes both sums into one buffer, so its second text begins with the first.
    const expected = checksum(hrp, data, BECH32);
    const expectedM = expected + checksum(hrp, data, BECH32M);
    const actual = lower.slice(-CHECKSUM_LENGTH);
    throw malformed(`invalid checksum (expected (bech32=${expected}, bech32m=${expectedM}), got ${actual})`);
  }
  return { hrp, bytes: regroup(data, 5, 8) };
}

/** Characters are looked at in order, so that the first fault is the one that is told. */
function requireOneCase(text: string): void {
  let hasLower = false;
  let hasUpper = false;
  for (const byte of Buffer.from(text)) {
    if (byte < 33 || byte > 126) throw malformed(`invalid character in string: '${String.fromCharCode(byte)}'`);
    hasLower ||= byte >= 97 && byte <= 122;
    hasUpper ||= byte >= 65 && byte <= 90;
    if (hasLower && hasUpper) throw malformed("string not all lowercase or all uppercase");
  }
}

function toValues(characters: string): Uint8Array {
  return Uint8Array.from(characters, (character) => {
    const value = CHARSET.indexOf(character);
    if (value < 0) throw malformed(`invalid character not part of charset: ${character.charCodeAt(0)}`);
    return value;
  });
}

function toCharacters(values: Uint8Array): string {
  return Array.from(values, (value) => CHARSET[value]).join("");
}

function checksum(hrp: string, data: Uint8Array, constant: number): string {
  const padded = new Uint8Array(data.length + CHECKSUM_LENGTH);
  padded.set(data);
  const sum = polymod(hrp, padded) ^ constant;
  return toCharacters(Uint8Array.from({ length: CHECKSUM_LENGTH }, (_, i) => (sum >>> (5 * (5 - i))) & 31));
}

function polymod(hrp: string, values: Uint8Array): number {
  let sum = 1;
  const step = (value: number): void => {
    const top = sum >>> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (let i = 0; i < GENERATOR.length; i++) {
      if ((top >>> i) & 1) sum ^= GENERATOR[i] as number;
    }
  };
  const codes = Array.from(hrp, (character) => character.charCodeAt(0));
  for (const code of codes) step(code >>> 5);
  step(0);
  for (const code of codes) step(code & 31);
  for (const value of values) step(value);
  return sum;
}

/** Bits in groups of `from` as groups of `to`, the last one filled up with zeros. */
function regroup(values: Uint8Array, from: number, to: number): Uint8Array {
  const groups: number[] = [];
  let bits = 0;
  let held = 0;
  for (const value of values) {
    held = ((held << from) | value) & 0xfff;
    bits += from;
    while (bits >= to) {
      bits -= to;
      groups.push((held >>> bits) & ((1 << to) - 1));
    }
  }
  if (bits > 0) groups.push((held << (to - bits)) & ((1 << to) - 1));
  return Uint8Array.from(groups);
}

function malformed(message: string): IdsError {
  return new IdsError({ code: "bech32" }, message);
}
