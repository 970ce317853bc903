/** What flags make of time-outs, of the benchlist and of the router's health. */

import { expect, test } from "bun:test";
import { flagSpec } from "../../../lib/node/config/table.ts";
import { DEFAULT_BENCHLIST_OPTIONS } from "../../../lib/p2p/routing/benchlist/benchlist.ts";
import { DEFAULT_ROUTER_HEALTH_OPTIONS } from "../../../lib/p2p/routing/router/health.ts";
import { DEFAULT_ADAPTIVE_TIMEOUT_OPTIONS } from "../../../lib/p2p/routing/timeout/adaptive_timeout_manager.ts";
import { nodeConfig } from "../support.ts";

const FLAGS = {
  "network-initial-timeout": "3s",
  "network-minimum-timeout": "1s",
  "network-maximum-timeout": "20s",
  "network-timeout-coefficient": "1.5",
  "network-timeout-halflife": "7m",
  "benchlist-bench-probability": "0.6",
  "benchlist-unbench-probability": "0.1",
  "benchlist-duration": "2m",
  "benchlist-halflife": "30s",
  "router-health-max-drop-rate": "0.3",
  "router-health-max-outstanding-requests": "9",
  "network-health-max-outstanding-request-duration": "4m",
  "health-check-averager-halflife": "12s",
  "consensus-app-concurrency": "5",
  "consensus-shutdown-timeout": "6s",
};

test("each flag reaches what it is for", () => {
  expect(nodeConfig(FLAGS).network.routing).toEqual({
    timeouts: {
      initialTimeoutMs: 3_000,
      minimumTimeoutMs: 1_000,
      maximumTimeoutMs: 20_000,
      timeoutCoefficient: 1.5,
      timeoutHalflifeMs: 420_000,
    },
    benchlist: {
      benchProbability: 0.6,
      unbenchProbability: 0.1,
      benchDurationMs: 120_000,
      halflifeMs: 30_000,
      maxPortion: DEFAULT_BENCHLIST_OPTIONS.maxPortion,
    },
    health: {
      maxDropRate: 0.3,
      maxDropRateHalflifeMs: 12_000,
      maxOutstandingRequests: 9,
      maxOutstandingDurationMs: 240_000,
    },
    chains: { appConcurrency: 5, shutdownTimeoutMs: 6_000 },
  });
});

test("without flags it is what the rooms say", () => {
  const { benchlist, health, timeouts } = nodeConfig({}).network.routing;
  expect(timeouts).toEqual(DEFAULT_ADAPTIVE_TIMEOUT_OPTIONS);
  expect(benchlist).toEqual(DEFAULT_BENCHLIST_OPTIONS);
  expect(health).toEqual(DEFAULT_ROUTER_HEALTH_OPTIONS);
});

test("a larger quorum leaves less stake to bench", () => {
  const portion = (flags: Readonly<Record<string, string>>) => nodeConfig(flags).network.routing.benchlist.maxPortion;
  expect(portion({ "snow-confidence-quorum-size": "18" })).toBeCloseTo(0.1 / 3, 12);
  expect(portion({ "snow-quorum-size": "20" })).toBe(0);
});

test.each(Object.keys(FLAGS) as (keyof typeof FLAGS)[])("%s has an effect", (name) => {
  expect(flagSpec(name).inert).toBeUndefined();
});
