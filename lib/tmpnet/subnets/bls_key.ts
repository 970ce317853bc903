/**
 * A node's BLS key, as its own flag has it.
 *
 * @module
 */

import { base64Decode } from "../../core/base64.ts";
import { type BLSSigner, blsSignerFromBytes } from "../../core/staking/bls.ts";
import { newProofOfPossession, type ProofOfPossession } from "../../core/staking/proof_of_possession.ts";
import { SIGNER_KEY_FLAG, type TmpnetNode } from "../node.ts";
import { SubnetError } from "./errors.ts";

/** A node that may have a key. */
type KeyHolder = Pick<TmpnetNode, "flags">;

/** A node's key; `undefined` for one whose configuration has none. */
export function blsSignerOf({ flags }: KeyHolder): BLSSigner | undefined {
  const content = flags[SIGNER_KEY_FLAG];
  return content ? blsSignerFromBytes(base64Decode(content)) : undefined;
}

/**
 * What proves to an L1 that a node has its BLS key.
 *
 * @throws {SubnetError} `nodes` for a node whose key is not in its configuration.
 */
export function proofOf(node: KeyHolder & Pick<TmpnetNode, "nodeID">): ProofOfPossession {
  const signer = blsSignerOf(node);
  if (signer !== undefined) return newProofOfPossession(signer);
  const message = `${node.nodeID} has no BLS key in its configuration: an L1's validator needs one`;
  throw new SubnetError({ code: "nodes" }, message, { hint: `Set its flag ${SIGNER_KEY_FLAG}` });
}
