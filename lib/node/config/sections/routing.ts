/**
 * How requests to chains are timed, who is benched, and when the router is unwell. Durations are milliseconds.
 *
 * @module
 */

import type { BenchlistOptions } from "../../../p2p/routing/benchlist/benchlist.ts";
import type { ChainHandlerOptions } from "../../../p2p/routing/handler/options.ts";
import type { RouterHealthOptions } from "../../../p2p/routing/router/health.ts";
import type { AdaptiveTimeoutOptions } from "../../../p2p/routing/timeout/adaptive_timeout_manager.ts";
import { refuseTogether, requireNotNegative, requirePositive, requireRange } from "../rules.ts";
import type { Settings } from "../settings.ts";

/** What the routing room is told, but for what only a running node knows. */
export interface RoutingConfig {
  readonly timeouts: Required<AdaptiveTimeoutOptions>;
  readonly benchlist: Required<BenchlistOptions>;
  readonly health: Required<RouterHealthOptions>;
  readonly chains: Required<Pick<ChainHandlerOptions, "appConcurrency" | "shutdownTimeoutMs">>;
}

/**
 * Checks in upstream's order (`config/config.go`, `getNetworkConfig` and `getAdaptiveTimeoutConfig`).
 *
 * @throws {ConfigError} `invalid-value` or `conflict`.
 */
export function routingConfig(settings: Settings): RoutingConfig {
  const health = {
    maxDropRate: requireRange(settings, "router-health-max-drop-rate", 0, 1),
    maxDropRateHalflifeMs: requirePositive(settings, "health-check-averager-halflife"),
    maxOutstandingRequests: settings.get("router-health-max-outstanding-requests"),
    maxOutstandingDurationMs: requirePositive(settings, "network-health-max-outstanding-request-duration"),
  };
  return {
    health,
    timeouts: timeoutOptions(settings),
    benchlist: benchlistOptions(settings),
    chains: {
      appConcurrency: requirePositive(settings, "consensus-app-concurrency"),
      shutdownTimeoutMs: requireNotNegative(settings, "consensus-shutdown-timeout"),
    },
  };
}

function timeoutOptions(settings: Settings): Required<AdaptiveTimeoutOptions> {
  const maximumTimeoutMs = requirePositive(settings, "network-maximum-timeout");
  const minimumTimeoutMs = requirePositive(settings, "network-minimum-timeout");
  if (minimumTimeoutMs > maximumTimeoutMs) {
    throw refuseTogether(
      ["network-minimum-timeout", "network-maximum-timeout"],
      "network-maximum-timeout must be >= network-minimum-timeout",
    );
  }
  const initialTimeoutMs = settings.get("network-initial-timeout");
  if (initialTimeoutMs < minimumTimeoutMs || initialTimeoutMs > maximumTimeoutMs) {
    throw refuseTogether(
      ["network-initial-timeout", "network-minimum-timeout", "network-maximum-timeout"],
      "network-initial-timeout must be in [network-minimum-timeout, network-maximum-timeout]",
    );
  }
  const timeoutHalflifeMs = requirePositive(settings, "network-timeout-halflife");
  const timeoutCoefficient = requireRange(settings, "network-timeout-coefficient", 1, Number.POSITIVE_INFINITY, ">= 1");
  return { initialTimeoutMs, minimumTimeoutMs, maximumTimeoutMs, timeoutCoefficient, timeoutHalflifeMs };
}

/**
 * The share of stake that may be benched leaves polls able to succeed: a third of what they can do without (upstream
 * `config/config.go`, `getBenchlistConfig`).
 */
function benchlistOptions(settings: Settings): Required<BenchlistOptions> {
  const alphaConfidence = settings.isSet("snow-quorum-size")
    ? settings.get("snow-quorum-size")
    : settings.get("snow-confidence-quorum-size");
  return {
    halflifeMs: requirePositive(settings, "benchlist-halflife"),
    unbenchProbability: settings.get("benchlist-unbench-probability"),
    benchProbability: settings.get("benchlist-bench-probability"),
    benchDurationMs: settings.get("benchlist-duration"),
    maxPortion: (1 - alphaConfidence / settings.get("snow-sample-size")) / 3,
  };
}
