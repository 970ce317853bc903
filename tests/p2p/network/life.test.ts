import { expect, test } from "bun:test";
import type { Clock } from "../../../lib/core/clock.ts";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { createLogger } from "../../../lib/core/log.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import type { NetworkOptions } from "../../../lib/p2p/network/options.ts";
import type { Transport } from "../../../lib/p2p/transport/contract.ts";
import type { MemoryLink, MemoryTransport } from "../../../lib/p2p/transport/memory.ts";
import { MemoryNetwork, type MemoryNode } from "../../support/memory_network.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** A link that carries everything at once, or nothing while it is broken. */
function breakable(): MemoryLink & { isBroken: boolean } {
  return {
    isBroken: false,
    delayMs() {
      return this.isBroken ? undefined : 0;
    },
  };
}

/** Three validators that know each other. */
async function trio(
  link?: MemoryLink,
  options: Partial<NetworkOptions> = {},
): Promise<MemoryNetwork & { readonly nodes: [MemoryNode, MemoryNode, MemoryNode] }> {
  const net = new MemoryNetwork(link);
  for (let i = 0; i < 3; i++) {
    const node = await net.addNode(options);
    for (const { network, address } of net.nodes) node.network.manuallyTrack(network.myNodeID, address);
  }
  for (const { network } of net.nodes) net.makeValidator(network.myNodeID);
  await net.run(20_000);
  for (const node of net.nodes) expect(node.connectedTo()).toHaveLength(2);
  return net as MemoryNetwork & { readonly nodes: [MemoryNode, MemoryNode, MemoryNode] };
}

/** A clock whose wall time is off by so much. */
function skewed(clock: Clock, byMs: () => number): Clock {
  return {
    now: () => clock.now() + byMs(),
    monotonic: () => clock.monotonic(),
    setTimeout: (fn, delayMs) => clock.setTimeout(fn, delayMs),
    setInterval: (fn, periodMs) => clock.setInterval(fn, periodMs),
  };
}

/** A node that knows the validators, and the first of them to begin with; and its warnings. */
async function join(
  net: MemoryNetwork,
  { identity = newTLSCert(), clock = net.clock as Clock, wrap = (transport: Transport) => transport } = {},
): Promise<MemoryNode & { readonly warnings: string[] }> {
  const [first] = net.nodes as [MemoryNode];
  const warnings: string[] = [];
  const log = createLogger((level, message, fields) => {
    if (level === "warn") warnings.push(`${message} ${JSON.stringify(fields)}`);
  });
  const node = await net.addNode({}, identity, wrap, { clock, log });
  for (const validator of first.validators.validators(PRIMARY_NETWORK_ID)) {
    node.validators.addStaker(PRIMARY_NETWORK_ID, validator);
  }
  node.network.manuallyTrack(first.network.myNodeID, first.address);
  return { ...node, warnings };
}

test.each([
  ["forward", HOUR_MS],
  ["back", -HOUR_MS],
])("a clock that is set %s by an hour makes nobody silent or unhealthy", async (_way, stepMs) => {
  await using net = await trio();
  net.clock.step(net.clock.now() + stepMs);
  for (const { network } of net.nodes) expect(network.healthCheck().error).toBeUndefined();
  await net.run(120_000);
  for (const node of net.nodes) {
    expect(node.network.healthCheck().error).toBeUndefined();
    expect(node.connectedTo()).toHaveLength(2);
    const seen = node.network.peerInfo().map(({ lastReceived }) => net.clock.now() / 1000 - lastReceived);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...seen)).toBeLessThan(60);
  }
});

