/**
 * Warp messages as far as a transaction that carries one needs them: what is signed, by how many.
 *
 * Source: upstream `vms/platformvm/warp`.
 *
 * @module
 */

import { errorMessage } from "../../core/errors.ts";
import { type ID, ID_LENGTH, idFromBytes } from "../../core/ids/id.ts";
import { BLS_SIGNATURE_LENGTH } from "../../core/staking/bls.ts";
import { CodecReadError, CodecReader } from "../codec/reader.ts";
import { CodecWriter } from "../codec/writer.ts";
import { WalletError } from "./errors.ts";

/** The number of the only kind of signature. */
const BIT_SET_SIGNATURE = 0;

/** A signed message. */
export interface WarpMessage {
  readonly networkID: number;
  readonly sourceChainID: ID;
  readonly payload: Uint8Array;
  /** Big-endian: which validators signed. */
  readonly signers: Uint8Array;
  /** 96 bytes. */
  readonly signature: Uint8Array;
}

/**
 * A message with its signatures.
 *
 * @param unsigned What was signed.
 * @param signers Which validators signed, by their places in the order of their uncompressed keys.
 * @param signature 96 bytes: of all of them, as one.
 */
export function signedWarpMessage(unsigned: Uint8Array, signers: readonly number[], signature: Uint8Array): Uint8Array {
  const w = new CodecWriter().fixed(unsigned).uint32(BIT_SET_SIGNATURE);
  return w.variable(bitsOf(signers)).fixed(signature).bytes();
}

/** Big-endian, without zeros before the first bit. */
function bitsOf(places: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(Math.floor(Math.max(-1, ...places) / 8) + 1);
  for (const place of places) {
    const at = bytes.length - 1 - Math.floor(place / 8);
    bytes[at] = (bytes[at] as number) | (1 << (place % 8));
  }
  return bytes;
}

/** @throws {WalletError} `warp-message`. */
export function parseSignedWarpMessage(bytes: Uint8Array): WarpMessage {
  try {
    const reader = new CodecReader(bytes).version();
    const networkID = reader.uint32();
    const sourceChainID = idFromBytes(reader.fixed(ID_LENGTH));
    const payload = reader.variable();
    const typeID = reader.uint32();
    if (typeID !== BIT_SET_SIGNATURE) {
      throw new CodecReadError(
        { code: "unknown-type", typeID },
        `couldn't unmarshal interface: unknown type ID ${typeID}`,
      );
    }
    const signers = reader.variable();
    const signature = reader.fixed(BLS_SIGNATURE_LENGTH);
    reader.end();
    return { networkID, sourceChainID, payload, signers, signature };
  } catch (cause) {
    throw new WalletError({ code: "warp-message" }, errorMessage(cause), { cause });
  }
}

/**
 * How many validators signed.
 *
 * @throws {WalletError} `warp-message` when the bits have zeros before them that are not needed.
 */
export function countSigners({ signers }: WarpMessage): number {
  if (signers[0] === 0) throw new WalletError({ code: "warp-message" }, "bitset is invalid");
  let count = 0;
  for (const byte of signers) for (let bits = byte; bits > 0; bits &= bits - 1) count++;
  return count;
}
