/**
 * What tests of the throttlers share: validators by weight, and messages that tell when they get room.
 *
 * @module
 */

import { EMPTY_ID, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import type { NodeID } from "../../lib/core/ids/node_id.ts";
import { ValidatorManager } from "../../lib/core/validators/manager.ts";
import type { InboundRequest } from "../../lib/p2p/throttling/stage.ts";

/** A node of a test: its ID need not parse. */
export function node(name: string): NodeID {
  return name as NodeID;
}

/** Gives a node a weight on the primary network; with 0 it is no validator. */
export function setWeight(validators: ValidatorManager, name: string, weight: bigint): void {
  const nodeID = node(name);
  const current = validators.getWeight(PRIMARY_NETWORK_ID, nodeID);
  if (weight < current) validators.removeWeight(PRIMARY_NETWORK_ID, nodeID, current - weight);
  else if (weight > current && current > 0n) validators.addWeight(PRIMARY_NETWORK_ID, nodeID, weight - current);
  else if (weight > current) {
    validators.addStaker(PRIMARY_NETWORK_ID, { nodeID, publicKey: undefined, txID: EMPTY_ID, weight });
  }
}

/** Validators of the primary network by name. */
export function validatorsOf(weights: Readonly<Record<string, number | bigint>>): ValidatorManager {
  const validators = new ValidatorManager();
  for (const [name, weight] of Object.entries(weights)) setWeight(validators, name, BigInt(weight));
  return validators;
}

/** A message that asks one throttler. */
export class TestRequest implements InboundRequest {
  readonly nodeID: NodeID;
  readonly size: number;
  readonly askedAtMs: number;
  buffered = false;
  decompressedBytes = 0;
  bytesNeeded: number;
  readonly #onRoom: () => void;

  constructor(name: string, size: number, onRoom: () => void = () => {}, askedAtMs = 0) {
    this.nodeID = node(name);
    this.size = size;
    this.bytesNeeded = size;
    this.askedAtMs = askedAtMs;
    this.#onRoom = onRoom;
  }

  onRoom(): void {
    this.#onRoom();
  }
}
