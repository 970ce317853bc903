import { expect, test } from "bun:test";
import { Registry } from "prom-client";
import { ManualClock } from "../../lib/core/clock.ts";
import { EMPTY_ID, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { nodeIDFromBytes } from "../../lib/core/ids/node_id.ts";
import { MetricsNamespace } from "../../lib/core/metrics.ts";
import { ValidatorManager } from "../../lib/core/validators/manager.ts";
import { declareStakeMetrics } from "../../lib/node/stake_metrics.ts";
import { declareUpgradeMetrics } from "../../lib/node/upgrade_metrics.ts";
import { metricValue } from "../support/metric_value.ts";

const NODES = [1, 2, 3, 4].map((n) => nodeIDFromBytes(new Uint8Array(20).fill(n)));
const [A, B, C, D] = NODES as [(typeof NODES)[0], (typeof NODES)[0], (typeof NODES)[0], (typeof NODES)[0]];

function staked(weights: readonly bigint[]): ValidatorManager {
  const validators = new ValidatorManager();
  weights.forEach((weight, index) => {
    const nodeID = NODES[index] as (typeof NODES)[0];
    validators.addStaker(PRIMARY_NETWORK_ID, { nodeID, weight, publicKey: undefined, txID: EMPTY_ID });
  });
  return validators;
}

test("each chain shows its validators, their stake, and the share of it that is connected", async () => {
  const metrics = new MetricsNamespace(new Registry(), "avalanche_stake");
  const validators = staked([100n, 300n]);
  let connected = 0n;
  let asked = 0;
  let chains = [
    { alias: "P", subnetID: PRIMARY_NETWORK_ID },
    { alias: "C", subnetID: PRIMARY_NETWORK_ID },
  ];
  declareStakeMetrics(metrics, {
    validators,
    chains: () => chains,
    connectedStake: (subnetID) => {
      asked++;
      return { connected, total: validators.totalWeight(subnetID), disconnected: [] };
    },
  });
  const value = (name: string, chain: string) => metricValue(metrics, name, { chain });
  expect([await value("num_validators", "C"), await value("total_weight", "P")]).toEqual([2, 400]);
  connected = 100n;
  asked = 0;
  expect(await value("percent_connected", "P")).toBe(0.25);
  expect(asked).toBe(1);

  validators.addWeight(PRIMARY_NETWORK_ID, B, 100n);
  connected = 500n;
  expect(await value("total_weight", "C")).toBe(500);
  expect(await value("percent_connected", "C")).toBe(1);

  chains = [];
  expect((await metrics.registry.getSingleMetric("avalanche_stake_total_weight")?.get())?.values).toEqual([]);
});

test("without validators all of the stake is connected, as upstream has it", async () => {
  const metrics = new MetricsNamespace(new Registry(), "avalanche_stake");
  declareStakeMetrics(metrics, {
    validators: staked([]),
    chains: () => [{ alias: "P", subnetID: PRIMARY_NETWORK_ID }],
    connectedStake: () => ({ connected: 0n, total: 0n, disconnected: [] }),
  });
  expect(await metricValue(metrics, "percent_connected", { chain: "P" })).toBe(1);
});

test.each([
  ["nobody has one", [], Number.POSITIVE_INFINITY],
  [
    "all have this node's",
    [
      [A, 1_000],
      [B, 1_000],
      [C, 1_000],
    ],
    Number.POSITIVE_INFINITY,
  ],
  [
    "all have an earlier one",
    [
      [A, 900],
      [B, 900],
      [C, 900],
    ],
    Number.POSITIVE_INFINITY,
  ],
  [
    "half of the stake has a later one",
    [
      [A, 5_000],
      [B, 1_000],
      [C, 1_000],
    ],
    4_500e9,
  ],
  [
    "less than half has a later one",
    [
      [B, 5_000],
      [A, 1_000],
    ],
    Number.POSITIVE_INFINITY,
  ],
  ["who does not validate has a later one", [[D, 5_000]], Number.POSITIVE_INFINITY],
  [
    "the later one has passed",
    [
      [A, 1_100],
      [B, 1_100],
    ],
    600e9,
  ],
] as const)("the time until an unknown upgrade, where %s", async (_, claims, nanoseconds) => {
  const metrics = new MetricsNamespace(new Registry(), "avalanche_upgrade");
  const told = new Map(claims.map(([nodeID, time]) => [nodeID, BigInt(time)]));
  declareUpgradeMetrics(metrics, {
    clock: new ManualClock(500_000),
    validators: staked([50n, 30n, 20n]),
    localUpgradeTime: 1_000,
    upgradeTime: (nodeID) => told.get(nodeID),
  });
  expect(await metricValue(metrics, "time_until")).toBe(nanoseconds);
});