test("of two nodes with one identity the others keep the first, and take the second when that has gone", async () => {
  await using net = await trio();
  const [, second, third] = net.nodes;
  const identity = newTLSCert();
  const original = await join(net, { identity });
  await net.run(120_000);
  expect(original.connectedTo()).toHaveLength(3);

  const twin = await join(net, { identity });
  await net.run(60_000);
  expect(original.connectedTo()).toHaveLength(3);
  expect(original.network.healthCheck().error).toBeUndefined();
  expect(twin.network.healthCheck().error).toContain("not connected to a minimum of 1 peer(s)");
  expect(second.connectedTo()).toHaveLength(3);
  // Nobody tells the second why; it says what it sees, once.
  await net.run(300_000);
  expect(twin.warnings).toHaveLength(1);
  expect(twin.warnings[0]).toContain("no node lets this one in: connections are closed without a word");
  expect(twin.network.healthCheck().details["isolation"]).toContain(
    "another node may run with this node's staking key",
  );
  expect(original.warnings).toEqual([]);
  expect(original.network.healthCheck().details).not.toHaveProperty("isolation");

  const gone = original.network.close();
  await net.run(1_000);
  await gone;
  await net.run(180_000);
  expect(twin.connectedTo()).toHaveLength(3);
  expect(twin.network.healthCheck().error).toBeUndefined();
  expect(twin.network.healthCheck().details).not.toHaveProperty("isolation");
  for (const node of [second, third]) expect(node.connectedTo()).toContain(identity.certificate.nodeID);
});

test.each([
  ["behind", -HOUR_MS, "behind"],
  ["ahead", HOUR_MS, "ahead of"],
])("a node whose clock is %s says so plainly, and connects once it is set", async (_way, offMs, told) => {
  await using net = await trio();
  let off = offMs;
  const node = await join(net, { clock: skewed(net.clock, () => off) });
  await net.run(60_000);
  expect(node.connectedTo()).toEqual([]);
  const { error, details } = node.network.healthCheck();
  expect(error).toContain("not connected to a minimum of 1 peer(s)");
  expect(details["isolation"]).toBe(`this node's clock is 1h0m0s ${told} those of 1 node(s), which refuse it`);
  expect(node.warnings).toHaveLength(1);
  expect(node.warnings[0]).toContain(`this node's clock is ${told} those of its peers`);
  expect(node.warnings[0]).toContain('"by":"1h0m0s"');

  // Said again, but seldom.
  await net.run(25 * 60_000);
  expect(node.warnings).toHaveLength(3);

  off = 0;
  await net.run(120_000);
  expect(node.connectedTo()).toHaveLength(3);
  expect(node.network.healthCheck().details).not.toHaveProperty("isolation");
});

test("nodes that are connected say of one whose clock is wrong that it is that one's", async () => {
  await using net = await trio();
  const watcher = await join(net);
  const late = await join(net, { clock: skewed(net.clock, () => -HOUR_MS) });
  net.makeValidator(late.network.myNodeID);
  watcher.network.manuallyTrack(late.network.myNodeID, late.address);
  await net.run(120_000);
  expect(watcher.connectedTo()).toHaveLength(3);
  expect(watcher.warnings).toHaveLength(1);
  expect(watcher.warnings[0]).toContain("a node is refused: its clock differs from this node's");
  expect(watcher.warnings[0]).toContain('"itIsBehindBy":"1h0m0s"');
  expect(watcher.network.healthCheck().details).not.toHaveProperty("isolation");
});

test("a clock that is set while peers are connected is told to be wrong once the peers have come anew", async () => {
  const link = breakable();
  await using net = await trio(link);
  let off = 0;
  const node = await join(net, { clock: skewed(net.clock, () => off) });
  net.makeValidator(node.network.myNodeID);
  await net.run(60_000);
  off = HOUR_MS;
  await net.run(60_000);
  expect(node.connectedTo()).toHaveLength(3);
  expect(node.warnings).toEqual([]);

  link.isBroken = true;
  await net.run(60_000);
  link.isBroken = false;
  await net.run(120_000);
  expect(node.connectedTo()).toEqual([]);
  expect(node.warnings.some((line) => line.includes("this node's clock is ahead of those of its peers"))).toBe(true);
  expect(net.nodes[0]?.connectedTo()).toHaveLength(2);
});

