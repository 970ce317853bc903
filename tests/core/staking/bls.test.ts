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
import { StakingError } from "../../../lib/core/staking/errors.ts";
import { newProofOfPossession, verifyProofOfPossession } from "../../../lib/core/staking/proof_of_possession.ts";
import { blsBackends } from "../../support/bls_backends.ts";

const message = new TextEncoder().encode("garden");

const INFINITE_KEY = Uint8Array.of(0xc0, ...new Uint8Array(47));
const INFINITE_SIGNATURE = Uint8Array.of(0xc0, ...new Uint8Array(95));

test("the native backend is the one in use where its addon loads", () => {
  expect(blsBackend().name).toBe(blsBackends[0]?.[0] as "blst" | "noble");
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
