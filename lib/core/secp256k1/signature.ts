/**
 * Recoverable signatures: `r || s || v`, 65 bytes, from which the signer's public key follows.
 *
 * @module
 */

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { bytesEqual } from "../bytes.ts";
import { sha256 } from "../hashing.ts";
import { Secp256k1Error } from "./errors.ts";
import { publicKeyAddress } from "./public_key.ts";

/** Bytes of a recoverable signature: upstream `secp256k1.SignatureLen`. */
export const SIGNATURE_LENGTH = 65;

/** Bytes of what is signed: a sha256. */
export const HASH_LENGTH = 32;

const ORDER = secp256k1.Point.Fn.ORDER;
const HALF_ORDER = ORDER / 2n;

/** `v` from this up to, not including, twice it stands for a compressed key, which is not used here. */
const COMPRESSED_FROM = 4;

/**
 * Signs a hash; the same key and hash give the same signature (RFC 6979), with `s` in the lower half.
 *
 * @param hash 32 bytes.
 * @param secret A scalar from 1 up to the group's order, 32 bytes.
 * @throws {Secp256k1Error} `length` of the hash.
 */
export function signRecoverable(hash: Uint8Array, secret: Uint8Array): Uint8Array {
  checkHash(hash);
  const signed = secp256k1.sign(hash, secret, { prehash: false, format: "recovered" });
  const signature = new Uint8Array(SIGNATURE_LENGTH);
  signature.set(signed.subarray(1));
  signature[SIGNATURE_LENGTH - 1] = signed[0] as number;
  return signature;
}

/**
 * The public key that signed a message, compressed.
 *
 * @param signature 65 bytes over sha256(message).
 * @throws {Secp256k1Error} As {@link recoverFromHash}.
 */
export function recover(message: Uint8Array, signature: Uint8Array): Uint8Array {
  return recoverFromHash(sha256(message), signature);
}

/**
 * The public key that signed a hash, compressed.
 *
 * @param hash 32 bytes.
 * @throws {Secp256k1Error} `length`, `mutated-signature`, `compressed` or `signature`, checked in upstream's order.
 */
export function recoverFromHash(hash: Uint8Array, signature: Uint8Array): Uint8Array {
  checkHash(hash);
  if (signature.length !== SIGNATURE_LENGTH) {
    throw new Secp256k1Error(
      { code: "length", length: signature.length, expected: SIGNATURE_LENGTH },
      "invalid signature length",
    );
  }
  if (scalar(signature.subarray(32, 64)) % ORDER > HALF_ORDER) {
    throw new Secp256k1Error({ code: "mutated-signature" }, "signature was mutated from its original format");
  }

  const v = signature[SIGNATURE_LENGTH - 1] as number;
  if (v >= 2 * COMPRESSED_FROM) throw invalidSignature();
  const publicKey = recoverPoint(hash, signature, v % COMPRESSED_FROM);
  if (v >= COMPRESSED_FROM) {
    throw new Secp256k1Error({ code: "compressed" }, "wasn't expecting a compressed key");
  }
  return publicKey;
}

/**
 * Whether a signature over sha256(message) is of this key.
 *
 * @param publicKey Compressed, 33 bytes.
 */
export function verifySignature(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return bytesEqual(publicKeyAddress(recover(message, signature)), publicKeyAddress(publicKey));
  } catch (error) {
    if (error instanceof Secp256k1Error) return false;
    throw error;
  }
}

function recoverPoint(hash: Uint8Array, signature: Uint8Array, recovery: number): Uint8Array {
  const recovered = new Uint8Array(SIGNATURE_LENGTH);
  recovered[0] = recovery;
  recovered.set(signature.subarray(0, SIGNATURE_LENGTH - 1), 1);
  try {
    return secp256k1.recoverPublicKey(recovered, hash, { prehash: false });
  } catch (cause) {
    throw invalidSignature(cause);
  }
}

function checkHash(hash: Uint8Array): void {
  if (hash.length === HASH_LENGTH) return;
  throw new Secp256k1Error(
    { code: "length", length: hash.length, expected: HASH_LENGTH },
    `hash has unexpected length, expected ${HASH_LENGTH}`,
  );
}

function invalidSignature(cause?: unknown): Secp256k1Error {
  return new Secp256k1Error({ code: "signature" }, "invalid signature", { cause });
}

/** A big-endian number. */
export function scalar(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}
