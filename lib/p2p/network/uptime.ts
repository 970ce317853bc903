/**
 * Who was there for how much of the time, seen from here and seen from the peers.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { AvxError } from "../../core/errors.ts";
import { PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Validator, ValidatorListener, ValidatorManager } from "../../core/validators/manager.ts";
import type { UptimeCalculator } from "../peer/contract.ts";

interface Observation {
  /** When the observation began, monotonic milliseconds. */
  readonly since: number;
  /** Milliseconds of connections that are over. */
  connectedMs: number;
  /** When the connection of now began. */
  connectedAt: number | undefined;
}

/**
 * Observes the primary network's validators from the moment that each is known as one.
 *
 * What was before this node started is not known to it, and not counted for or against anyone.
 */
export class UptimeTracker implements UptimeCalculator, ValidatorListener {
  readonly #clock: Clock;
  readonly #observations = new Map<NodeID, Observation>();
  readonly #connectedAt = new Map<NodeID, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  uptime(nodeID: NodeID): number {
    const observation = this.#observations.get(nodeID);
    if (observation === undefined) return 0;
    const now = this.#clock.monotonic();
    const observedMs = now - observation.since;
    const connectedMs =
      observation.connectedMs + (observation.connectedAt === undefined ? 0 : now - observation.connectedAt);
    // At the very beginning a node that is there has been there all the time.
    if (observedMs <= 0) return observation.connectedAt === undefined ? 0 : 1;
    return Math.min(1, connectedMs / observedMs);
  }

  connected(nodeID: NodeID): void {
    const now = this.#clock.monotonic();
    this.#connectedAt.set(nodeID, now);
    const observation = this.#observations.get(nodeID);
    if (observation !== undefined) observation.connectedAt = now;
  }

  disconnected(nodeID: NodeID): void {
    this.#connectedAt.delete(nodeID);
    const observation = this.#observations.get(nodeID);
    if (observation?.connectedAt === undefined) return;
    observation.connectedMs += this.#clock.monotonic() - observation.connectedAt;
    observation.connectedAt = undefined;
  }

  onValidatorAdded(subnetID: string, { nodeID }: Validator): void {
    if (subnetID !== PRIMARY_NETWORK_ID) return;
    const now = this.#clock.monotonic();
    const connectedAt = this.#connectedAt.has(nodeID) ? now : undefined;
    this.#observations.set(nodeID, { since: now, connectedMs: 0, connectedAt });
  }

  onValidatorRemoved(subnetID: string, nodeID: NodeID): void {
    if (subnetID === PRIMARY_NETWORK_ID) this.#observations.delete(nodeID);
  }
}

/** This node's uptime in its peers' eyes, percent. */
export interface UptimeResult {
  /** The share of the stake that sees this node above the requirement. */
  readonly rewardingStakePercentage: number;
  /** The mean of what peers see, weighted by stake. */
  readonly weightedAveragePercentage: number;
}

/** What is shown of a node that nobody's view of counts. */
export const NO_UPTIME: UptimeResult = { rewardingStakePercentage: 0, weightedAveragePercentage: 0 };

/** This node validates nothing, so nobody's view of it counts. */
export class NotValidatorError extends AvxError<{ readonly code: "not-validator"; readonly nodeID: NodeID }> {
  constructor(nodeID: NodeID) {
    super({ code: "not-validator", nodeID }, "node is not a validator");
  }
}

/**
 * Weighs what peers report (upstream `network/network.go`, `NodeUptime`).
 *
 * @param peers Each connected peer with this node's uptime in its eyes, 0 to 100.
 * @param requirement 0 to 1.
 * @throws {NotValidatorError} When this node does not validate the primary network.
 */
export function nodeUptime(
  myNodeID: NodeID,
  peers: Iterable<{ readonly nodeID: NodeID; readonly observedUptime: number }>,
  validators: ValidatorManager,
  requirement: number,
): UptimeResult {
  const myWeight = Number(validators.getWeight(PRIMARY_NETWORK_ID, myNodeID));
  if (myWeight === 0) throw new NotValidatorError(myNodeID);

  const totalWeight = Number(validators.totalWeight(PRIMARY_NETWORK_ID));
  let weightedPercent = 100 * myWeight;
  let rewardingWeight = myWeight;
  for (const { nodeID, observedUptime } of peers) {
    const weight = Number(validators.getWeight(PRIMARY_NETWORK_ID, nodeID));
    weightedPercent += observedUptime * weight;
    if (observedUptime / 100 >= requirement) rewardingWeight += weight;
  }
  return {
    rewardingStakePercentage: (100 * rewardingWeight) / totalWeight,
    weightedAveragePercentage: weightedPercent / totalWeight,
  };
}
