/**
 * The validators of a network without sybil protection: whoever validates the Primary Network validates every subnet
 * (upstream `node/overridden_manager.go`).
 *
 * @module
 */

import { type ID, PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { type Validator, ValidatorManager } from "../core/validators/manager.ts";

/** Answers every question about a subnet with the Primary Network's validators. */
export class OverriddenValidatorManager extends ValidatorManager {
  override addStaker(_subnetID: ID, validator: Validator): void {
    super.addStaker(PRIMARY_NETWORK_ID, validator);
  }

  override addWeight(_subnetID: ID, nodeID: NodeID, weight: bigint): void {
    super.addWeight(PRIMARY_NETWORK_ID, nodeID, weight);
  }

  override removeWeight(_subnetID: ID, nodeID: NodeID, weight: bigint): void {
    super.removeWeight(PRIMARY_NETWORK_ID, nodeID, weight);
  }

  override getValidator(_subnetID: ID, nodeID: NodeID): Validator | undefined {
    return super.getValidator(PRIMARY_NETWORK_ID, nodeID);
  }

  override totalWeight(_subnetID: ID): bigint {
    return super.totalWeight(PRIMARY_NETWORK_ID);
  }

  override numValidators(_subnetID: ID): number {
    return super.numValidators(PRIMARY_NETWORK_ID);
  }

  override validators(_subnetID: ID): Iterable<Validator> {
    return super.validators(PRIMARY_NETWORK_ID);
  }
}
