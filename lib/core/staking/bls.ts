/**
 * BLS keys and signatures of nodes (upstream `utils/crypto/bls`).
 *
 * Everything is bytes: a public key 48 and a signature 96, both compressed, a secret key 32 and big-endian. What comes
 * from a stranger is checked once, by {@link parseBLSPublicKey} and {@link parseBLSSignature}; what has passed is
 * taken as sound from then on.
 *
 * Each function takes a backend as its last argument, for tests; by default the native one is used where its addon
 * loads, and the portable one, ten times slower, elsewhere.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { BytesCache } from "../bytes_cache.ts";
import type { BLSBackend, PointFault } from "./bls_backend.ts";
import { blstBackend } from "./bls_blst.ts";
import { nobleBackend } from "./bls_noble.ts";
import { StakingError } from "./errors.ts";

/** Lengths in bytes. */
export const BLS_SECRET_KEY_LENGTH = 32;
export const BLS_PUBLIC_KEY_LENGTH = 48;
export const BLS_SIGNATURE_LENGTH = 96;

/** The order of the groups: a secret key is above zero and below it. */
const ORDER = 0x73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001n;

/** Flags in the first byte of a point: that it is compressed, and that it is infinity. */
const COMPRESSED = 0x80;
const INFINITY = 0x40;

/** A BLS secret key at work. */
export interface BLSSigner {
  /** 48 bytes, compressed. */
  readonly publicKey: Uint8Array;
  /** 32 bytes: what is kept in a file. */
  secretKeyBytes(): Uint8Array;
  /** Signs a message. */
  sign(message: Uint8Array): Uint8Array;
  /** Signs something that tells of the key itself: the public key, an IP. */
  signProofOfPossession(message: Uint8Array): Uint8Array;
}

let chosen: BLSBackend | undefined;

/** The native backend where its addon loads, else the portable one. Found out at the first call. */
export function blsBackend(): BLSBackend {
  chosen ??= blstBackend() ?? nobleBackend;
  return chosen;
}

/**
 * Makes a new key from the runtime's cryptographic chance.
 *
 * @example
 * ```ts
 * const signer = newBLSSigner();
 * const signature = signer.sign(new TextEncoder().encode("hello")); // 96 bytes
 * ```
 */
export function newBLSSigner(backend: BLSBackend = blsBackend()): BLSSigner {
  // About every other draw is below the order.
  let secretKey: Uint8Array;
  do secretKey = new Uint8Array(randomBytes(BLS_SECRET_KEY_LENGTH));
  while (!isSecretKey(secretKey));
  return signer(secretKey, backend);
}

/**
 * The signer of a kept key.
 *
 * @throws {StakingError} `bls-secret-key` unless there are 32 bytes, above zero and below the order.
 *
 * @example
 * ```ts
 * const kept = newBLSSigner().secretKeyBytes();
 * const signer = blsSignerFromBytes(kept);
 * ```
 */
export function blsSignerFromBytes(bytes: Uint8Array, backend: BLSBackend = blsBackend()): BLSSigner {
  if (!isSecretKey(bytes)) {
    throw new StakingError({ code: "bls-secret-key" }, "couldn't deserialize secret key");
  }
  return signer(Uint8Array.from(bytes), backend);
}

/**
 * Checks a public key: compressed, on the curve, in the group, not infinity.
 *
 * @returns The same bytes.
 * @throws {StakingError} `bls-public-key`
 */
export function parseBLSPublicKey(bytes: Uint8Array, backend: BLSBackend = blsBackend()): Uint8Array {
  const fault = pointFault(bytes, BLS_PUBLIC_KEY_LENGTH, backend, () => backend.publicKeyFault(bytes));
  if (fault === undefined) return bytes;
  const message = fault === "no-point" ? "couldn't decompress public key" : "invalid public key";
  throw new StakingError({ code: "bls-public-key" }, message);
}

/**
 * Checks a signature: compressed, on the curve, in the group. Infinity is let pass, as upstream does; no key verifies
 * it.
 *
 * @returns The same bytes.
 * @throws {StakingError} `bls-signature`
 */
