/**
 * Makes a subnet's validators what they should be, by the smallest changes.
 *
 * @module
 */

import { bytesEqual } from "../bytes.ts";
import type { ID } from "../ids/id.ts";
import type { NodeID } from "../ids/node_id.ts";
import type { Validator, ValidatorManager } from "./manager.ts";

/** How many validators were changed, and how. */
export interface ValidatorChanges {
  readonly added: number;
  readonly removed: number;
  /** The weight alone. */
  readonly reweighted: number;
  /** The BLS key or the transaction: one validator in the place of another, under the same node ID. */
  readonly replaced: number;
}

/**
 * Applies the difference between the validators that a subnet has and those that it should have.
 *
 * Listeners hear of each change as of one that a block brought. A validator whose BLS key or transaction has changed
 * ends and begins anew, as it does upstream, where neither ever changes in place. All that ends goes before anything
 * begins (upstream `vms/platformvm/state/state.go`, `updateValidatorManager`).
 *
 * @param desired Each weight above 0. No entry is kept that the manager has already.
 *
 * @example
 * ```ts
 * const validators = new ValidatorManager();
 * const { nodeID } = newTLSCert().certificate;
 * const validator: Validator = { nodeID, publicKey: undefined, txID: EMPTY_ID, weight: 100n };
 * applyValidators(validators, PRIMARY_NETWORK_ID, new Map([[nodeID, validator]])); // { added: 1, … }
 * ```
 */
export function applyValidators(
  manager: ValidatorManager,
  subnetID: ID,
  desired: ReadonlyMap<NodeID, Validator>,
): ValidatorChanges {
  const removed: Validator[] = [];
  const replaced = new Set<NodeID>();
  for (const current of manager.validators(subnetID)) {
    const next = desired.get(current.nodeID);
    if (next !== undefined && isSameValidator(current, next)) continue;
    removed.push(current);
    if (next !== undefined) replaced.add(current.nodeID);
  }
  for (const { nodeID, weight } of removed) manager.removeWeight(subnetID, nodeID, weight);

  let added = 0;
  let reweighted = 0;
  for (const next of desired.values()) {
    const { nodeID, weight } = next;
    const current = manager.getValidator(subnetID, nodeID);
    if (current === undefined) {
      manager.addStaker(subnetID, next);
      if (!replaced.has(nodeID)) added++;
    } else if (current.weight !== weight) {
      if (weight > current.weight) manager.addWeight(subnetID, nodeID, weight - current.weight);
      else manager.removeWeight(subnetID, nodeID, current.weight - weight);
      reweighted++;
    }
  }
  return { added, removed: removed.length - replaced.size, reweighted, replaced: replaced.size };
}

/** Whether the two stand for one time of validating: weights may differ. */
function isSameValidator(a: Validator, b: Validator): boolean {
  return a.txID === b.txID && isSameKey(a.publicKey, b.publicKey);
}

function isSameKey(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a === undefined || b === undefined ? a === b : bytesEqual(a, b);
}
