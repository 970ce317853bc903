/**
 * The keys that a staking certificate may hold: ECDSA on P-256, RSA of 2048 or 4096 bits (upstream
 * `staking/parse.go`).
 *
 * @module
 */

import { createPublicKey, type KeyObject } from "node:crypto";
import { bytesEqual } from "../bytes.ts";
import { isPointOn, P256 } from "./curve.ts";
import { DERReader, integerValue, isNegativeInteger, Tag } from "./der.ts";
import { derBitString, derElement, derUnsignedInteger } from "./der_writer.ts";
import { StakingError } from "./errors.ts";

/** Which kind of key a certificate holds. */
export type KeyType = "ecdsa-p256" | "rsa-2048" | "rsa-4096";

/** A key that was read. */
export type StakingPublicKey =
  /** `point` is 65 bytes: 4, x, y. */
  | { readonly keyType: "ecdsa-p256"; readonly point: Uint8Array }
  /** `modulus` is big-endian without sign; the exponent is always 65537. */
  | { readonly keyType: "rsa-2048" | "rsa-4096"; readonly modulus: Uint8Array };

/** An RSA key before it is known to be one that a node may have. */
export interface RSANumbers {
  /** Content of a DER integer. */
  readonly modulus: Uint8Array;
  /** Content of a DER integer. */
  readonly exponent: Uint8Array;
}

/** Contents of object identifiers (RFC 3279, RFC 5480). */
export const OID_RSA = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01);
export const OID_EC = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01);
export const OID_P256 = Uint8Array.of(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07);

/** 65537, the only public exponent of the reference. */
const RSA_EXPONENT = 65_537n;
const RSA_EXPONENT_BYTES = Uint8Array.of(0x01, 0x00, 0x01);
/** Go reads an exponent into 64 bits. */
const MAX_EXPONENT_LENGTH = 8;

const NULL = Uint8Array.of(0x05, 0x00);

/**
 * Reads a key from the bits of a certificate. The curve that the certificate names is not looked at.
 *
 * @param algorithm Content of the algorithm's object identifier.
 * @param bits The key's bits, right-aligned.
 * @throws {StakingError} `unsupported-key`
 */
export function parsePublicKey(algorithm: Uint8Array, bits: Uint8Array): StakingPublicKey {
  if (bytesEqual(algorithm, OID_EC)) {
    if (!isPointOn(P256, bits)) throw unsupported("staking: failed to unmarshal elliptic curve point");
    return { keyType: "ecdsa-p256", point: bits };
  }
  if (!bytesEqual(algorithm, OID_RSA)) throw unsupported("staking: unknown public key algorithm");
  const numbers = readRSANumbers(bits);
  if (typeof numbers === "string") throw unsupported(`staking: invalid RSA ${numbers}`);
  return wellFormedRSAKey(numbers);
}

/** Reads modulus and exponent, or tells which part is no sound DER. What follows them is not read. */
export function readRSANumbers(der: Uint8Array): RSANumbers | "public key" | "modulus" | "public exponent" {
  const sequence = new DERReader(der).read(Tag.Sequence);
  if (sequence === undefined) return "public key";
  const modulus = sequence.readInteger();
  if (modulus === undefined) return "modulus";
  const exponent = sequence.readInteger();
  if (exponent === undefined || exponent.length > MAX_EXPONENT_LENGTH) return "public exponent";
  return { modulus, exponent };
}

/**
 * Lets pass only the RSA keys that a node may have, with the reference's checks in its order
 * (`ValidateRSAPublicKeyIsWellFormed`).
 *
 * @throws {StakingError} `unsupported-key`
 */
export function wellFormedRSAKey(numbers: RSANumbers): StakingPublicKey {
  const modulus = numbers.modulus[0] === 0 ? numbers.modulus.subarray(1) : numbers.modulus;
  if (isNegativeInteger(numbers.modulus) || modulus.length === 0) {
    throw unsupported("staking: RSA modulus is not a positive number");
  }
  const bits = modulus.length * 8 - (Math.clz32(modulus[0] as number) - 24);
  if (bits !== 2048 && bits !== 4096) throw unsupported(`staking: unsupported RSA modulus bitlen: ${bits}`);
  if (((modulus[modulus.length - 1] as number) & 1) === 0) throw unsupported("staking: RSA modulus is an even number");
  const exponent = integerValue(numbers.exponent);
  if (exponent !== RSA_EXPONENT) throw unsupported(`staking: unsupported RSA public exponent: ${exponent}`);
  return { keyType: bits === 2048 ? "rsa-2048" : "rsa-4096", modulus };
}

/** The DER of a key as SubjectPublicKeyInfo, in the form that every library reads. */
export function publicKeyDER(key: StakingPublicKey): Uint8Array {
  if (key.keyType === "ecdsa-p256") {
    const algorithm = derElement(
      Tag.Sequence,
      derElement(Tag.ObjectIdentifier, OID_EC),
      derElement(Tag.ObjectIdentifier, OID_P256),
    );
    return derElement(Tag.Sequence, algorithm, derBitString(key.point));
  }
  const algorithm = derElement(Tag.Sequence, derElement(Tag.ObjectIdentifier, OID_RSA), NULL);
  const numbers = derElement(Tag.Sequence, derUnsignedInteger(key.modulus), derUnsignedInteger(RSA_EXPONENT_BYTES));
  return derElement(Tag.Sequence, algorithm, derBitString(numbers));
}

/** The runtime's own form of a key: costly, so made when a signature is to be checked. */
export function toKeyObject(key: StakingPublicKey): KeyObject {
  return createPublicKey({ key: Buffer.from(publicKeyDER(key)), format: "der", type: "spki" });
}

function unsupported(message: string): StakingError {
  return new StakingError({ code: "unsupported-key" }, message);
}
