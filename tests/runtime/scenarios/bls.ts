/**
 * BLS on every runtime: the native library, by both of its addons, where this machine has it.
 *
 * @module
 */

import { blsBackend, blsVerifyProofOfPossession, newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { signatureAddon } from "../../../lib/core/staking/bls_addon.ts";
import { nobleBackend } from "../../../lib/core/staking/bls_noble.ts";
import type { Scenarios } from "./scenarios.ts";

export const blsScenarios: Scenarios = {
  "BLS: the native library does all where it loads": async () => {
    const expected = signatureAddon() === undefined ? "noble" : "blst";
    if (blsBackend().name !== expected) throw new Error(`${blsBackend().name} is used, and not ${expected}`);
  },

  "BLS: the portable backend takes what the one in use signs, and the other way round": async () => {
    const message = new TextEncoder().encode("garden");
    const signer = newBLSSigner();
    const proof = signer.signProofOfPossession(message);
    const portable = nobleBackend.sign(signer.secretKeyBytes(), message, "proof-of-possession");
    if (!blsVerifyProofOfPossession(signer.publicKey, proof, message, nobleBackend)) throw new Error("not taken");
    if (!blsVerifyProofOfPossession(signer.publicKey, portable, message)) throw new Error("not taken");
    if (blsVerifyProofOfPossession(signer.publicKey, proof, new Uint8Array(1))) throw new Error("wrongly taken");
  },
};
