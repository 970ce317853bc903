/**
 * Public keys of wallets, 33 bytes compressed, and the two kinds of address that they have.
 *
 * @module
 */

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { toHex } from "../bytes.ts";
import { ripemd160, sha256 } from "../hashing.ts";
import { Secp256k1Error } from "./errors.ts";

/** Bytes of a compressed public key: upstream `secp256k1.PublicKeyLen`. */
export const PUBLIC_KEY_LENGTH = 33;

/**
 * Checks that bytes are a compressed public key.
 *
 * @returns The same bytes.
 * @throws {Secp256k1Error} `length`, or `public-key` when they are no point of the curve.
 */
export function parsePublicKey(bytes: Uint8Array): Uint8Array {
  point(bytes);
  return bytes;
}

/**
 * The address that X-, P- and C-Chain UTXOs are owned by: ripemd160(sha256(key)), 20 bytes.
 *
 * @param publicKey Compressed, 33 bytes.
 */
export function publicKeyAddress(publicKey: Uint8Array): Uint8Array {
  return ripemd160(sha256(publicKey));
}

/**
 * The Ethereum address of a key: the last 20 bytes of keccak256 of the uncompressed point.
 *
 * @param publicKey Compressed, 33 bytes.
 * @throws {Secp256k1Error} As {@link parsePublicKey}.
 */
export function publicKeyEthAddress(publicKey: Uint8Array): Uint8Array {
  return keccak_256(point(publicKey).toBytes(false).subarray(1)).subarray(12);
}

/**
 * An Ethereum address in its checksummed text form (EIP-55).
 *
 * @param address 20 bytes.
 *
 * @example
 * ```ts
 * const ewoq = parsePrivateKey("PrivateKey-ewoqjP7PxY4yr3iLTpLisriqt94hdyDFNgchSxGGztUrTXtNN");
 * formatEthAddress(ewoq.ethAddress); // "0x8db97C7cEcE249c2b98bDC0226Cc4C2A57BF52FC"
 * ```
 */
export function formatEthAddress(address: Uint8Array): `0x${string}` {
  const digits = toHex(address);
  const hash = toHex(keccak_256(new TextEncoder().encode(digits)));
  return `0x${Array.from(digits, (digit, i) => ((hash[i] as string) >= "8" ? digit.toUpperCase() : digit)).join("")}`;
}

function point(bytes: Uint8Array) {
  if (bytes.length !== PUBLIC_KEY_LENGTH) {
    throw new Secp256k1Error(
      { code: "length", length: bytes.length, expected: PUBLIC_KEY_LENGTH },
      `public key has unexpected length, expected ${PUBLIC_KEY_LENGTH}`,
    );
  }
  try {
    return secp256k1.Point.fromBytes(bytes);
  } catch (cause) {
    throw new Secp256k1Error({ code: "public-key" }, "invalid public key: not on the curve", { cause });
  }
}
