import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { Node } from "../../lib/node/node.ts";
import type { App } from "../../lib/p2p/app/loading/app.ts";
import { appChainID } from "../../lib/p2p/app/loading/chain_id.ts";
import { Op } from "../../lib/p2p/message/ops.ts";
import { connectPeer } from "../../lib/p2p/peer/connect_peer.ts";
import {
  ABSENT_LABELS,
  ABSENT_METRICS,
  OWN_SHOWN_WHEN_HAPPENED,
  reasonFor,
  SHOWN_WHEN_HAPPENED,
} from "../../scripts/side_by_side/absences.ts";
import { gatherFacts } from "../../scripts/side_by_side/gather.ts";
import { SIDE_BY_SIDE_PAGE } from "../../scripts/side_by_side/page.ts";
import { type Family, labelNames, parseMetrics } from "../../scripts/side_by_side/parse_metrics.ts";
import cChain from "../../scripts/side_by_side/seats/c_chain.ts";
import pChain from "../../scripts/side_by_side/seats/p_chain.ts";
import xChain from "../../scripts/side_by_side/seats/x_chain.ts";
import dashboardNames from "../fixtures/dashboards/metric_names.json";
import { type AppNodes, startAppNodes } from "../support/app_nodes.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { LOOPBACK, nodeConfig, TEST_NETWORK_ID } from "./support.ts";

setDefaultTimeout(60_000);

const PLATFORM_CHAIN_ID = "11111111111111111111111111111111LpoYY";
const OTHER_CHAIN_ID = "2Z36RnQuk1hvsnFeGWzfZUfXNr7w1SjzmDQ78YxfTVNAkDq3nZ";

/** Two nodes with apps where avalanchego has chains, which gossip. */
let network: AppNodes;

beforeAll(async () => {
  network = await startAppNodes(2, () => [pChain, xChain, cChain]);
  await eventually("all apps have pushed and pulled", async () => {
    const families = await scrape();
    const machines = ["platformvm_tx", "avm_tx", "evm_sdk_eth_tx", "evm_sdk_atomic_tx"];
    return (
      machines.every((machine) => {
        const { series = [] } = families.get(`avalanche_${machine}_gossip_count`) ?? {};
        return series.length === 4;
      }) && families.has("avalanche_responses_messages")
    );
  });
});

afterAll(() => network[Symbol.asyncDispose]());

const first = () => network.nodes[0] as Node;

async function scrape(node: Node = first()): Promise<ReadonlyMap<string, Family>> {
  const response = await fetch(`${node.uri}/ext/metrics`);
  expect(response.status).toBe(200);
  return parseMetrics(await response.text());
}

/** The sum of the series that have the labels; `undefined` where there is none. */
function sum(families: ReadonlyMap<string, Family>, name: string, labels: Record<string, string> = {}) {
  const wanted = Object.entries(labels);
  const fitting = (families.get(`avalanche_${name}`)?.series ?? []).filter((series) => {
    return wanted.every(([label, value]) => series.labels[label] === value);
  });
  return fitting.length === 0 ? undefined : fitting.reduce((total, { value }) => total + value, 0);
}

const recorded = parseMetrics(readFileSync(new URL("../fixtures/api/metrics-network.txt", import.meta.url), "utf8"));
const laterNames = new Set([...SHOWN_WHEN_HAPPENED, ...OWN_SHOWN_WHEN_HAPPENED].map(({ name }) => name));

test("every family of the networking side is there, with avalanchego's type and labels", async () => {
  const families = await scrape();
  expect(recorded.size).toBe(90);
  for (const family of recorded.values()) {
    const own = families.get(family.name);
    expect([family.name, own?.type, own && labelNames(own)]).toEqual([
      family.name,
      family.type,
      [...labelNames(family)],
    ]);
    expect(own?.help).not.toBe("");
  }
});

test("each family that a node of its kind shows has no reason to be missing", async () => {
  for (const name of (await scrape()).keys()) {
    const reason = reasonFor(ABSENT_METRICS, name);
    // Apps in the seats of chains show what the virtual machines there would of app protocols, and nothing else.
    if (reason !== undefined) expect(name).toMatch(/_(p2p_msg|tx_gossip|tx_bloom_filter|mempool_bloom_filter)_/);
  }
});

