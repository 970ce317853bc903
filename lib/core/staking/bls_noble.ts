/**
 * BLS in JavaScript, by @noble/curves: slower, and it runs everywhere.
 *
 * @module
 */

import { bls12_381 } from "@noble/curves/bls12-381.js";
import { type BLSBackend, CIPHERSUITES, type PointFault } from "./bls_backend.ts";

const { G1, G2, fields, longSignatures } = bls12_381;

const FIELD_LENGTH = 48;
/** The three highest bits of a compressed point are flags. */
const FLAGS = 0xe0;
/** The curve's b in G1; in G2 it is 4 + 4i. */
const B = 4n;

export const nobleBackend: BLSBackend = {
  name: "noble",
  publicKey: (secretKey) => longSignatures.getPublicKey(secretKey).toBytes(),
  sign: (secretKey, message, suite) => longSignatures.sign(hashed(message, CIPHERSUITES[suite]), secretKey).toBytes(),
  verify: (publicKey, signature, message, suite) =>
    longSignatures.verify(signature, hashed(message, CIPHERSUITES[suite]), publicKey),
  publicKeyFault: (bytes) =>
    fault(
      () => G1.Point.fromBytes(bytes),
      () => isOnG1(bytes),
    ),
  signatureFault: (bytes) =>
    fault(
      () => G2.Point.fromBytes(bytes),
      () => isOnG2(bytes),
    ),
  uncompress: (publicKey) => G1.Point.fromBytes(publicKey).toBytes(false),
};

function hashed(message: Uint8Array, tag: string) {
  return longSignatures.hash(message, tag);
}

/** The library reads a point and checks its group in one step: where that fails, the curve tells which it was. */
function fault(read: () => unknown, isOnCurve: () => boolean): PointFault | undefined {
  try {
    read();
    return undefined;
  } catch {
    return isOnCurve() ? "not-in-group" : "no-point";
  }
}

/** Whether some y belongs to the x of a compressed point: x³ + b is a square. */
function isOnG1(bytes: Uint8Array): boolean {
  const { Fp } = fields;
  const x = coordinate(bytes, 0);
  return x < Fp.ORDER && hasRoot(() => Fp.sqrt(Fp.add(Fp.pow(x, 3n), B)));
}

function isOnG2(bytes: Uint8Array): boolean {
  const { Fp, Fp2 } = fields;
  const c1 = coordinate(bytes, 0);
  const c0 = coordinate(bytes, FIELD_LENGTH);
  if (c0 >= Fp.ORDER || c1 >= Fp.ORDER) return false;
  return hasRoot(() => Fp2.sqrt(Fp2.add(Fp2.pow({ c0, c1 }, 3n), { c0: B, c1: B })));
}

function hasRoot(sqrt: () => unknown): boolean {
  try {
    sqrt();
    return true;
  } catch {
    return false;
  }
}

function coordinate(bytes: Uint8Array, offset: number): bigint {
  const field = Buffer.from(bytes.subarray(offset, offset + FIELD_LENGTH));
  if (offset === 0) field[0] = (field[0] as number) & ~FLAGS;
  return BigInt(`0x${field.toString("hex")}`);
}