export function parseBLSSignature(bytes: Uint8Array, backend: BLSBackend = blsBackend()): Uint8Array {
  const fault = pointFault(bytes, BLS_SIGNATURE_LENGTH, backend, () => backend.signatureFault(bytes));
  if (fault === undefined || fault === "infinity") return bytes;
  const message = fault === "no-point" ? "couldn't decompress signature" : "invalid signature";
  throw new StakingError({ code: "bls-signature" }, message);
}

/**
 * Whether a signature is of this key over this message.
 *
 * @param publicKey Has passed {@link parseBLSPublicKey}.
 * @param signature Has passed {@link parseBLSSignature}.
 */
export function blsVerify(
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
  backend: BLSBackend = blsBackend(),
): boolean {
  return !isInfinity(signature) && backend.verify(publicKey, signature, message, "signature");
}

/** As {@link blsVerify}, for what {@link BLSSigner.signProofOfPossession} signed. */
export function blsVerifyProofOfPossession(
  publicKey: Uint8Array,
  signature: Uint8Array,
  message: Uint8Array,
  backend: BLSBackend = blsBackend(),
): boolean {
  return !isInfinity(signature) && backend.verify(publicKey, signature, message, "proof-of-possession");
}

/**
 * Several keys' signatures over one message as one, which the sum of the keys verifies.
 *
 * @param signatures At least one; each is made here, or has passed {@link parseBLSSignature}.
 * @throws {StakingError} `bls-signature` where there is none.
 */
export function aggregateBLSSignatures(
  signatures: readonly Uint8Array[],
  backend: BLSBackend = blsBackend(),
): Uint8Array {
  if (signatures.length > 0) return backend.aggregate(signatures);
  throw new StakingError({ code: "bls-signature" }, "no signatures");
}

/** The 96 bytes, x and y, of a public key that has passed {@link parseBLSPublicKey}. */
export function uncompressBLSPublicKey(publicKey: Uint8Array, backend: BLSBackend = blsBackend()): Uint8Array {
  return backend.uncompress(publicKey);
}

function signer(secretKey: Uint8Array, backend: BLSBackend): BLSSigner {
  return {
    publicKey: backend.publicKey(secretKey),
    secretKeyBytes: () => Uint8Array.from(secretKey),
    sign: (message) => backend.sign(secretKey, message, "signature"),
    signProofOfPossession: (message) => backend.sign(secretKey, message, "proof-of-possession"),
  };
}

function isSecretKey(bytes: Uint8Array): boolean {
  if (bytes.length !== BLS_SECRET_KEY_LENGTH) return false;
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value > 0n && value < ORDER;
}

/** How many sound points are held: the keys and signatures of all validators of a large network. One takes some 150 bytes. */
const MAX_SOUND_POINTS = 4_096;

/**
 * Points that were found sound lately, by the backend that says so; keys and signatures differ in length. The nodes of
 * one process read the same genesis and meet the same peers: a check costs a tenth of a millisecond.
 */
const soundPoints = new WeakMap<BLSBackend, BytesCache<true>>();

function pointFault(
  bytes: Uint8Array,
  length: number,
  backend: BLSBackend,
  check: () => PointFault | undefined,
): PointFault | "infinity" | undefined {
  if (bytes.length !== length || ((bytes[0] as number) & COMPRESSED) === 0) return "no-point";
  if (((bytes[0] as number) & INFINITY) !== 0) return isInfinity(bytes) ? "infinity" : "no-point";
  let fault: PointFault | undefined;
  soundPointsOf(backend).getOrAdd(bytes, () => {
    fault = check();
    return fault === undefined ? true : undefined;
  });
  return fault;
}

function soundPointsOf(backend: BLSBackend): BytesCache<true> {
  let sound = soundPoints.get(backend);
  if (sound === undefined) {
    sound = new BytesCache(MAX_SOUND_POINTS);
    soundPoints.set(backend, sound);
  }
  return sound;
}

/** Whether a point is infinity in its only form: both flags and nothing else. */
function isInfinity(point: Uint8Array): boolean {
  return point[0] === (COMPRESSED | INFINITY) && point.every((byte, i) => i === 0 || byte === 0);
}
