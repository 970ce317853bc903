/**
 * When an upgrade comes that this node does not know (upstream `node/node.go`, its `futureupgrade` check).
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import type { MetricsNamespace } from "../core/metrics.ts";
import type { ValidatorManager } from "../core/validators/manager.ts";
import type { PeerInfo } from "../p2p/peer/info.ts";

/** What the time is worked out from. */
export interface UpgradeMetricsModules {
  readonly clock: Clock;
  readonly validators: ValidatorManager;
  /** When this node's own upgrade is, Unix seconds. */
  readonly localUpgradeTime: number;
  /** Those of the nodes that are connected. */
  readonly peerInfo: (nodeIDs: readonly NodeID[]) => readonly Pick<PeerInfo, "nodeID" | "upgradeTime">[];
}

const NANOSECONDS_PER_SECOND = 1e9;
const MILLISECONDS_PER_SECOND = 1_000;

/**
 * Declares the metric.
 *
 * @param metrics The namespace `avalanche_upgrade`.
 */
export function declareUpgradeMetrics(metrics: MetricsNamespace, modules: UpgradeMetricsModules): void {
  const { clock } = modules;
  const help = "Nanoseconds until an upgrade that this node does not know; +Inf where none is planned";
  metrics.gaugedBy({ name: "time_until", help }, () => {
    const upgradeTime = unknownUpgradeTime(modules);
    if (upgradeTime === undefined) return Number.POSITIVE_INFINITY;
    return (upgradeTime - clock.now() / MILLISECONDS_PER_SECOND) * NANOSECONDS_PER_SECOND;
  });
}

/**
 * The upgrade time that validators with half of the stake or more agree on, where it is later than this node's own.
 *
 * @returns Unix seconds; `undefined` where there is none.
 */
function unknownUpgradeTime({ localUpgradeTime, peerInfo, validators }: UpgradeMetricsModules): number | undefined {
  const nodeIDs = [...validators.validators(PRIMARY_NETWORK_ID)].map(({ nodeID }) => nodeID);
  // Without a name all peers would be meant.
  const peers = nodeIDs.length === 0 ? [] : peerInfo(nodeIDs);
  const weights = new Map<bigint, bigint>();
  for (const { nodeID, upgradeTime } of peers) {
    const weight = validators.getWeight(PRIMARY_NETWORK_ID, nodeID);
    weights.set(upgradeTime, (weights.get(upgradeTime) ?? 0n) + weight);
  }
  const [time, weight] = [...weights].reduce((best, next) => (next[1] > best[1] ? next : best), [0n, 0n]);
  const isLater = Number(time) > localUpgradeTime;
  return isLater && 2n * weight >= validators.totalWeight(PRIMARY_NETWORK_ID) ? Number(time) : undefined;
}
