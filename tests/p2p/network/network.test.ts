import { describe, expect, test } from "bun:test";
import { unixSeconds } from "../../../lib/core/clock.ts";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { newClaimedIPPort } from "../../../lib/core/staking/claimed_ip.ts";
import { signIP } from "../../../lib/core/staking/signed_ip.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import { MemoryNetwork } from "../../support/memory_network.ts";

const CHAIN_ID = new Uint8Array(32).fill(1);

describe("a network", () => {
  test("connects to a node that it is told of, and both hear of it once", async () => {
    await using world = new MemoryNetwork();
    const a = await world.addNode();
    const b = await world.addNode();
    a.network.manuallyTrack(b.network.myNodeID, b.address);
    await world.run(1_000);

    expect(a.connectedTo()).toEqual([b.network.myNodeID]);
    expect(b.connectedTo()).toEqual([a.network.myNodeID]);
    expect(a.events).toEqual([`+${PRIMARY_NETWORK_ID}/${b.network.myNodeID}`]);
    expect(b.events).toEqual([`+${PRIMARY_NETWORK_ID}/${a.network.myNodeID}`]);
    expect(a.network.peerInfo()[0]?.isIngress).toBe(false);
    expect(b.network.peerInfo()[0]?.isIngress).toBe(true);
  });

  test("spreads: validators that know one node only find each other", async () => {
    await using world = new MemoryNetwork();
    const nodes = [];
    for (let i = 0; i < 6; i++) nodes.push(await world.addNode());
    const [first, ...others] = nodes;
    if (first === undefined) throw new Error("no nodes");
    for (const { network } of nodes) world.makeValidator(network.myNodeID);
    for (const { network } of others) network.manuallyTrack(first.network.myNodeID, first.address);
    await world.run(30_000);

    const everyone = nodes.map(({ network }) => network.myNodeID);
    for (const node of nodes) {
      expect(node.connectedTo()).toEqual(everyone.filter((id) => id !== node.network.myNodeID).sort());
    }
  });

  test("comes back to a node that went away, and is told so", async () => {
    await using world = new MemoryNetwork();
    const a = await world.addNode();
    const identity = newTLSCert();
    const b = await world.addNode({}, identity);
    a.network.manuallyTrack(b.network.myNodeID, b.address);
    await world.run(1_000);
    const closed = b.network.close();
    await world.run(1_000);
    await closed;
    expect(a.connectedTo()).toEqual([]);
    expect(a.events.at(-1)).toBe(`-${b.network.myNodeID}`);

    const again = await world.addNode({ listenAddress: b.address }, identity);
    await world.run(60_000);
    expect(a.connectedTo()).toEqual([again.network.myNodeID]);
  });

  test("goes on with a dial although it hears of a newer address meanwhile", async () => {
    await using world = new MemoryNetwork({ delayMs: () => 100 });
    const a = await world.addNode();
    const identity = newTLSCert();
    const b = await world.addNode({}, identity);
    a.network.manuallyTrack(b.network.myNodeID, b.address);
    await world.run(250);
    // Somebody tells of the same node at the same address, which it signed at another time.
    const { tlsSignature, timestamp } = signIP(
      { addrPort: b.address, timestamp: unixSeconds(world.clock) },
      identity,
      newBLSSigner(),
    );
    a.network.track([newClaimedIPPort(identity.certificate, b.address, timestamp, tlsSignature)]);
    await world.run(550);
    expect(a.connectedTo()).toEqual([b.network.myNodeID]);
    await world.run(60_000);
    expect(a.network.metrics.timesConnected).toBe(1);
    expect(a.network.trackedAddresses).toBe(0);
  });

  test("never connects to itself or twice to the same node", async () => {
    await using world = new MemoryNetwork();
    const a = await world.addNode();
    const b = await world.addNode();
    a.network.manuallyTrack(a.network.myNodeID, a.address);
    a.network.manuallyTrack(b.network.myNodeID, b.address);
    b.network.manuallyTrack(a.network.myNodeID, a.address);
    await world.run(120_000);
    expect(a.connectedTo()).toEqual([b.network.myNodeID]);
    expect(b.connectedTo()).toEqual([a.network.myNodeID]);
  });

  test("pings keep a silent connection alive, and a peer that says nothing is cut", async () => {
    await using world = new MemoryNetwork();
    const a = await world.addNode();
    const b = await world.addNode();
    a.network.manuallyTrack(b.network.myNodeID, b.address);
    await world.run(600_000);
    expect(a.connectedTo()).toEqual([b.network.myNodeID]);
    expect(a.network.metrics.timesConnected).toBe(1);
    expect(a.network.peerMetrics.receivedCount(Op.Pong)).toBeGreaterThan(20);
  });

  test("sends one message to those who are named, and counts those who are not there", async () => {
    await using world = new MemoryNetwork();
    const a = await world.addNode();
    const b = await world.addNode();
    a.network.manuallyTrack(b.network.myNodeID, b.address);
    await world.run(1_000);
    const stranger = newTLSCert().certificate.nodeID;
    const message = a.messageBuilder.appGossip(CHAIN_ID, new Uint8Array([1, 2, 3]));
    const sentTo = a.network.send(message, { nodeIDs: new Set([b.network.myNodeID, stranger]) }, PRIMARY_NETWORK_ID);
    await world.run(10);

    expect([...sentTo]).toEqual([b.network.myNodeID]);
    expect(b.received.map(({ op }) => op)).toEqual([Op.AppGossip]);
  });

  test("is healthy while a peer is there, and says what is wrong when none is", async () => {
    await using world = new MemoryNetwork();
    const a = await world.addNode();
    const b = await world.addNode();
    a.network.manuallyTrack(b.network.myNodeID, b.address);
    await world.run(1_000);
    expect(a.network.healthCheck().error).toBeUndefined();
    const closed = b.network.close();
    await world.run(1_000);
    await closed;
    expect(a.network.healthCheck().error).toContain("not connected to a minimum of 1 peer(s) only 0");
  });

  test("greets before it answers, also where the greeting of the other side is there already", async () => {
    // The last flight of the dial is slow: the handshake of who dialled overtakes it and waits at the other end.
    let trips = 0;
    await using world = new MemoryNetwork({ delayMs: () => (++trips === 5 ? 500 : 1) });
    const a = await world.addNode();
    const b = await world.addNode();
    a.network.manuallyTrack(b.network.myNodeID, b.address);
    await world.run(5_000);
    expect(a.connectedTo()).toEqual([b.network.myNodeID]);
    expect(b.connectedTo()).toEqual([a.network.myNodeID]);
  });

  test("has no timer for a connection that was over before it began", async () => {
    // The end of the connection overtakes the last flight of its dial.
    let trips = 0;
    const world = new MemoryNetwork({ delayMs: () => (++trips === 5 ? 500 : 1) });
    const a = await world.addNode();
    const stranger = world.net.transport(newTLSCert().certificate, "127.0.0.2");
    const dialled = stranger.dial(a.address, { signal: new AbortController().signal });
    await world.run(4);
    (await dialled).close();
    await world.run(1_000);
    await world[Symbol.asyncDispose]();
    expect(world.clock.pendingTimers).toBe(0);
  });

  test("leaves no timer behind", async () => {
    const world = new MemoryNetwork();
    const a = await world.addNode();
    const b = await world.addNode();
    a.network.manuallyTrack(b.network.myNodeID, b.address);
    a.network.manuallyTrack(newTLSCert().certificate.nodeID, { ip: "127.0.0.1", port: 1 });
    await world.run(5_000);
    await world[Symbol.asyncDispose]();
    expect(world.clock.pendingTimers).toBe(0);
  });
});
