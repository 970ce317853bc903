import { expect, test } from "bun:test";
import { Registry } from "prom-client";
import { ManualClock } from "../../../lib/core/clock.ts";
import { exposeMetrics } from "../../../lib/core/exposition.ts";
import { EMPTY_ID, type ID, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import { NetworkMetrics } from "../../../lib/p2p/network/metrics.ts";
import type { PeerHandle } from "../../../lib/p2p/peer/contract.ts";
import { PeerMetrics } from "../../../lib/p2p/peer/metrics.ts";
import { metricValue } from "../../support/metric_value.ts";

const SUBNET = "2Z36RnQuk1hvsnFeGWzfZUfXNr7w1SjzmDQ78YxfTVNAkDq3nZ" as ID;

function peer(index: number, trackedSubnets: readonly ID[] = []): PeerHandle {
  const bytes = new Uint8Array(20);
  new DataView(bytes.buffer).setUint32(0, index);
  return {
    nodeID: nodeIDFromBytes(bytes),
    trackedSubnets: new Set(trackedSubnets),
  } as Partial<PeerHandle> as PeerHandle;
}

function networkMetrics(trackedSubnets: readonly ID[] = []) {
  const namespace = new MetricsNamespace(new Registry(), "avalanche_network");
  const clock = new ManualClock(0);
  const metrics = new NetworkMetrics({ clock, dialling: () => 0 }, new Set(trackedSubnets), namespace);
  return { clock, metrics, namespace };
}

test("a scrape has as many lines with a thousand peers as with one", async () => {
  const lines = async (count: number) => {
    const { metrics, namespace } = networkMetrics([SUBNET]);
    for (let i = 0; i < count; i++) metrics.connected(peer(i, [SUBNET, PRIMARY_NETWORK_ID]));
    expect(await metricValue(namespace, "peers")).toBe(count);
    return (await exposeMetrics(namespace.registry)).split("\n").length;
  };
  expect(await lines(1_000)).toBe(await lines(1));
});

test("a subnet's peers are those that track it, of the subnets that this node tracks", async () => {
  const { metrics, namespace } = networkMetrics([SUBNET]);
  expect(await metricValue(namespace, "peers_subnet", { subnetID: SUBNET })).toBe(0);
  const [tracking, other] = [peer(1, [SUBNET, EMPTY_ID]), peer(2, [EMPTY_ID])];
  metrics.connected(tracking);
  metrics.connected(other);
  expect(await metricValue(namespace, "peers_subnet", { subnetID: SUBNET })).toBe(1);
  const { values } = (await namespace.registry.getSingleMetric("avalanche_network_peers_subnet")?.get()) ?? {};
  expect(values?.map(({ labels }) => labels["subnetID"])).toEqual([SUBNET]);
  metrics.disconnected(tracking);
  expect(await metricValue(namespace, "peers_subnet", { subnetID: SUBNET })).toBe(0);
});

test("the mean age of connections is that of those that are there", async () => {
  const { clock, metrics, namespace } = networkMetrics();
  metrics.connected(peer(1));
  await clock.runFor(3_000);
  metrics.connected(peer(2));
  await clock.runFor(1_000);
  expect(await metricValue(namespace, "peer_connected_duration_average")).toBe(2.5e9);
  metrics.disconnected(peer(1));
  expect(await metricValue(namespace, "peer_connected_duration_average")).toBe(1e9);
  metrics.disconnected(peer(2));
  expect(await metricValue(namespace, "peer_connected_duration_average")).toBe(0);
});

test("what was sent to all that were meant shows that none failed", async () => {
  const namespace = new MetricsNamespace(new Registry(), "avalanche_network");
  const metrics = new PeerMetrics(namespace);
  expect(await exposeMetrics(namespace.registry)).not.toContain("msgs_failed_to_send");
  metrics.sendFailed(Op.AppGossip, 0);
  expect(await exposeMetrics(namespace.registry)).toContain(
    'avalanche_network_msgs_failed_to_send{op="app_gossip"} 0\n',
  );
  metrics.sendFailed(Op.AppGossip, 2);
  metrics.sendFailed(Op.AppGossip);
  expect(await metricValue(namespace, "msgs_failed_to_send", { op: "app_gossip" })).toBe(3);
});
