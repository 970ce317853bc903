/**
 * A validator's part of something that is shared out by stake on the primary network.
 *
 * @module
 */

import { PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";

/** The largest `uint64`: upstream gives no shares when the total weight does not fit in one. */
const MAX_TOTAL_WEIGHT = 2n ** 64n - 1n;

/**
 * The part of `amount` that a node's weight at this moment gives it.
 *
 * Upstream reckons in `float64`, and so does this: with whole numbers the result would at times be another.
 *
 * @returns Not rounded; 0 where the node is no validator.
 */
export function stakeWeighted(validators: ValidatorManager, nodeID: NodeID, amount: number): number {
  const weight = validators.getWeight(PRIMARY_NETWORK_ID, nodeID);
  if (weight === 0n) return 0;
  const totalWeight = validators.totalWeight(PRIMARY_NETWORK_ID);
  if (totalWeight > MAX_TOTAL_WEIGHT) return 0;
  return (amount * Number(weight)) / Number(totalWeight);
}

/** {@link stakeWeighted} in whole bytes, rounded down. */
export function validatorShare(validators: ValidatorManager, nodeID: NodeID, bytes: number): number {
  return Math.trunc(stakeWeighted(validators, nodeID, bytes));
}