test("a network that is gone is noticed within the ping time-out, and all are back soon after it is", async () => {
  const link = breakable();
  await using net = await trio(link, { health: { noIngressConnectionsGracePeriodMs: DAY_MS } });
  const timers = net.clock.pendingTimers;
  link.isBroken = true;
  await net.run(31_000);
  for (const node of net.nodes) {
    expect(node.connectedTo()).toEqual([]);
    expect(node.network.healthCheck().error).toContain("not connected to a minimum of 1 peer(s)");
  }
  // Ten minutes: what is sent again waits ever longer, the dials likewise.
  await net.run(600_000);
  link.isBroken = false;
  await net.run(130_000);
  for (const node of net.nodes) {
    expect(node.connectedTo()).toHaveLength(2);
    expect(node.network.healthCheck().error).toBeUndefined();
  }
  expect(net.clock.pendingTimers).toBeLessThanOrEqual(timers);
});

test("a peer that vanishes without a word is gone after the ping time-out, and taken back under another port", async () => {
  await using net = await trio();
  const [first, second] = net.nodes;
  const identity = newTLSCert();
  let transport: MemoryTransport | undefined;
  const wrap = (made: Transport): Transport => {
    transport = made as MemoryTransport;
    return made;
  };
  const vanishing = await join(net, { identity, wrap });
  await net.run(30_000);
  expect(first.connectedTo()).toHaveLength(3);

  transport?.vanish();
  const gone = vanishing.network.close();
  await net.run(31_000);
  await gone;
  for (const node of [first, second]) {
    expect(node.connectedTo()).toHaveLength(2);
    expect(node.events.at(-1)).toBe(`-${identity.certificate.nodeID}`);
  }

  const again = await join(net, { identity });
  expect(again.address.port).not.toBe(vanishing.address.port);
  await net.run(5_000);
  expect(again.connectedTo()).toHaveLength(3);
  expect(first.network.peerInfo([identity.certificate.nodeID])[0]?.publicIP).toEqual(again.address);
});

test("after 400 days all are connected, times are right, and nothing has piled up", async () => {
  // As seldom as can be, so that the test runs for seconds and not for 400 days.
  const rare = { pingFrequencyMs: 6 * HOUR_MS, pongTimeoutMs: 8 * HOUR_MS, peerListPullGossipFrequencyMs: 6 * HOUR_MS };
  await using net = await trio(undefined, {
    ...rare,
    peerListBloomResetFrequencyMs: DAY_MS,
    uptimeMetricFrequencyMs: DAY_MS,
    health: {
      maxTimeSinceMsgReceivedMs: 8 * HOUR_MS,
      maxTimeSinceMsgSentMs: 8 * HOUR_MS,
      // Of three the last has dialled both others.
      noIngressConnectionsGracePeriodMs: 500 * DAY_MS,
    },
  });
  await net.run(2 * DAY_MS);
  const timers = net.clock.pendingTimers;
  await net.run(400 * DAY_MS);
  expect(net.clock.pendingTimers).toBe(timers);
  for (const { network } of net.nodes) {
    expect(network.healthCheck().error).toBeUndefined();
    expect(network.metrics.timesDisconnected).toBe(0);
    expect(network.nodeUptime()).toEqual({ weightedAveragePercentage: 100, rewardingStakePercentage: 100 });
    for (const { lastReceived } of network.peerInfo()) {
      expect(net.clock.now() / 1000 - lastReceived).toBeLessThan((8 * HOUR_MS) / 1000);
    }
  }
});

test("networks that have closed leave no timer, also when they close while they are cut off and dial", async () => {
  const link = breakable();
  const net = await trio(link);
  link.isBroken = true;
  await net.run(45_000);
  await net[Symbol.asyncDispose]();
  link.isBroken = false;
  // What a connection has sent is sent again until it is there or given up, as the system does for a closed socket.
  await net.run(HOUR_MS);
  expect(net.clock.pendingTimers).toBe(0);
});
