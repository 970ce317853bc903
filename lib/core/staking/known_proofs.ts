/**
 * Proofs of possession that were found right, so that none is checked twice: a pairing costs a millisecond.
 *
 * A node shows the same proof on every connection until it signs its IP anew, and the nodes of one process are shown the
 * same ones. Only what is right is remembered, so that nobody but the owner of a key puts anything here.
 *
 * @module
 */

import { concatBytes } from "../bytes.ts";
import { BytesCache } from "../bytes_cache.ts";
import { BLS_PUBLIC_KEY_LENGTH, BLS_SIGNATURE_LENGTH, blsVerifyProofOfPossession } from "./bls.ts";

/** As many as a large network has validators. One takes some 300 bytes. */
const MAX_PROOFS = 2_048;

/** Says whether a proof is right, as {@link blsVerifyProofOfPossession} does. */
export type VerifyProofOfPossession = (publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array) => boolean;

/**
 * Makes a check that remembers what was right.
 *
 * @param verify Asked for what is not remembered.
 * @param limit How many proofs are remembered.
 */
export function rememberProofs(verify: VerifyProofOfPossession, limit = MAX_PROOFS): VerifyProofOfPossession {
  const right = new BytesCache<true>(limit);
  return (publicKey, signature, message) => {
    // Two lengths are fixed, so that the bytes together stand for one key, signature and message alone.
    if (publicKey.length !== BLS_PUBLIC_KEY_LENGTH || signature.length !== BLS_SIGNATURE_LENGTH) {
      return verify(publicKey, signature, message);
    }
    const proof = concatBytes(publicKey, signature, message);
    return right.getOrAdd(proof, () => verify(publicKey, signature, message) || undefined) === true;
  };
}

/** Whether a proof is right; what all nodes of this process have found right is remembered. */
export const verifyKnownProof: VerifyProofOfPossession = rememberProofs(blsVerifyProofOfPossession);
