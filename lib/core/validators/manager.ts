/**
 * Who validates which subnet, with how much weight: the one set that throttlers, gossip, sampling and health look at.
 *
 * Weights are `uint64` in the protocol and bigints here. Every change reaches the listeners before the call returns,
 * so that whoever keeps a figure of his own is never behind (upstream `snow/validators/manager.go`).
 *
 * @module
 */

import { AvxError } from "../errors.ts";
import type { ID } from "../ids/id.ts";
import type { NodeID } from "../ids/node_id.ts";

/** One validator of one subnet. */
export interface Validator {
  readonly nodeID: NodeID;
  /** The compressed BLS public key, 48 bytes, where one is registered. */
  readonly publicKey: Uint8Array | undefined;
  /** The transaction that made it a validator. */
  readonly txID: ID;
  /** Above 0. */
  readonly weight: bigint;
}

/** Is told of changes. Every member is optional. */
export interface ValidatorListener {
  onValidatorAdded?(subnetID: ID, validator: Validator): void;
  onValidatorRemoved?(subnetID: ID, nodeID: NodeID, weight: bigint): void;
  onValidatorWeightChanged?(subnetID: ID, nodeID: NodeID, oldWeight: bigint, newWeight: bigint): void;
}

export type ValidatorErrorType =
  | { readonly code: "zero-weight"; readonly nodeID: NodeID }
  | { readonly code: "duplicate-validator"; readonly nodeID: NodeID }
  | { readonly code: "missing-validator"; readonly nodeID: NodeID }
  | { readonly code: "negative-weight"; readonly nodeID: NodeID; readonly weight: bigint; readonly removed: bigint };

/** A change to the validators that cannot be made. The set is as it was. */
export class ValidatorError extends AvxError<ValidatorErrorType> {}

interface Subnet {
  readonly validators: Map<NodeID, Validator>;
  totalWeight: bigint;
}

/**
 * The validators of all subnets.
 *
 * @example
 * ```ts
 * const validators = new ValidatorManager();
 * const { nodeID } = newTLSCert().certificate;
 * validators.addStaker(PRIMARY_NETWORK_ID, { nodeID, publicKey: undefined, txID: EMPTY_ID, weight: 100n });
 * validators.totalWeight(PRIMARY_NETWORK_ID); // 100n
 * ```
 */
export class ValidatorManager {
  readonly #subnets = new Map<ID, Subnet>();
  readonly #listeners = new Set<ValidatorListener>();

  /**
   * Adds a validator.
   *
   * @throws {ValidatorError} `zero-weight`, or `duplicate-validator` when the node validates the subnet already.
   */
  addStaker(subnetID: ID, validator: Validator): void {
    const { nodeID, weight } = validator;
    requireWeight(nodeID, weight);
    let subnet = this.#subnets.get(subnetID);
    if (subnet?.validators.has(nodeID)) {
      throw new ValidatorError({ code: "duplicate-validator", nodeID }, `${nodeID} is a validator already`);
    }
    if (subnet === undefined) {
      subnet = { validators: new Map(), totalWeight: 0n };
      this.#subnets.set(subnetID, subnet);
    }
    subnet.validators.set(nodeID, validator);
    subnet.totalWeight += weight;
    for (const listener of this.#listeners) listener.onValidatorAdded?.(subnetID, validator);
  }

  /**
   * Raises the weight of a validator.
   *
   * @throws {ValidatorError} `zero-weight` or `missing-validator`.
   */
  addWeight(subnetID: ID, nodeID: NodeID, weight: bigint): void {
    requireWeight(nodeID, weight);
    const { subnet, validator } = this.#require(subnetID, nodeID);
    this.#setWeight(subnetID, subnet, validator, validator.weight + weight);
  }

  /**
   * Lowers the weight of a validator, which ends being one when nothing is left.
   *
   * @throws {ValidatorError} `zero-weight`, `missing-validator` or `negative-weight`.
   */
  removeWeight(subnetID: ID, nodeID: NodeID, weight: bigint): void {
    requireWeight(nodeID, weight);
    const { subnet, validator } = this.#require(subnetID, nodeID);
    const left = validator.weight - weight;
    if (left < 0n) {
      throw new ValidatorError(
        { code: "negative-weight", nodeID, weight: validator.weight, removed: weight },
        `Cannot take weight ${weight} from ${nodeID}: it has ${validator.weight}`,
      );
    }
    if (left > 0n) {
      this.#setWeight(subnetID, subnet, validator, left);
      return;
    }
    subnet.validators.delete(nodeID);
    subnet.totalWeight -= validator.weight;
    if (subnet.validators.size === 0) this.#subnets.delete(subnetID);
    for (const listener of this.#listeners) listener.onValidatorRemoved?.(subnetID, nodeID, validator.weight);
  }

  /** The validator, or `undefined` where the node is none of this subnet's. */
  getValidator(subnetID: ID, nodeID: NodeID): Validator | undefined {
    return this.#subnets.get(subnetID)?.validators.get(nodeID);
  }

  /** The weight of a node on a subnet; 0 where it is no validator. */
  getWeight(subnetID: ID, nodeID: NodeID): bigint {
    return this.getValidator(subnetID, nodeID)?.weight ?? 0n;
  }

  /** The weight of all validators of a subnet. */
  totalWeight(subnetID: ID): bigint {
    return this.#subnets.get(subnetID)?.totalWeight ?? 0n;
  }

  numValidators(subnetID: ID): number {
    return this.#subnets.get(subnetID)?.validators.size ?? 0;
  }

  /** The subnets that have validators. */
  subnetIDs(): IterableIterator<ID> {
    return this.#subnets.keys();
  }

  /** The validators of a subnet, in the order in which they were added. */
  validators(subnetID: ID): Iterable<Validator> {
    return this.#subnets.get(subnetID)?.validators.values() ?? [];
  }

  /**
   * Tells a listener of every change from now on, and first of the validators that are there already.
   *
   * @returns Ends the telling.
   */
  subscribe(listener: ValidatorListener): Disposable {
    this.#listeners.add(listener);
    for (const [subnetID, subnet] of this.#subnets) {
      for (const validator of subnet.validators.values()) listener.onValidatorAdded?.(subnetID, validator);
    }
    return { [Symbol.dispose]: () => this.#listeners.delete(listener) };
  }

  #require(subnetID: ID, nodeID: NodeID): { subnet: Subnet; validator: Validator } {
    const subnet = this.#subnets.get(subnetID);
    const validator = subnet?.validators.get(nodeID);
    if (subnet === undefined || validator === undefined) {
      throw new ValidatorError({ code: "missing-validator", nodeID }, `${nodeID} is not a validator of ${subnetID}`);
    }
    return { subnet, validator };
  }

  #setWeight(subnetID: ID, subnet: Subnet, validator: Validator, weight: bigint): void {
    const { nodeID, weight: oldWeight } = validator;
    subnet.validators.set(nodeID, { ...validator, weight });
    subnet.totalWeight += weight - oldWeight;
    for (const listener of this.#listeners) listener.onValidatorWeightChanged?.(subnetID, nodeID, oldWeight, weight);
  }
}

function requireWeight(nodeID: NodeID, weight: bigint): void {
  if (weight <= 0n) {
    throw new ValidatorError({ code: "zero-weight", nodeID }, `The weight of ${nodeID} must be above 0`);
  }
}
