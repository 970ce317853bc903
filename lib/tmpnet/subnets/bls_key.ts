/**
 * A node's BLS key, as its own flag has it.
 *
 * @module
 */

import { base64Decode } from "../../core/base64.ts";
import { blsSignerFromBytes } from "../../core/staking/bls.ts";
import { newProofOfPossession, type ProofOfPossession } from "../../core/staking/proof_of_possession.ts";
import { SIGNER_KEY_FLAG, type TmpnetNode } from "../node.ts";
import { SubnetError } from "./errors.ts";

/**
 * What proves to an L1 that a node has its BLS key.
 *
 * @throws {SubnetError} `nodes` for a node whose key is not in its configuration.
 */
export function proofOf({ nodeID, flags }: Pick<TmpnetNode, "nodeID" | "flags">): ProofOfPossession {
  const content = flags[SIGNER_KEY_FLAG];
  if (!content) {
    const message = `${nodeID} has no BLS key in its configuration: an L1's validator needs one`;
    throw new SubnetError({ code: "nodes" }, message, { hint: `Set its flag ${SIGNER_KEY_FLAG}` });
  }
  return newProofOfPossession(blsSignerFromBytes(base64Decode(content)));
}
