import { describe, expect, test } from "bun:test";
import { toHex } from "../../../lib/core/bytes.ts";
import {
  blsBackend,
  blsSignerFromBytes,
  blsVerify,
  blsVerifyProofOfPossession,
  newBLSSigner,
  parseBLSPublicKey,
  parseBLSSignature,
} from "../../../lib/core/staking/bls.ts";
import { type BLSTAddon, proofAddon, signatureAddon } from "../../../lib/core/staking/bls_addon.ts";
import { createBlstBackend } from "../../../lib/core/staking/bls_blst.ts";
import { StakingError } from "../../../lib/core/staking/errors.ts";
import { newProofOfPossession, verifyProofOfPossession } from "../../../lib/core/staking/proof_of_possession.ts";
import { blsBackends } from "../../support/bls_backends.ts";

const message = new TextEncoder().encode("garden");

const INFINITE_KEY = Uint8Array.of(0xc0, ...new Uint8Array(47));
const INFINITE_SIGNATURE = Uint8Array.of(0xc0, ...new Uint8Array(95));

test("where the native library loads it does all, proofs of possession too", () => {
  // A failure here: has `bun scripts/derive_blst.ts` been run, as ./compile.sh does?
  expect(blsBackend().name).toBe(signatureAddon() === undefined ? "noble" : "blst");
});

test("a sound point is checked once, and one that is not each time", () => {
  const { publicKey, sign } = newBLSSigner();
  const signature = sign(message);
  const checks: string[] = [];
  const backend = {
    ...blsBackend(),
    publicKeyFault: (key: Uint8Array) => {
      checks.push("key");
      return blsBackend().publicKeyFault(key);
    },
    signatureFault: (point: Uint8Array) => {
      checks.push("signature");
      return blsBackend().signatureFault(point);
    },
  };
  for (let i = 0; i < 3; i++) {
    expect(parseBLSPublicKey(publicKey.slice(), backend)).toEqual(publicKey);
    expect(parseBLSSignature(signature.slice(), backend)).toEqual(signature);
  }
  expect(checks).toEqual(["key", "signature"]);

  // With another last byte it is no point, or one outside the group.
  const wrong = signature.map((byte, at) => (at === 95 ? byte ^ 1 : byte));
  for (let i = 0; i < 2; i++) expect(() => parseBLSSignature(wrong, backend)).toThrow("signature");
  expect(checks).toHaveLength(4);
});

test.each(blsBackends)("%s says who it is", (name, backend) => {
  expect(backend.name).toBe(name);
});

