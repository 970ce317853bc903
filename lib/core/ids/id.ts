/**
 * 32-byte IDs: of chains, subnets, transactions, containers.
 *
 * An ID is its CB58 text. Equal IDs are equal strings, they are Map keys, and they print as avalanchego prints them;
 * bytes are made where the wire needs them.
 *
 * @module
 */

import { compareBytes } from "../bytes.ts";
import { sha256 } from "../hashing.ts";
import { cb58DecodeFixed, cb58DecodeTrusted, cb58Encode, requireLength } from "./cb58.ts";

declare const brand: unique symbol;

/** The CB58 text of 32 bytes; made by {@link idFromBytes} or {@link parseID}. */
export type ID = string & { readonly [brand]: "ID" };

/** Bytes of an ID. */
export const ID_LENGTH = 32;

/**
 * The ID of 32 bytes.
 *
 * @throws {IdsError} `length` unless there are 32 bytes.
 *
 * @example
 * ```ts
 * idFromBytes(new Uint8Array(32)); // "11111111111111111111111111111111LpoYY"
 * ```
 */
export function idFromBytes(bytes: Uint8Array): ID {
  requireLength(bytes, ID_LENGTH);
  return cb58Encode(bytes) as ID;
}

/**
 * The 32 bytes of an ID.
 *
 * @example
 * ```ts
 * idToBytes(PRIMARY_NETWORK_ID); // 32 zeros
 * ```
 */
export function idToBytes(id: ID): Uint8Array {
  return cb58DecodeTrusted(id, ID_LENGTH);
}

/**
 * Reads an ID as people write it.
 *
 * @throws {IdsError} `base58`, `missing-checksum`, `checksum` or `length`.
 *
 * @example
 * ```ts
 * const chainID = parseID("11111111111111111111111111111111LpoYY");
 * chainID === PRIMARY_NETWORK_ID; // true
 * ```
 */
export function parseID(text: string): ID {
  cb58DecodeFixed(text, ID_LENGTH);
  return text as ID;
}

/** 32 zero bytes. */
export const EMPTY_ID: ID = idFromBytes(new Uint8Array(ID_LENGTH));

/** The Primary Network's subnet ID (upstream `utils/constants`). */
export const PRIMARY_NETWORK_ID: ID = EMPTY_ID;

/** The P-Chain's chain ID (upstream `utils/constants`). */
export const PLATFORM_CHAIN_ID: ID = EMPTY_ID;

/**
 * sha256 of the prefixes, each a big-endian uint64, and the ID behind them.
 *
 * @param prefixes Each from 0 to 2^64 - 1.
 */
export function prefixID(id: ID, ...prefixes: readonly bigint[]): ID {
  const preimage = new Uint8Array(prefixes.length * 8 + ID_LENGTH);
  const view = new DataView(preimage.buffer);
  prefixes.forEach((prefix, i) => {
    view.setBigUint64(i * 8, prefix);
  });
  preimage.set(idToBytes(id), prefixes.length * 8);
  return idFromBytes(sha256(preimage));
}

/**
 * sha256 of the ID and the suffixes behind it, each a big-endian uint32.
 *
 * @param suffixes Each from 0 to 2^32 - 1.
 */
export function appendID(id: ID, ...suffixes: readonly number[]): ID {
  const preimage = new Uint8Array(ID_LENGTH + suffixes.length * 4);
  const view = new DataView(preimage.buffer);
  preimage.set(idToBytes(id));
  suffixes.forEach((suffix, i) => {
    view.setUint32(ID_LENGTH + i * 4, suffix);
  });
  return idFromBytes(sha256(preimage));
}

/** The ID whose bytes are the exclusive or of both. */
export function xorID(a: ID, b: ID): ID {
  const other = idToBytes(b);
  return idFromBytes(idToBytes(a).map((byte, i) => byte ^ (other[i] as number)));
}

/** Orders by bytes, as upstream's `Compare`: -1, 0 or 1. Texts sort otherwise. */
export function compareIDs(a: ID, b: ID): -1 | 0 | 1 {
  return a === b ? 0 : compareBytes(idToBytes(a), idToBytes(b));
}
