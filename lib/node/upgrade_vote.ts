/**
 * Which upgrade time most of the stake tells (upstream `node/node.go`, its `futureupgrade` check).
 *
 * @module
 */

import { PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import type { ValidatorManager } from "../core/validators/manager.ts";

/** What is counted. */
export interface UpgradeVoteModules {
  readonly validators: ValidatorManager;
  /** The time that a connected node told, Unix seconds. */
  readonly upgradeTime: (nodeID: NodeID) => bigint | undefined;
}

/** How connected validators voted. */
export interface UpgradeVote {
  /** The time with the most stake, Unix seconds; 0 where nobody told any. */
  readonly time: bigint;
  readonly weight: bigint;
  /** Of all validators, connected or not. */
  readonly totalWeight: bigint;
  /** How many different times were told. */
  readonly times: number;
}

/** Counts the stake behind each upgrade time. */
export function countUpgradeVote({ validators, upgradeTime }: UpgradeVoteModules): UpgradeVote {
  const weights = new Map<bigint, bigint>();
  for (const { nodeID, weight } of validators.validators(PRIMARY_NETWORK_ID)) {
    const time = upgradeTime(nodeID);
    if (time !== undefined) weights.set(time, (weights.get(time) ?? 0n) + weight);
  }
  const [time, weight] = [...weights].reduce((best, next) => (next[1] > best[1] ? next : best), [0n, 0n]);
  return { time, weight, totalWeight: validators.totalWeight(PRIMARY_NETWORK_ID), times: weights.size };
}

/**
 * The upgrade that this node does not know: later than its own, and told by half of the stake or more.
 *
 * @param localTime Unix seconds.
 * @returns Unix seconds; `undefined` where there is none.
 */
export function unknownUpgrade({ time, weight, totalWeight }: UpgradeVote, localTime: number): number | undefined {
  const isLater = Number(time) > Math.floor(localTime);
  return isLater && weight > 0n && 2n * weight >= totalWeight ? Number(time) : undefined;
}