test("label values are of sets that do not grow", async () => {
  const limits: Readonly<Record<string, RegExp>> = {
    op: /^[a-z_]{4,40}$/,
    io: /^(sent|received)$/,
    type: /^(zstd|push|pull|sent|unsent)$/,
    direction: /^(compression|decompression|inbound|outbound)$/,
    compressed: /^(true|false)$/,
    chain: /^[PXC]$/,
    handlerID: /^[01]$/,
    check: /^(health|liveness|readiness)$/,
    tag: /^(all|application|11111111111111111111111111111111LpoYY)$/,
    base: /^[a-zA-Z/]+$/,
    reason: /^[a-z-]+$/,
    processID: new RegExp(`^${process.pid}$`),
    le: /^(\d+|\+Inf)$/,
  };
  const series = [...(await scrape()).values()].flatMap((family) => family.series);
  for (const { labels, name } of series) {
    for (const [label, value] of Object.entries(labels)) {
      expect({ name, label, value }).toEqual({ name, label, value: expect.stringMatching(limits[label] ?? /^$/) });
    }
  }
  // Some 3,900 in avalanchego.
  expect(series.length).toBeLessThan(600);
});

const ABSENT_FROM_DASHBOARDS = /^avalanche_(blks|rpcchainvm|snowman|meterdb|meterchainvm|platformvm|avm|evm|db)_|_go_/;

test.each(Object.entries(dashboardNames.dashboards))(
  "what the dashboard %s asks of the network is there: names and labels",
  async (_, selectors) => {
    const families = await scrape();
    const found = selectors.map(({ name, labels = {} }: { name: string; labels?: Record<string, string> }) => {
      const wanted = Object.entries(labels).map(([label, value]) => [label, new RegExp(`^(?:${value})$`)] as const);
      const family = [...families.values()].find(({ series }) => series.some((one) => one.name === name));
      const isThere = family?.series.some((one) => {
        return one.name === name && wanted.every(([label, value]) => value.test(one.labels[label] ?? ""));
      });
      if (isThere === true || laterNames.has(name)) return undefined;
      const absentLabel = Object.entries(labels).find((pair) => reasonFor(ABSENT_LABELS, pair.join("=")) !== undefined);
      if (family !== undefined && absentLabel !== undefined) return undefined;
      // What is absent is absent for a reason, and is nothing of the network's.
      return reasonFor(ABSENT_METRICS, name) !== undefined && ABSENT_FROM_DASHBOARDS.test(name) ? undefined : name;
    });
    expect(found.filter((name) => name !== undefined)).toEqual([]);
  },
);

test("the network's dashboard lacks one panel's metrics alone: blocks that were accepted", async () => {
  const families = await scrape();
  const names = new Set(dashboardNames.dashboards.network.map(({ name }) => name));
  expect([...names].filter((name) => !families.has(name) && !laterNames.has(name))).toEqual([
    "avalanche_snowman_blks_accepted_count",
  ]);
});

test("an app in a chain's seat is shown under the chain's name, and every chain's stake", async () => {
  const families = await scrape();
  expect(sum(families, "evm_sdk_p2p_msg_count", { chain: "C", handlerID: "1", op: "app_request" })).toBeGreaterThan(0);
  expect(sum(families, "handler_messages", { chain: "X", op: "app_gossip" })).toBeGreaterThan(0);
  expect(
    families.get("avalanche_stake_num_validators")?.series.map(({ labels, value }) => [labels["chain"], value]),
  ).toEqual([
    ["C", 2],
    ["P", 2],
    ["X", 2],
  ]);
  expect(sum(families, "stake_percent_connected", { chain: "P" })).toBe(1);
});

test.each([
  ["gardener", undefined, "gardener"],
  ["gardener", "C", "C"],
  ["gardener", PLATFORM_CHAIN_ID, "P"],
  ["gardener", OTHER_CHAIN_ID, OTHER_CHAIN_ID],
  // The name of a chain is that chain's alone.
  ["C", undefined, appChainID("C")],
])("an app %s on the chain %p is %p in metrics", async (name, chain, label) => {
  const app: App = { name, start: () => ({}), ...(chain === undefined ? {} : { chain }) };
  await using alone = await startAppNodes(1, () => [app]);
  const families = await scrape(alone.nodes[0]);
  const chains = families.get("avalanche_handler_locking_time")?.series.map(({ labels }) => labels["chain"]);
  expect(chains?.toSorted()).toEqual([...new Set(["C", "P", "X", label])].sort());
});

