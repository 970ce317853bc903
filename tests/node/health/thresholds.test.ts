/** Each flag about health against nodes that run: what is well with one value is not with another, and is again. */

import { expect, test } from "bun:test";
import { idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { seededRandom } from "../../../lib/core/random.ts";
import { MessageBuilder } from "../../../lib/p2p/message/builder.ts";
import type { Engine } from "../../../lib/p2p/routing/engine/engine.ts";
import { type VirtualNode, virtualNodes } from "../../support/virtual_nodes.ts";
import { nodeConfig } from "../support.ts";

const SECOND = 1_000;
const CHAIN_ID = new Uint8Array(32).fill(5);
const CHAIN = { chainID: idFromBytes(CHAIN_ID), subnetID: PRIMARY_NETWORK_ID, alias: "Q" };
const CONTAINER = new Uint8Array(32).fill(9);

test("network-health-min-conn-peers: too few peers, until there are enough", async () => {
  await using world = await virtualNodes([{ "network-health-min-conn-peers": "2" }, {}, {}]);
  const { nodes, connect } = world;
  await connect(0, 1);
  const [strict, lax] = nodes as [VirtualNode, VirtualNode];
  expect(await lax.check("network")).toMatchObject({ error: undefined, details: { connectedPeers: 1 } });
  expect((await strict.check("network")).error).toBe(
    "network layer is unhealthy reason: not connected to a minimum of 2 peer(s) only 1",
  );
  await connect(0, 2);
  expect(await strict.check("network")).toMatchObject({ error: undefined, details: { connectedPeers: 2 } });
});

test.each([
  ["network-health-max-time-since-msg-received", "received", "timeSinceLastMsgReceived"],
  ["network-health-max-time-since-msg-sent", "sent", "timeSinceLastMsgSent"],
])("%s: nothing was %s for too long, until something is", async (flag, word, key) => {
  // The two say nothing to each other but a ping and a pong every 40 seconds.
  const pings = { "network-ping-frequency": "40s", "network-ping-timeout": "50s" };
  await using world = await virtualNodes([{ ...pings, [flag]: "10s" }, pings]);
  const { clock, connect, nodes } = world;
  const [strict, lax] = nodes as [VirtualNode, VirtualNode];
  await connect(0, 1);
  expect((await strict.check("network")).error).toBeUndefined();
  await clock.runFor(20 * SECOND);
  const { details, error } = await strict.check("network");
  expect(error).toMatch(new RegExp(`no messages from network ${word} in 2[0-9]s > 10s`));
  expect((details as Record<string, string>)[key]).toMatch(/^2[0-9]s$/);
  expect((await lax.check("network")).error).toBeUndefined();
  await clock.runFor(21 * SECOND);
  expect((await strict.check("network")).error).toBeUndefined();
});

test("network-health-max-send-fail-rate and health-check-averager-halflife: messages find no room, until they do", async () => {
  const small = {
    "throttler-outbound-at-large-alloc-size": "2048",
    "throttler-outbound-validator-alloc-size": "0",
    "throttler-outbound-node-max-at-large-bytes": "2048",
    "health-check-averager-halflife": "1s",
  };
  await using world = await virtualNodes([
    { ...small, "network-health-max-send-fail-rate": "0.4" },
    {},
    { ...small, "network-health-max-send-fail-rate": "0.99" },
    { ...small, "network-health-max-send-fail-rate": "0.4", "health-check-averager-halflife": "1h" },
  ]);
  const { clock, connect, nodes } = world;
  const [strict, peer, lax, slow] = nodes as [VirtualNode, VirtualNode, VirtualNode, VirtualNode];
  const to = new Set<NodeID>([peer.network.myNodeID]);
  const builder = new MessageBuilder();
  const send = (node: VirtualNode, bytes: number) =>
    node.network.send(builder.appGossip(CHAIN_ID, seededRandom(1).bytes(bytes)), { nodeIDs: to }, PRIMARY_NETWORK_ID)
      .size;
  for (const i of [0, 2, 3]) await connect(i, 1);

  for (const node of [strict, lax, slow]) {
    for (let i = 0; i < 4; i++) expect(send(node, 16_384)).toBe(0);
  }
  expect((await strict.check("network")).error).toMatch(/: messages failure send rate 0\.[0-9]+ > 0\.4$/);
  expect((await slow.check("network")).error).toMatch(/messages failure send rate/);
  expect((await lax.check("network")).error).toBeUndefined();

  await clock.runFor(10 * SECOND);
  for (const node of [strict, slow]) expect(send(node, 16)).toBe(1);
  expect((await strict.check("network")).error).toBeUndefined();
  // What is forgotten after a second is remembered for an hour there.
  expect((await slow.check("network")).error).toMatch(/messages failure send rate/);
});

test("network-no-ingress-connections-grace-period: a validator that nobody dials is unwell after it, until somebody does", async () => {
  const grace = { "network-no-ingress-connections-grace-period": "30s" };
  await using world = await virtualNodes([grace, {}, grace], (i) => i !== 2);
  const { clock, connect, nodes } = world;
  const [validator, patient, other] = nodes as [VirtualNode, VirtualNode, VirtualNode];
  // The other way round the last one would be told of the validator, and dial it.
  await connect(2, 1);
  await connect(0, 1);
  expect((await validator.check("network")).details).not.toHaveProperty("primary network validator health");
  await clock.runFor(31 * SECOND);
  expect(await validator.check("network")).toMatchObject({
    error: "network layer is unhealthy reason: primary network validator has no inbound connections",
    details: { "primary network validator health": { ingressConnectionCount: 0, primaryNetworkValidator: true } },
  });
  expect((await patient.check("network")).error).toBeUndefined();
  expect(await other.check("network")).toMatchObject({
    error: undefined,
    details: { "primary network validator health": { ingressConnectionCount: 0, primaryNetworkValidator: false } },
  });
  await connect(2, 0);
  expect(await validator.check("network")).toMatchObject({
    error: undefined,
    details: { "primary network validator health": { ingressConnectionCount: 1 } },
  });
});

test("sybil-protection-enabled: without it a lonely network is shown and does not count", async () => {
  await using world = await virtualNodes([{ "sybil-protection-enabled": "false" }, {}]);
  const [unprotected, protectedNode] = world.nodes as [VirtualNode, VirtualNode];
  expect(await unprotected.check("network")).toMatchObject({ error: undefined, details: { connectedPeers: 0 } });
  expect((await protectedNode.check("network")).error).toBe(
    "network layer is unhealthy reason: not connected to a minimum of 1 peer(s) only 0, " +
      "no messages received from network, no messages sent to network",
  );
});

/** Two nodes on a chain, the second of which answers no query. */
async function asking(flags: Readonly<Record<string, string>>) {
  const timeouts = { "network-initial-timeout": "10s", "network-minimum-timeout": "10s" };
  const world = await virtualNodes([{ ...timeouts, ...flags }, {}]);
  await world.connect(0, 1);
  const [node, silent] = world.nodes as [VirtualNode, VirtualNode];
  silent.addChain(CHAIN, () => ({}));
  const { sender } = node.addChain(CHAIN, () => ({}));
  const ask = (requestID: number) =>
    sender.sendPullQuery([silent.network.myNodeID], requestID, idFromBytes(CONTAINER), 0n);
  return { world, node, ask, runFor: (ms: number) => world.clock.runFor(ms) };
}

test("router-health-max-outstanding-requests: too many requests are under way, until they have ended", async () => {
  for (const [limit, isWell] of [
    ["1", false],
    ["2", true],
  ] as const) {
    const { world, node, ask, runFor } = await asking({ "router-health-max-outstanding-requests": limit });
    await using _ = world;
    ask(1);
    ask(2);
    const { details, error } = await node.check("router");
    expect(details).toEqual({ longestRunningRequest: "0s", outstandingRequests: 2 });
    const reason = "the router is not healthy reason: number of outstanding requests 2 > 1";
    expect(error).toBe(isWell ? undefined : reason);
    await runFor(11 * SECOND);
    expect(await node.check("router")).toMatchObject({ error: undefined, details: { outstandingRequests: 0 } });
  }
});

test("network-health-max-outstanding-request-duration: a request waits too long, until it has ended", async () => {
  for (const [limit, isWell] of [
    ["2s", false],
    ["5s", true],
  ] as const) {
    const { world, node, ask, runFor } = await asking({ "network-health-max-outstanding-request-duration": limit });
    await using _ = world;
    ask(1);
    await runFor(3 * SECOND);
    const { details, error } = await node.check("router");
    expect(details).toEqual({ longestRunningRequest: "3s", outstandingRequests: 1 });
    const reason = "the router is not healthy reason: time for outstanding requests 3s > 2s";
    expect(error).toBe(isWell ? undefined : reason);
    await runFor(8 * SECOND);
    expect(await node.check("router")).toMatchObject({ error: undefined, details: { longestRunningRequest: "0s" } });
  }
});

test("router-health-max-drop-rate: a busy chain drops what comes, until it is not busy", async () => {
  for (const [limit, isWell] of [
    ["0.5", false],
    ["1", true],
  ] as const) {
    await using world = await virtualNodes([
      { "router-health-max-drop-rate": limit, "health-check-averager-halflife": "1s" },
      {},
    ]);
    await world.connect(0, 1);
    const [node, other] = world.nodes as [VirtualNode, VirtualNode];
    const engine: { executing: boolean } & Engine = { executing: true, appGossip: () => {} };
    node.addChain(CHAIN, () => engine);
    const builder = new MessageBuilder();
    const gossip = async () => {
      const to = { nodeIDs: new Set([node.network.myNodeID]) };
      other.network.send(builder.appGossip(CHAIN_ID, new Uint8Array([1])), to, PRIMARY_NETWORK_ID);
      await world.clock.runFor(SECOND);
    };
    await gossip();
    const { error } = await node.check("router");
    expect(error).toBe(isWell ? undefined : "the router is not healthy reason: drop rate 1 > 0.5");
    engine.executing = false;
    await world.clock.runFor(10 * SECOND);
    await gossip();
    expect((await node.check("router")).error).toBeUndefined();
  }
});

test("snow-sample-size and snow-confidence-quorum-size: as much stake must be connected as polls need", async () => {
  const lax = { "snow-sample-size": "20", "snow-quorum-size": "11" };
  const confident = { "snow-preference-quorum-size": "11", "snow-confidence-quorum-size": "11" };
  await using world = await virtualNodes([{}, lax, confident, {}]);
  await world.connect(0, 1);
  await world.connect(0, 2);
  await world.connect(1, 2);
  const [strict, relaxed, other, missing] = world.nodes as [VirtualNode, VirtualNode, VirtualNode, VirtualNode];
  expect(await strict.check("validators")).toEqual({
    details: { disconnectedValidators: [missing.network.myNodeID], percentConnected: 0.75 },
    error: "not connected to enough stake: connected to 75.000000%; required at least 80.000000%",
  });
  for (const node of [relaxed, other]) expect((await node.check("validators")).error).toBeUndefined();
  await world.connect(0, 3);
  expect((await strict.check("validators")).error).toBeUndefined();
});

test("subnet-config-content: a tracked subnet's own quorum says how much of its stake must be connected", async () => {
  const subnetID = idFromBytes(new Uint8Array(32).fill(6));
  const other = idFromBytes(new Uint8Array(32).fill(7));
  const config = { [subnetID]: { snowParameters: { k: 10, alphaPreference: 6, alphaConfidence: 6 } } };
  await using world = await virtualNodes([
    {
      "track-subnets": `${subnetID},${other}`,
      "subnet-config-content": btoa(JSON.stringify(config)),
    },
    {},
  ]);
  await world.connect(0, 1);
  const [node, peer] = world.nodes as [VirtualNode, VirtualNode];
  for (const id of [subnetID, other]) {
    const add = (nodeID: NodeID, weight: bigint) =>
      node.validators.addStaker(id, { nodeID, publicKey: undefined, txID: PRIMARY_NETWORK_ID, weight });
    add(peer.network.myNodeID, 70n);
    add(nodeIDFromBytes(new Uint8Array(20).fill(1)), 30n);
  }
  expect((await node.check(`validators of ${subnetID}`)).error).toBeUndefined();
  expect((await node.check(`validators of ${other}`)).error).toBe(
    "not connected to enough stake: connected to 70.000000%; required at least 80.000000%",
  );
  const names = (tag: string) => [...node.health.health.report([tag]).checks.keys()];
  expect(names(subnetID)).toContain(`validators of ${subnetID}`);
  expect(names(subnetID)).not.toContain(`validators of ${other}`);
});

test("health-check-frequency: checks run as often as it says", async () => {
  await using world = await virtualNodes([{}]);
  const [node] = world.nodes as [VirtualNode];
  const { healthCheckFrequencyMs } = nodeConfig({ "network-id": "88888", "health-check-frequency": "7s" });
  node.health.start(healthCheckFrequencyMs);
  const foundAt = () => node.health.health.report().checks.get("network")?.timeMs;
  await world.clock.runFor(1);
  const first = foundAt() ?? 0;
  await world.clock.runFor(6_990);
  expect(foundAt()).toBe(first);
  await world.clock.runFor(20);
  expect(foundAt()).toBe(first + 7_000);
});
