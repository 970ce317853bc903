/**
 * BLS in JavaScript, by @noble/curves: slower, and it runs everywhere.
 *
 * The library is loaded at the first call: with a native backend, most programs never need it.
 *
 * @module
 */

import { createRequire } from "node:module";
import { BytesCache } from "../bytes_cache.ts";
import { type BLSBackend, CIPHERSUITES, type PointFault } from "./bls_backend.ts";

type BLS12381 = typeof import("@noble/curves/bls12-381.js")["bls12_381"];
type PublicKeyPoint = BLS12381["G1"]["Point"]["BASE"];
type SignaturePoint = BLS12381["G2"]["Point"]["BASE"];

const FIELD_LENGTH = 48;
/** The three highest bits of a compressed point are flags. */
const FLAGS = 0xe0;
/** The curve's b in G1; in G2 it is 4 + 4i. */
const B = 4n;

/** How many keys are held ready: those of all validators of a large network. A key takes some 500 bytes. */
const MAX_PUBLIC_KEYS = 2_048;
/** A signature is checked soon after it was read. */
const MAX_SIGNATURES = 64;

let loaded: BLS12381 | undefined;

function library(): BLS12381 {
  loaded ??= load();
  return loaded;
}

/** By a `require` that the bundler sees, and by one of its own where modules have none, as in Deno. */
function load(): BLS12381 {
  if (typeof require === "function") return require("@noble/curves/bls12-381.js").bls12_381;
  return createRequire(import.meta.url)("@noble/curves/bls12-381.js").bls12_381;
}

/** Points that were read and checked lately, by their bytes: both cost a tenth of what verifying does. */
const publicKeys = new BytesCache<PublicKeyPoint>(MAX_PUBLIC_KEYS);
const signatures = new BytesCache<SignaturePoint>(MAX_SIGNATURES);

export const nobleBackend: BLSBackend = {
  name: "noble",
  publicKey: (secretKey) => library().longSignatures.getPublicKey(secretKey).toBytes(),
  sign: (secretKey, message, suite) => {
    const { G2, longSignatures } = library();
    // The library's own `sign` would check that the message's point is in the group, which hashing has seen to.
    const hashed = longSignatures.hash(message, CIPHERSUITES[suite]);
    return hashed.multiply(G2.Point.Fn.fromBytes(secretKey)).toBytes();
  },
  verify: (publicKey, signature, message, suite) => {
    const hashed = library().longSignatures.hash(message, CIPHERSUITES[suite]);
    return isPaired(publicKeyPoint(publicKey), hashed, signaturePoint(signature));
  },
  publicKeyFault: (bytes) =>
    fault(
      () => publicKeyPoint(bytes),
      () => isOnG1(bytes),
    ),
  signatureFault: (bytes) =>
    fault(
      () => signaturePoint(bytes),
      () => isOnG2(bytes),
    ),
  aggregate: (parts) => parts.reduce((sum, part) => sum.add(signaturePoint(part)), library().G2.Point.ZERO).toBytes(),
  uncompress: (publicKey) => publicKeyPoint(publicKey).toBytes(false),
};

/** @throws when the bytes are no point of the group. */
function publicKeyPoint(bytes: Uint8Array): PublicKeyPoint {
  return publicKeys.getOrAdd(bytes, () => library().G1.Point.fromBytes(bytes));
}

/** @throws when the bytes are no point of the group. */
function signaturePoint(bytes: Uint8Array): SignaturePoint {
  return signatures.getOrAdd(bytes, () => library().G2.Point.fromBytes(bytes));
}

/**
 * Whether e(key, message) = e(base, signature): the product of the second and of the first with the key turned round
 * is one. What the library's `verify` does, without checking the three points' groups anew.
 */
function isPaired(publicKey: PublicKeyPoint, message: SignaturePoint, signature: SignaturePoint): boolean {
  const { G1, fields, millerLoopBatch, utils } = library();
  const key = publicKey.negate().toAffine();
  const base = G1.Point.BASE.toAffine();
  const product = millerLoopBatch([
    [utils.calcPairingPrecomputes(message), key.x, key.y],
    [utils.calcPairingPrecomputes(signature), base.x, base.y],
  ]);
  return fields.Fp12.eql(fields.Fp12.finalExponentiate(product), fields.Fp12.ONE);
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
  const { Fp } = library().fields;
  const x = coordinate(bytes, 0);
  return x < Fp.ORDER && hasRoot(() => Fp.sqrt(Fp.add(Fp.pow(x, 3n), B)));
}

function isOnG2(bytes: Uint8Array): boolean {
  const { Fp, Fp2 } = library().fields;
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
