import { expect, test } from "bun:test";
import { Registry } from "prom-client";
import { EMPTY_FILTER_BYTES } from "../../../lib/core/bloom/filter.ts";
import { ManualClock } from "../../../lib/core/clock.ts";
import { exposeMetrics } from "../../../lib/core/exposition.ts";
import { sha256 } from "../../../lib/core/hashing.ts";
import { EMPTY_ID, type ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { seededRandom } from "../../../lib/core/random.ts";
import { ValidatorManager } from "../../../lib/core/validators/manager.ts";
import { AppNetwork } from "../../../lib/p2p/app/app_network.ts";
import type { Gossip, GossipSet } from "../../../lib/p2p/app/gossip/gossipable.ts";
import { marshalPullRequest, marshalPullResponse, marshalPushGossip } from "../../../lib/p2p/app/gossip/messages.ts";
import { type GossipSystemOptions, gossipSystem } from "../../../lib/p2p/app/gossip/system.ts";
import { handlerPrefix, prefixMessage } from "../../../lib/p2p/app/handler_id.ts";
import { AppMetrics } from "../../../lib/p2p/app/metrics.ts";
import { parseMetrics } from "../../../scripts/side_by_side/parse_metrics.ts";

const [ME, PEER] = [1, 2].map((n) => nodeIDFromBytes(new Uint8Array(20).fill(n))) as [NodeID, NodeID];

const BYTES: Gossip<Uint8Array> = {
  id: (item) => idFromBytes(sha256(item)),
  marshal: (item) => item,
  unmarshal: (bytes) => bytes.slice(),
};

function emptySet(): GossipSet<Uint8Array> & { readonly items: Map<ID, Uint8Array> } {
  const items = new Map<ID, Uint8Array>();
  return {
    items,
    get size() {
      return items.size;
    },
    has: (id) => items.has(id),
    add: (item) => void items.set(BYTES.id(item), item),
    [Symbol.iterator]: () => items.values(),
  };
}

/** A system of gossip on a chain of which two nodes are validators, one of them connected. */
function gossiping(machine: string, options: Partial<GossipSystemOptions> = {}) {
  const registry = new Registry();
  const clock = new ManualClock(0);
  const random = seededRandom(3);
  const validators = new ValidatorManager();
  for (const nodeID of [ME, PEER]) {
    const staker = { nodeID, weight: 50n, publicKey: undefined, txID: EMPTY_ID };
    validators.addStaker(PRIMARY_NETWORK_ID, staker);
  }
  const sent: number[] = [];
  const sender = {
    sendAppRequest: (_to: unknown, requestID: number) => void sent.push(requestID),
    sendAppResponse: () => {},
    sendAppError: () => {},
    sendAppGossip: () => new Set([PEER]),
  };
  const metrics = new AppMetrics((name) => new MetricsNamespace(registry, `avalanche_${name}`));
  const protocols = new AppNetwork(
    { clock, random, sender, validators, metrics: metrics.forChain("X", machine) },
    { myNodeID: ME, subnetID: PRIMARY_NETWORK_ID },
  );
  for (const nodeID of [ME, PEER]) protocols.connected(nodeID);
  const handlerID = options.handlerID ?? 0;
  const set = emptySet();
  const system = gossipSystem(
    { clock, random, protocols, gossip: BYTES, set },
    { handlerID, myNodeID: ME, ...options },
  );
  const shown = async () => parseMetrics(await exposeMetrics(registry));
  const value = async (name: string, labels: Record<string, string> = {}): Promise<number | undefined> => {
    const families = [...(await shown()).values()].flatMap(({ series }) => series);
    const wanted = Object.entries({ chain: "X", ...labels });
    const fits = families.filter((series) => series.name === `avalanche_${name}`);
    return fits.find((series) => wanted.every(([label, text]) => series.labels[label] === text))?.value;
  };
  const message = (bytes: Uint8Array) => prefixMessage(handlerPrefix(handlerID), bytes);
  return { clock, message, protocols, sent, set, shown, system, value };
}

const item = (text: string): Uint8Array => new TextEncoder().encode(text);

test("a system shows what upstream's does, before anything happens", async () => {
  const { shown, value } = gossiping("avm");
  expect([...(await shown()).keys()]).toEqual([
    "avalanche_avm_mempool_bloom_filter_count",
    "avalanche_avm_mempool_bloom_filter_entries",
    "avalanche_avm_mempool_bloom_filter_hashes",
    "avalanche_avm_mempool_bloom_filter_max_count",
    "avalanche_avm_mempool_bloom_filter_reset_count",
    "avalanche_avm_tx_gossip_bloomfilter_hit_rate",
    "avalanche_avm_tx_gossip_throttle_limit",
    "avalanche_avm_tx_gossip_tracking",
    "avalanche_avm_tx_gossip_tracking_lifetime_average",
  ]);
  expect(await value("avm_mempool_bloom_filter_reset_count")).toBe(1);
  expect(await value("avm_tx_gossip_bloomfilter_hit_rate_count")).toBe(0);
  // Two validators, 3,600 requests a period each: half of them, and four standard deviations.
  expect(await value("avm_tx_gossip_throttle_limit")).toBe(1_800 + 4 * 30);
});

test("things that are pushed count with their bytes, and are tracked until they are gone", async () => {
  const { clock, set, system, value } = gossiping("avm");
  system.add(item("abc"));
  system.add(item("de"));
  expect(await value("avm_tx_gossip_tracking", { type: "unsent" })).toBe(2);
  await clock.runFor(100);
  expect(await value("avm_tx_gossip_tracking_lifetime_average")).toBe(100e6);
  system.push.gossip();
  const push = { io: "sent", type: "push" };
  expect([await value("avm_tx_gossip_count", push), await value("avm_tx_gossip_bytes", push)]).toEqual([2, 5]);
  expect(await value("avm_tx_gossip_tracking", { type: "unsent" })).toBe(0);
  expect(await value("avm_tx_gossip_tracking", { type: "sent" })).toBe(2);
  // 90% of the stake is held by both validators.
  expect(await value("avm_tx_gossip_top_validators", { type: "unsent" })).toBe(2);
  expect(await value("avm_tx_gossip_top_validators", { type: "sent" })).toBeUndefined();
  set.items.clear();
  await clock.runFor(60_000);
  system.push.gossip();
  expect(await value("avm_tx_gossip_tracking", { type: "sent" })).toBe(0);
  expect(await value("avm_tx_gossip_tracking_lifetime_average")).toBe(0);
});

test("what comes by push and pull, and what is given, counts apart", async () => {
  const { message, protocols, sent, system, value } = gossiping("avm");
  void protocols.appGossip(PEER, message(marshalPushGossip([item("pushed")])));
  expect(await value("avm_tx_gossip_bytes", { io: "received", type: "push" })).toBe(6);
  expect(await value("avm_mempool_bloom_filter_count")).toBe(1);
  expect(await value("avm_p2p_msg_count", { op: "app_gossip", handlerID: "0" })).toBe(1);

  system.pull.gossip();
  void protocols.appResponse(PEER, sent[0] as number, marshalPullResponse([item("one"), item("two")]));
  const received = { io: "received", type: "pull" };
  expect([await value("avm_tx_gossip_count", received), await value("avm_tx_gossip_bytes", received)]).toEqual([2, 6]);

  void protocols.appRequest(PEER, 9, 0, message(marshalPullRequest(EMPTY_FILTER_BYTES, new Uint8Array(32))));
  expect(await value("avm_tx_gossip_count", { io: "sent", type: "pull" })).toBe(3);
  const { bloom, salt } = system.set.filter();
  void protocols.appRequest(PEER, 10, 0, message(marshalPullRequest(bloom.bytes(), salt)));
  // The first had nothing of what is here, the second all of it.
  expect(await value("avm_tx_gossip_bloomfilter_hit_rate_bucket", { le: "0" })).toBe(1);
  expect(await value("avm_tx_gossip_bloomfilter_hit_rate_bucket", { le: "75" })).toBe(1);
  expect(await value("avm_tx_gossip_bloomfilter_hit_rate_sum")).toBe(100);
});

test.each([
  ["avm", { handlerID: 1 }, "avm_atomic_tx_gossip_tracking", "avm_atomic_mempool_bloom_filter_count"],
  ["evm_sdk", { metricsName: "eth_tx_gossip" }, "evm_sdk_eth_tx_gossip_tracking", "evm_sdk_eth_tx_bloom_filter_count"],
  ["app", { handlerID: 7 }, "app_gossip_7_tracking", "app_gossip_7_bloom_filter_count"],
])("the metrics of %s with %p stand where upstream's would", async (machine, options, tracking, bloom) => {
  const { value } = gossiping(machine, options);
  expect(await value(tracking, { type: "sent" })).toBe(0);
  expect(await value(bloom)).toBe(0);
});

test.each(["", "Gossip", "tx gossip", "p2p_msg", "gossip_bloom_filter", "gossip\n", "ns{}_gossip", "gossip_"])(
  "a system's metrics cannot be called %p",
  (metricsName) => {
    expect(() => gossiping("app", { metricsName })).toThrow("metricsName must be lower-case words that end in gossip");
  },
);

test("a protocol that cannot be is refused for what it is, not for its metrics", () => {
  expect(() => gossiping("app", { handlerID: -1 })).toThrow("-1 is no handler ID");
});

test("who asks without a limit is shown none", async () => {
  const { value } = gossiping("app", { validatorsOnly: false });
  expect(await value("app_tx_gossip_throttle_limit")).toBeUndefined();
});

test("chains of one virtual machine share their families", async () => {
  const registry = new Registry();
  const metrics = new AppMetrics((name) => new MetricsNamespace(registry, `avalanche_${name}`));
  for (const chain of ["one", "two"]) metrics.forChain(chain, "app").observe("app_request", 2, 1.5);
  expect(await exposeMetrics(registry)).toContain(
    'avalanche_app_p2p_msg_time{chain="two",handlerID="2",op="app_request"} 1.5e+06\n',
  );
});
