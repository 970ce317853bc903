/**
 * When an upgrade comes that this node does not know (upstream `node/node.go`, its `futureupgrade` check).
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import type { MetricsNamespace } from "../core/metrics.ts";
import { countUpgradeVote, type UpgradeVoteModules, unknownUpgrade } from "./upgrade_vote.ts";

/** What the time is worked out from. */
export interface UpgradeMetricsModules extends UpgradeVoteModules {
  readonly clock: Clock;
  /** When this node's own upgrade is, Unix seconds. */
  readonly localUpgradeTime: number;
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
    const upgradeTime = unknownUpgrade(countUpgradeVote(modules), modules.localUpgradeTime);
    if (upgradeTime === undefined) return Number.POSITIVE_INFINITY;
    return (upgradeTime - clock.now() / MILLISECONDS_PER_SECOND) * NANOSECONDS_PER_SECOND;
  });
}
