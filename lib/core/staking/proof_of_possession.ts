/**
 * The proof that whoever names a BLS key has its secret (upstream `vms/platformvm/signer`).
 *
 * @module
 */

import { toHex } from "../bytes.ts";
import { type BLSSigner, blsBackend, blsVerifyProofOfPossession, parseBLSPublicKey, parseBLSSignature } from "./bls.ts";
import type { BLSBackend } from "./bls_backend.ts";
import { StakingError } from "./errors.ts";

/** A BLS key and its signature over its own bytes. */
export interface ProofOfPossession {
  /** 48 bytes, compressed. */
  readonly publicKey: Uint8Array;
  /** 96 bytes, compressed. */
  readonly proofOfPossession: Uint8Array;
}

/** As APIs and genesis files show it: hex with `0x`. */
export interface ProofOfPossessionJSON {
  readonly publicKey: string;
  readonly proofOfPossession: string;
}

/** Proves a key. */
export function newProofOfPossession(signer: BLSSigner): ProofOfPossession {
  const { publicKey } = signer;
  return { publicKey, proofOfPossession: signer.signProofOfPossession(publicKey) };
}

/** @throws {StakingError} `bls-public-key`, `bls-signature` or `proof-of-possession`. */
export function verifyProofOfPossession(pop: ProofOfPossession, backend: BLSBackend = blsBackend()): void {
  const publicKey = parseBLSPublicKey(pop.publicKey, backend);
  const signature = parseBLSSignature(pop.proofOfPossession, backend);
  if (!blsVerifyProofOfPossession(publicKey, signature, publicKey, backend)) {
    throw new StakingError({ code: "proof-of-possession" }, "invalid proof of possession");
  }
}

/** The JSON form, keys in upstream's order. */
export function proofOfPossessionToJSON({ publicKey, proofOfPossession }: ProofOfPossession): ProofOfPossessionJSON {
  return { publicKey: `0x${toHex(publicKey)}`, proofOfPossession: `0x${toHex(proofOfPossession)}` };
}
