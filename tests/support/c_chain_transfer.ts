/**
 * Transfers on the C-Chain: a legacy transaction of Ethereum, signed for one chain (EIP-155).
 *
 * @module
 */

import { keccak_256 } from "@noble/hashes/sha3.js";
import { concatBytes } from "../../lib/core/bytes.ts";
import type { Secp256k1PrivateKey } from "../../lib/core/secp256k1/private_key.ts";

/** Wei; far above what an idle chain asks for. */
const GAS_PRICE = 100_000_000_000n;
/** What a transfer takes. */
const GAS = 21_000n;

/** A transaction as it is handed in, and as gossip carries it. */
export function signTransfer(
  key: Secp256k1PrivateKey,
  { chainID, nonce, to, wei }: { chainID: bigint; nonce: number; to: Uint8Array; wei: bigint },
): Uint8Array {
  const unsigned = [integer(BigInt(nonce)), integer(GAS_PRICE), integer(GAS), to, integer(wei), new Uint8Array()];
  const hash = keccak_256(rlpList([...unsigned, integer(chainID), integer(0n), integer(0n)]));
  const signature = key.signHash(hash);
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32, 64)];
  const v = chainID * 2n + 35n + BigInt(signature[64] as number);
  return rlpList([...unsigned, integer(v), withoutZeros(r), withoutZeros(s)]);
}

function rlpList(items: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...items.map(rlpString));
  return concatBytes(rlpHeader(0xc0, body.length), body);
}

function rlpString(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 1 && (bytes[0] as number) < 0x80) return bytes;
  return concatBytes(rlpHeader(0x80, bytes.length), bytes);
}

function rlpHeader(offset: number, length: number): Uint8Array {
  if (length < 56) return Uint8Array.of(offset + length);
  const size = integer(BigInt(length));
  return concatBytes(Uint8Array.of(offset + 55 + size.length), size);
}

/** Big-endian, as short as can be; zero is empty. */
function integer(value: bigint): Uint8Array {
  const hex = value.toString(16);
  return withoutZeros(Uint8Array.from(Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, "hex")));
}

function withoutZeros(bytes: Uint8Array): Uint8Array {
  const start = bytes.findIndex((byte) => byte !== 0);
  return start === -1 ? new Uint8Array() : bytes.subarray(start);
}
