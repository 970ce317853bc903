/**
 * Messages that a chain's validators sign, so that other chains can trust them (upstream `vms/platformvm/warp`).
 *
 * @module
 */

import { concatBytes } from "../../../core/bytes.ts";
import { sha256 } from "../../../core/hashing.ts";
import { type ID, ID_LENGTH, idFromBytes, idToBytes } from "../../../core/ids/id.ts";
import { WarpError } from "./errors.ts";

/** Says on which network and which chain something is so. */
export interface UnsignedWarpMessage {
  /** A `uint32`. */
  readonly networkID: number;
  readonly sourceChainID: ID;
  readonly payload: Uint8Array;
}

const UINT32_LENGTH = 4;
/** The codec's version, 2 bytes, before all else. */
const CODEC_VERSION = new Uint8Array(2);
/** What kind of payload it is, 4 bytes. */
const HASH_TYPE = uint32(0);
const ADDRESSED_CALL_TYPE = uint32(1);

/**
 * The bytes of a message: what is signed.
 *
 * 1. The codec's version, 0, as `uint16`.
 * 2. The network ID as `uint32`.
 * 3. The chain ID.
 * 4. The payload, its length before it as `uint32`.
 *
 * @example
 * ```ts
 * const bytes = warpMessageBytes({ networkID: 1, sourceChainID: EMPTY_ID, payload: hashPayload(EMPTY_ID) });
 * ```
 */
export function warpMessageBytes({ networkID, payload, sourceChainID }: UnsignedWarpMessage): Uint8Array {
  return concatBytes(CODEC_VERSION, uint32(networkID), idToBytes(sourceChainID), lengthPrefixed(payload));
}

/**
 * The ID of a message: sha256 of its bytes.
 *
 * @example
 * ```ts
 * const bytes = warpMessageBytes({ networkID: 1, sourceChainID: EMPTY_ID, payload: new Uint8Array() });
 * warpMessageID(bytes);
 * ```
 */
export function warpMessageID(bytes: Uint8Array): ID {
  return idFromBytes(sha256(bytes));
}

/**
 * Reads a message.
 *
 * @returns Its payload is a copy.
 * @throws {WarpError} `unknown-version`, `too-short`, `extra-bytes`.
 *
 * @example
 * ```ts
 * const bytes = warpMessageBytes({ networkID: 1, sourceChainID: EMPTY_ID, payload: Uint8Array.of(7) });
 * parseWarpMessage(bytes).payload; // one byte, 7
 * ```
 */
export function parseWarpMessage(bytes: Uint8Array): UnsignedWarpMessage {
  const fixed = CODEC_VERSION.length + UINT32_LENGTH + ID_LENGTH + UINT32_LENGTH;
  if (bytes.length < fixed) throw tooShort();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const version = view.getUint16(0);
  if (version !== 0) throw new WarpError({ code: "unknown-version", version }, "unknown codec version");
  const chainStart = CODEC_VERSION.length + UINT32_LENGTH;
  const length = view.getUint32(chainStart + ID_LENGTH);
  if (bytes.length < fixed + length) throw tooShort();
  if (bytes.length > fixed + length) throw new WarpError({ code: "extra-bytes" }, "trailing buffer space");
  return {
    networkID: view.getUint32(CODEC_VERSION.length),
    sourceChainID: idFromBytes(bytes.subarray(chainStart, chainStart + ID_LENGTH)),
    payload: bytes.slice(fixed),
  };
}

/**
 * The payload that says: this block of the source chain is accepted.
 *
 * @param hash The block's.
 *
 * @example
 * ```ts
 * const blockID = parseID("11111111111111111111111111111111LpoYY");
 * hashPayload(blockID);
 * ```
 */
export function hashPayload(hash: ID): Uint8Array {
  return concatBytes(CODEC_VERSION, HASH_TYPE, idToBytes(hash));
}

/**
 * The payload of a call: something that an address of the source chain has said.
 *
 * @param sourceAddress Of a chain whose addresses are 20 bytes, those; empty where the chain itself speaks.
 *
 * @example
 * ```ts
 * addressedCallPayload(new Uint8Array(20), new TextEncoder().encode("so it is"));
 * ```
 */
export function addressedCallPayload(sourceAddress: Uint8Array, payload: Uint8Array): Uint8Array {
  return concatBytes(CODEC_VERSION, ADDRESSED_CALL_TYPE, lengthPrefixed(sourceAddress), lengthPrefixed(payload));
}

function lengthPrefixed(bytes: Uint8Array): Uint8Array {
  return concatBytes(uint32(bytes.length), bytes);
}

function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(UINT32_LENGTH);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

function tooShort(): WarpError {
  return new WarpError({ code: "too-short" }, "insufficient length");
}
