/**
 * TLS signatures over sha256 of a message, as identities make and check them.
 *
 * @module
 */

import { type KeyObject, sign, verify } from "node:crypto";
import { P256 } from "./curve.ts";
import { DERReader, isNegativeInteger, Tag } from "./der.ts";
import type { KeyType } from "./public_key.ts";

const HASH = "sha256";

/** Bytes of r and of s. */
const COORDINATE_LENGTH = P256.coordinateLength;

/** Bytes of a modulus, and so of a signature. */
const RSA_SIGNATURE_LENGTH = { "rsa-2048": 256, "rsa-4096": 512 } as const;

/** Signs sha256 of a message: ECDSA as DER, RSA by PKCS#1 v1.5. */
export function signWith(privateKey: KeyObject, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign(HASH, message, privateKey));
}

/** Whether a signature over sha256 of a message is of this key. */
export function verifyWith(
  keyType: KeyType,
  publicKey: KeyObject,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (keyType !== "ecdsa-p256") {
    // PKCS#1 v1.5 is what the runtimes take for an RSA key when no padding is named.
    return signature.length === RSA_SIGNATURE_LENGTH[keyType] && verifies(publicKey, message, signature);
  }
  const numbers = ecdsaNumbers(signature);
  return numbers !== undefined && verifies({ key: publicKey, dsaEncoding: "ieee-p1363" as const }, message, numbers);
}

/** A runtime may throw where another says no, since a stranger chose the key: both mean no. */
function verifies(key: Parameters<typeof verify>[2], message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(HASH, message, key, signature);
  } catch {
    return false;
  }
}

/**
 * r and s, 32 bytes each, from a signature in DER. It is read here because runtimes differ in what they forgive, and
 * two nodes that differ about a signature no longer see the same network.
 */
function ecdsaNumbers(signature: Uint8Array): Uint8Array | undefined {
  const outer = new DERReader(signature);
  const sequence = outer.read(Tag.Sequence);
  if (sequence === undefined || !outer.isEmpty) return undefined;
  const r = sequence.readInteger();
  const s = sequence.readInteger();
  if (r === undefined || s === undefined || !sequence.isEmpty) return undefined;

  const numbers = new Uint8Array(2 * COORDINATE_LENGTH);
  return place(r, numbers, COORDINATE_LENGTH) && place(s, numbers, 2 * COORDINATE_LENGTH) ? numbers : undefined;
}

/** Writes a number that is not negative so that it ends at `end`; `false` where it takes more than 32 bytes. */
function place(integer: Uint8Array, numbers: Uint8Array, end: number): boolean {
  if (isNegativeInteger(integer)) return false;
  const digits = integer[0] === 0 ? integer.subarray(1) : integer;
  if (digits.length > COORDINATE_LENGTH) return false;
  numbers.set(digits, end - digits.length);
  return true;
}
