import { expect, test } from "bun:test";
import { PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { NotValidatorError } from "../../lib/p2p/network/uptime.ts";
import { metricValue } from "../support/metric_value.ts";
import { type VirtualNode, virtualNodes } from "../support/virtual_nodes.ts";

const SECOND = 1_000;
const PING = { "network-ping-frequency": "1s", "network-ping-timeout": "10s" };

/** Two validators that find each other after half a minute, and a minute and a half later. */
async function lateMeeting(flags: Readonly<Record<string, string>> = {}) {
  const world = await virtualNodes([{ ...PING, ...flags }, PING]);
  await world.clock.runFor(29 * SECOND);
  await world.connect(0, 1);
  await world.clock.runFor(90 * SECOND);
  const [node, peer] = world.nodes as [VirtualNode, VirtualNode];
  return { world, node, peer };
}

function weighted(node: VirtualNode): Promise<number> {
  return metricValue(node.metrics.namespace("network"), "node_uptime_weighted_average");
}

function rewarding(node: VirtualNode): Promise<number> {
  return metricValue(node.metrics.namespace("network"), "node_uptime_rewarding_stake");
}

test("peers tell in pings how much of the time they saw a validator, from when they knew it as one", async () => {
  const { world, node, peer } = await lateMeeting();
  await using _ = world;
  const [seen] = node.network.peerInfo();
  // 90 or 91 of 120 seconds, rounded down as the reference does.
  expect([74, 75]).toContain(seen?.observedUptime as number);
  const { observedUptime = 0 } = seen ?? {};
  expect(node.network.nodeUptime().weightedAveragePercentage).toBe((100 + observedUptime) / 2);

  // A peer that goes is not counted at all, as in the reference: its stake is missing from the average.
  const closed = peer.network.close();
  await world.clock.runFor(SECOND);
  await closed;
  expect(node.network.nodeUptime()).toEqual({ rewardingStakePercentage: 50, weightedAveragePercentage: 50 });
});

test("uptime-requirement: who sees this node for less of the time does not count for its reward", async () => {
  for (const [requirement, stake] of [
    ["0.8", 50],
    ["0.7", 100],
  ] as const) {
    const { world, node } = await lateMeeting({ "uptime-requirement": requirement });
    await using _ = world;
    expect(node.network.nodeUptime().rewardingStakePercentage).toBe(stake);
  }
});

test("uptime-metric-freq: the metrics are renewed as often as it says, and fall to 0 where a validator is none any more", async () => {
  await using world = await virtualNodes([{ ...PING, "uptime-metric-freq": "5s" }, PING]);
  const [node, peer] = world.nodes as [VirtualNode, VirtualNode];
  await world.connect(0, 1);
  expect(await weighted(node)).toBe(0);
  await world.clock.runFor(4_100);
  expect(await weighted(node)).toBeGreaterThan(50);
  expect(await rewarding(node)).toBe(100);
  // Every 30 seconds where nothing is said.
  expect(await weighted(peer)).toBe(0);

  node.validators.removeWeight(PRIMARY_NETWORK_ID, node.network.myNodeID, 100n);
  expect(() => node.network.nodeUptime()).toThrow(NotValidatorError);
  await world.clock.runFor(5 * SECOND);
  expect(await weighted(node)).toBe(0);
  expect(await rewarding(node)).toBe(0);
});

test("stake weighs: the view of a peer counts as much as its stake, and that of a stranger not at all", async () => {
  await using world = await virtualNodes([PING, PING, PING], (i) => i !== 2);
  const [node, peer, stranger] = world.nodes as [VirtualNode, VirtualNode, VirtualNode];
  node.validators.addWeight(PRIMARY_NETWORK_ID, peer.network.myNodeID, 200n);
  await world.connect(0, 1);
  await world.connect(2, 0);
  await world.clock.runFor(10 * SECOND);
  const told = new Map(node.network.peerInfo().map(({ nodeID, observedUptime }) => [nodeID, observedUptime]));
  const seen = told.get(peer.network.myNodeID) as number;
  expect(seen).toBeGreaterThan(80);
  expect(told.has(stranger.network.myNodeID)).toBe(true);
  expect(node.network.nodeUptime().weightedAveragePercentage).toBeCloseTo((100 * 100 + seen * 300) / 400, 10);
  // Nobody promises a stranger a reward: it is told 0.
  expect(new Set(stranger.network.peerInfo().map(({ observedUptime }) => observedUptime))).toEqual(new Set([0]));
});