describe.each(blsBackends)("on %s", (_, backend) => {
  test("a new key signs what it verifies, each suite for itself", () => {
    const signer = newBLSSigner(backend);
    const plain = signer.sign(message);
    const proof = signer.signProofOfPossession(message);
    expect([plain.length, proof.length, signer.publicKey.length]).toEqual([96, 96, 48]);
    expect(blsVerify(signer.publicKey, plain, message, backend)).toBe(true);
    expect(blsVerify(signer.publicKey, proof, message, backend)).toBe(false);
    expect(blsVerifyProofOfPossession(signer.publicKey, proof, message, backend)).toBe(true);
    expect(blsVerifyProofOfPossession(signer.publicKey, plain, message, backend)).toBe(false);
    expect(blsVerifyProofOfPossession(newBLSSigner(backend).publicKey, proof, message, backend)).toBe(false);
  });

  test("two new keys are two", () => {
    expect(toHex(newBLSSigner(backend).publicKey)).not.toBe(toHex(newBLSSigner(backend).publicKey));
  });

  test("a key that was kept is the same key, whatever becomes of the bytes it was read from", () => {
    const signer = newBLSSigner(backend);
    const kept = signer.secretKeyBytes();
    const read = blsSignerFromBytes(kept, backend);
    kept.fill(0);
    expect(read.publicKey).toEqual(signer.publicKey);
    expect(read.sign(message)).toEqual(signer.sign(message));
    expect(read.secretKeyBytes()).toEqual(signer.secretKeyBytes());
  });

  test("infinity is a signature that nothing verifies, and no key", () => {
    const { publicKey } = newBLSSigner(backend);
    expect(parseBLSSignature(INFINITE_SIGNATURE, backend)).toBe(INFINITE_SIGNATURE);
    expect(blsVerify(publicKey, INFINITE_SIGNATURE, message, backend)).toBe(false);
    expect(blsVerifyProofOfPossession(publicKey, INFINITE_SIGNATURE, message, backend)).toBe(false);
    expect(() => parseBLSPublicKey(INFINITE_KEY, backend)).toThrow("invalid public key");
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["a byte less", new Uint8Array(47).fill(0x80)],
    ["a key that is not compressed", new Uint8Array(96)],
    ["infinity with a sign", Uint8Array.of(0xe0, ...new Uint8Array(47))],
    ["infinity with something in it", Uint8Array.of(0xc0, ...new Uint8Array(46), 1)],
    ["a coordinate beyond the field", new Uint8Array(48).fill(0xff).fill(0x9f, 0, 1)],
  ])("%s is no public key", (_, bytes) => {
    expect(() => parseBLSPublicKey(bytes, backend)).toThrow(
      new StakingError({ code: "bls-public-key" }, "couldn't decompress public key"),
    );
  });

  test("a signature is what its bytes are, however many were read before it", () => {
    const signer = newBLSSigner(backend);
    const first = parseBLSSignature(signer.sign(message), backend);
    const changed = Uint8Array.from(first);
    for (let i = 0; i < 70; i++) parseBLSSignature(signer.sign(Uint8Array.of(i)), backend);
    changed.set(parseBLSSignature(signer.sign(Uint8Array.of(1)), backend));
    expect(blsVerify(signer.publicKey, first, message, backend)).toBe(true);
    expect(blsVerify(signer.publicKey, changed, message, backend)).toBe(false);
    expect(blsVerify(signer.publicKey, changed, Uint8Array.of(1), backend)).toBe(true);
  });

  test("a proof of another key proves nothing", () => {
    const pop = newProofOfPossession(newBLSSigner(backend));
    verifyProofOfPossession(pop, backend);
    const { publicKey } = newBLSSigner(backend);
    expect(() => verifyProofOfPossession({ ...pop, publicKey }, backend)).toThrow("invalid proof of possession");
  });
});

test("the backends sign alike", () => {
  const secretKey = newBLSSigner().secretKeyBytes();
  const signed = blsBackends.map(([, backend]) => {
    const signer = blsSignerFromBytes(secretKey, backend);
    return [signer.publicKey, signer.sign(message), signer.signProofOfPossession(message)].map(toHex);
  });
  for (const results of signed) expect(results).toEqual(signed[0] as string[]);
});

describe.skipIf(signatureAddon() === undefined)("the addon for proofs", () => {
  const addon = signatureAddon() as BLSTAddon;
  const credulous = { ...proofAddon(), verify: () => true } as BLSTAddon;

  test.each([
    ["is missing", undefined],
    ["signs with the tag of plain signatures", addon],
    ["finds every signature right", credulous],
    ["is something else", {} as BLSTAddon],
  ])("is not used where it %s, and proofs are right all the same", (_, proofs) => {
    const backend = createBlstBackend(addon, () => proofs);
    const signer = newBLSSigner(backend);
    const proof = signer.signProofOfPossession(message);
    expect(blsVerifyProofOfPossession(signer.publicKey, proof, message)).toBe(true);
    expect(blsVerifyProofOfPossession(signer.publicKey, proof, new Uint8Array(1), backend)).toBe(false);
    expect(backend.name).toBe("blst+noble");
  });

  test("is loaded once, and not before the first proof", () => {
    let loads = 0;
    const backend = createBlstBackend(addon, () => {
      loads++;
      return undefined;
    });
    const signer = newBLSSigner(backend);
    parseBLSPublicKey(signer.publicKey, backend);
    const plain = parseBLSSignature(signer.sign(message), backend);
    expect(blsVerify(signer.publicKey, plain, message, backend)).toBe(true);
    expect(loads).toBe(0);
    const proof = signer.signProofOfPossession(message);
    expect(blsVerifyProofOfPossession(signer.publicKey, proof, message, backend)).toBe(true);
    expect(loads).toBe(1);
  });
});
