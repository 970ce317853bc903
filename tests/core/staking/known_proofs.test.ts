import { expect, test } from "bun:test";
import { concatBytes } from "../../../lib/core/bytes.ts";
import { blsVerifyProofOfPossession, newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { rememberProofs, verifyKnownProof } from "../../../lib/core/staking/known_proofs.ts";

const signer = newBLSSigner();
const message = new TextEncoder().encode("garden");
const proof = signer.signProofOfPossession(message);

function counted(limit?: number) {
  let checks = 0;
  const verify = rememberProofs((...claim) => {
    checks++;
    return blsVerifyProofOfPossession(...claim);
  }, limit);
  return { verify, checks: () => checks };
}

test("a right proof is checked once, and each that differs from it by a bit is checked and refused", () => {
  const { verify, checks } = counted();
  for (let i = 0; i < 3; i++) expect(verify(signer.publicKey, proof, message)).toBe(true);
  expect(checks()).toBe(1);

  const other = newBLSSigner();
  expect(verify(other.publicKey, proof, message)).toBe(false);
  expect(verify(signer.publicKey, other.signProofOfPossession(message), message)).toBe(false);
  expect(verify(signer.publicKey, signer.sign(message), message)).toBe(false);
  for (let i = 0; i < message.length; i++) {
    const changed = message.map((byte, at) => (at === i ? byte ^ 1 : byte));
    expect(verify(signer.publicKey, proof, changed), `byte ${i}`).toBe(false);
  }
  expect(verify(signer.publicKey, proof, message.subarray(1))).toBe(false);
});

test("a wrong proof is checked each time: nothing but what is right is remembered", () => {
  const { verify, checks } = counted();
  for (let i = 0; i < 2; i++) expect(verify(signer.publicKey, signer.sign(message), message)).toBe(false);
  expect(checks()).toBe(2);
});

test("bytes that are cut at other places are no known proof", () => {
  const asked: number[][] = [];
  const verify = rememberProofs((...claim) => {
    asked.push(claim.map(({ length }) => length));
    return true;
  });
  verify(signer.publicKey, proof, message);
  const all = concatBytes(signer.publicKey, proof, message);
  for (const [key, signature] of [
    [47, 97],
    [49, 95],
    [48, 97],
    [0, 96],
  ] as const) {
    verify(all.subarray(0, key), all.subarray(key, key + signature), all.subarray(key + signature));
    expect(asked.pop()).toEqual([key, signature, all.length - key - signature]);
  }
  expect(asked).toHaveLength(1);
});

test("no more than the limit is remembered", () => {
  const { verify, checks } = counted(2);
  const messages = [0, 1, 2].map((byte) => Uint8Array.of(byte));
  const all = messages.map((each) => [signer.publicKey, signer.signProofOfPossession(each), each] as const);
  for (const claim of all) verify(...claim);
  for (const claim of [all[1], all[2], all[0]] as const) verify(...(claim as (typeof all)[0]));
  expect(checks()).toBe(4);
});

test("what all nodes of a process share says what the check says", () => {
  for (let i = 0; i < 2; i++) {
    expect(verifyKnownProof(signer.publicKey, proof, message)).toBe(true);
    expect(verifyKnownProof(newBLSSigner().publicKey, proof, message)).toBe(false);
  }
});