test("a handshake that one node says it has sent, the other says it has received", async () => {
  const [one, other] = network.nodes as [Node, Node];
  const [sent, received] = await Promise.all([scrape(one), scrape(other)]);
  const handshakes = (families: ReadonlyMap<string, Family>, name: string, io: string) =>
    sum(families, name, { io, op: "handshake" }) as number;
  expect(handshakes(sent, "network_msgs", "sent")).toBeGreaterThanOrEqual(1);
  expect(handshakes(received, "network_msgs_bytes", "received")).toBe(handshakes(sent, "network_msgs_bytes", "sent"));
});

test("a peer that comes, speaks and goes moves what avalanchego's would", async () => {
  const before = await scrape();
  const moved = async (name: string, labels: Record<string, string> = {}) =>
    (sum(await scrape(), name, labels) ?? 0) - (sum(before, name, labels) ?? 0);
  {
    await using peer = await connectPeer(first().stakingAddress, { networkID: TEST_NETWORK_ID });
    peer.send(peer.build.ping(100));
    await peer.next(Op.Pong);
    expect(await moved("network_peers")).toBe(1);
    expect(await moved("network_times_connected")).toBe(1);
    expect(await moved("network_inbound_conn_throttler_allowed")).toBe(1);
    expect(await moved("network_clock_skew_count")).toBe(1);
    expect(await moved("network_times_disconnected")).toBe(0);
    expect(await moved("network_msgs", { io: "received", op: "handshake", compressed: "false" })).toBe(1);
    // It holds no stake: what is connected of that is the same.
    expect(sum(await scrape(), "stake_percent_connected", { chain: "X" })).toBe(1);

    peer.sendRaw(Uint8Array.of(0, 0, 0, 3, 0xff, 0xff, 0xff));
    await eventually("what is no message has been counted", async () => {
      return (await moved("network_msgs_failed_to_parse")) === 1;
    });
  }
  await eventually("the peer's end has been counted", async () => (await moved("network_times_disconnected")) === 1);
  expect(await moved("network_peers")).toBe(0);
});

test("calls are counted by API, and each scrape counts itself once it is over", async () => {
  const before = sum(await scrape(), "api_calls", { base: "metrics" }) as number;
  const during = await scrape();
  expect(sum(during, "api_calls", { base: "metrics" })).toBe(before + 1);
  expect(sum(during, "api_calls_processing", { base: "metrics" })).toBe(1);
  const infos = sum(during, "api_calls", { base: "info" }) as number;
  await fetch(`${first().uri}/ext/info`, {
    method: "POST",
    body: "{",
    headers: { "content-type": "application/json" },
  });
  expect(sum(await scrape(), "api_calls", { base: "info" })).toBe(infos + 1);
});

test("counters do not go back while the node works", async () => {
  const counters = async () => {
    const families = [...(await scrape()).values()].filter(({ type }) => type === "counter");
    return new Map(
      families.flatMap(({ series }) =>
        series.map(({ labels, name, value }) => [JSON.stringify([name, labels]), value]),
      ),
    );
  };
  const before = await counters();
  await eventually("more was sent", async () => {
    const after = await counters();
    for (const [series, value] of before) expect(after.get(series), series).toBeGreaterThanOrEqual(value);
    return [...after.values()].reduce((a, b) => a + b, 0) > [...before.values()].reduce((a, b) => a + b, 0) + 100;
  });
});

test("the page in docs/ has every family, check and method that a node has", async () => {
  const page = readFileSync(new URL(`../../${SIDE_BY_SIDE_PAGE}`, import.meta.url), "utf8");
  const written = new Set([...page.matchAll(/`([^`\s]+)`/g)].map(([, name]) => name as string));
  const { checks, families, methods } = await gatherFacts(first().uri);
  const names = [...families.keys(), ...checks.keys(), ...methods];
  expect(names.filter((name) => !written.has(name))).toEqual([]);
});

test("without the metrics API there is no page for it, and the rest answers", async () => {
  using directory = temporaryDirectory();
  await using node = await Node.start(
    nodeConfig({
      ...LOOPBACK,
      "network-id": "local",
      "data-dir": directory.path,
      "bootstrap-ips": "",
      "bootstrap-ids": "",
      "api-metrics-enabled": "false",
    }),
  );
  const response = await fetch(`${node.uri}/ext/metrics`);
  expect([response.status, await response.text()]).toEqual([404, "404 page not found\n"]);
  expect((await fetch(`${node.uri}/ext/health/liveness`)).status).toBe(200);
});
