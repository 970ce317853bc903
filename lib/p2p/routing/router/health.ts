/**
 * Whether requests come to an end, judged by upstream's rules (`snow/networking/router/chain_router.go`,
 * `HealthCheck`).
 *
 * @module
 */

import { formatDuration } from "../../../core/duration.ts";
import type { HealthFinding } from "../../network/health.ts";

/** From when on a router is unwell. Durations are milliseconds. */
export interface RouterHealthOptions {
  /** @default {1} The share of messages that may be dropped, from 0 to 1. */
  readonly maxDropRate?: number;
  /** @default {10000} The half-life of that share. */
  readonly maxDropRateHalflifeMs?: number;
  /** @default {1024} */
  readonly maxOutstandingRequests?: number;
  /** @default {300000} */
  readonly maxOutstandingDurationMs?: number;
}

/** Upstream's (`config/flags.go`, `router-health-…`, `network-health-max-outstanding-request-duration`). */
export const DEFAULT_ROUTER_HEALTH_OPTIONS: Required<RouterHealthOptions> = {
  maxDropRate: 1,
  maxDropRateHalflifeMs: 10_000,
  maxOutstandingRequests: 1_024,
  maxOutstandingDurationMs: 300_000,
};

/** What is judged. */
export interface RouterHealthInputs {
  readonly outstandingRequests: number;
  /** How long the oldest request has been under way, milliseconds. */
  readonly longestRunningMs: number;
  /** From 0 to 1. */
  readonly dropRate: number;
}

/**
 * Judges a router.
 *
 * A departure: upstream takes a limit for dropped messages and does not look at it. Here it counts, and the share is
 * shown where the limit is below 1, which it is when somebody has set it.
 */
export function judgeRouterHealth(inputs: RouterHealthInputs, options: Required<RouterHealthOptions>): HealthFinding {
  const { dropRate, longestRunningMs, outstandingRequests } = inputs;
  const { maxDropRate, maxOutstandingDurationMs, maxOutstandingRequests } = options;
  const longestRunningRequest = formatDuration(longestRunningMs);
  const details = {
    longestRunningRequest,
    outstandingRequests,
    ...(maxDropRate < 1 ? { dropRate } : {}),
  };
  const reasons: string[] = [];
  if (outstandingRequests > maxOutstandingRequests) {
    reasons.push(`number of outstanding requests ${outstandingRequests} > ${maxOutstandingRequests}`);
  }
  if (longestRunningMs > maxOutstandingDurationMs) {
    reasons.push(
      `time for outstanding requests ${longestRunningRequest} > ${formatDuration(maxOutstandingDurationMs)}`,
    );
  }
  if (dropRate > maxDropRate) reasons.push(`drop rate ${dropRate} > ${maxDropRate}`);
  const error = reasons.length === 0 ? undefined : `the router is not healthy reason: ${reasons.join(", ")}`;
  return { details, error };
}
