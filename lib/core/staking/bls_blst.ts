/**
 * BLS by blst, through two addons.
 *
 * The published addon reads and checks points, which every handshake needs, and makes and checks plain signatures. The
 * derived one makes and checks proofs of possession. It is loaded when the first of them is asked for, and used if it
 * then gives a known answer; else proofs are left to the portable backend, once their points were checked here.
 *
 * @module
 */

import { bytesEqual } from "../bytes.ts";
import { type BLSTAddon, proofAddon, signatureAddon } from "./bls_addon.ts";
import type { BLSBackend, Ciphersuite, PointFault } from "./bls_backend.ts";
import { nobleBackend } from "./bls_noble.ts";

/** Signs and verifies with one domain separation tag. */
interface Signing {
  readonly name: BLSBackend["name"];
  sign(secretKey: Uint8Array, message: Uint8Array): Uint8Array;
  verify(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean;
}

/**
 * A proof of possession that the derived addon must make and accept: recorded from avalanchego, `staking.json`.
 *
 * The same key's plain signature over the same message is another.
 */
const KNOWN_ANSWER = {
  secretKey: "267f39a98a78a9d4ead6445ae747ff6db1eba54498cc13cc64551be1c746d6ad",
  message: "deb2129264673e594754e6b98904278ef8fe89a8a8ed6d9aabbd",
  signature:
    "a1a9649ccaa4d573673f0a2fbd06ceb1a3574743db1b0c7c9ba9e3b67270eb16f9a91229b476f1c3c2b58a83bbeb9f25196c1ac416f1ef48bc5cedd838ce3ec50b1c84ca415bd19ed38da0604cf3635cd2812389af84d85cdf1abc9d80d9acfe",
};

let loaded: BLSBackend | undefined | "missing";

/** The native backend, or `undefined` where the published addon is not there or does not load. */
export function blstBackend(): BLSBackend | undefined {
  loaded ??= load();
  return loaded === "missing" ? undefined : loaded;
}

function load(): BLSBackend | "missing" {
  const addon = signatureAddon();
  return addon === undefined ? "missing" : createBlstBackend(addon, proofAddon);
}

/**
 * Puts a backend together.
 *
 * @param addon The published addon.
 * @param loadProofAddon Called once, when a proof of possession is first asked for. What it returns is used only if it
 * gives the known answer.
 */
export function createBlstBackend(addon: BLSTAddon, loadProofAddon: () => BLSTAddon | undefined): BLSBackend {
  const { PublicKey, SecretKey, Signature } = addon;
  const signatures = addonSigning(addon);
  let proofs: Signing | undefined;
  const signing = (suite: Ciphersuite): Signing => {
    if (suite === "signature") return signatures;
    proofs ??= proofSigning(loadProofAddon());
    return proofs;
  };
  return {
    get name() {
      return signing("proof-of-possession").name;
    },
    publicKey: (secretKey) => plain(SecretKey.fromBytes(secretKey).toPublicKey().toBytes()),
    sign: (secretKey, message, suite) => signing(suite).sign(secretKey, message),
    verify: (publicKey, signature, message, suite) => signing(suite).verify(publicKey, signature, message),
    publicKeyFault: (bytes) =>
      fault(
        () => PublicKey.fromBytes(bytes),
        (point) => point.keyValidate(),
      ),
    signatureFault: (bytes) =>
      fault(
        () => Signature.fromBytes(bytes),
        (point) => point.sigValidate(false),
      ),
    aggregate: (signatures) => plain(addon.aggregateSerializedSignatures([...signatures], false).toBytes()),
    uncompress: (publicKey) => plain(PublicKey.fromBytes(publicKey).toBytes(false)),
  };
}

/** Each addon has classes of its own, and takes no other's: points go from one to the other as bytes. */
function addonSigning({ PublicKey, SecretKey, Signature, verify }: BLSTAddon): Signing {
  return {
    name: "blst",
    sign: (secretKey, message) => plain(SecretKey.fromBytes(secretKey).sign(message).toBytes()),
    verify: (publicKey, signature, message) =>
      verify(message, PublicKey.fromBytes(publicKey), Signature.fromBytes(signature)),
  };
}

function proofSigning(addon: BLSTAddon | undefined): Signing {
  if (addon !== undefined && givesKnownAnswer(addon)) return addonSigning(addon);
  return {
    name: "blst+noble",
    sign: (secretKey, message) => nobleBackend.sign(secretKey, message, "proof-of-possession"),
    verify: (publicKey, signature, message) =>
      nobleBackend.verify(publicKey, signature, message, "proof-of-possession"),
  };
}

/** Takes a signature and two verifications: some 2 ms, once. */
function givesKnownAnswer(addon: BLSTAddon): boolean {
  const secretKey = Buffer.from(KNOWN_ANSWER.secretKey, "hex");
  const message = Buffer.from(KNOWN_ANSWER.message, "hex");
  const signature = Buffer.from(KNOWN_ANSWER.signature, "hex");
  try {
    const { sign, verify } = addonSigning(addon);
    const publicKey = addon.SecretKey.fromBytes(secretKey).toPublicKey().toBytes();
    return (
      bytesEqual(sign(secretKey, message), signature) &&
      verify(publicKey, signature, message) &&
      !verify(publicKey, signature, secretKey)
    );
  } catch {
    return false;
  }
}

function fault<T>(read: () => T, validate: (point: T) => void): PointFault | undefined {
  let point: T;
  try {
    point = read();
  } catch {
    return "no-point";
  }
  try {
    validate(point);
    return undefined;
  } catch {
    return "not-in-group";
  }
}

/** A Buffer, where the addon gives one, as what it is beneath. */
function plain(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
