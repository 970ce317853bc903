import { heapStats } from "bun:jsc";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { Registry } from "prom-client";
import { ManualClock } from "../../../lib/core/clock.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { noLog } from "../../../lib/core/log.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { seededRandom } from "../../../lib/core/random.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import { Dialer } from "../../../lib/p2p/network/dialer.ts";
import { connectPeer, type TestPeer } from "../../../lib/p2p/peer/connect_peer.ts";
import { DialThrottler } from "../../../lib/p2p/throttling/dial_throttler.ts";
import type { ThrottlersOptions } from "../../../lib/p2p/throttling/throttlers.ts";
import type { TLSTransportOptions } from "../../../lib/p2p/transport/tls.ts";
import { eventually } from "../../support/eventually.ts";
import { metricValue } from "../../support/metric_value.ts";
import { openSockets } from "../../support/open_sockets.ts";
import { ascii, proxyV1, proxyV2, startLoadBalancer } from "../../support/proxy_headers.ts";
import { connectSocket, socketClosed } from "../../support/raw_sockets.ts";
import { startTLSNode, type TLSNode } from "../../support/tls_node.ts";

const LOOPBACK = "127.0.0.1";
const ATTACKER = "192.0.2.66";
/** Longer than any test lets pass: nobody is cut off for silence meanwhile. */
const PATIENCE_MS = 600_000;

let socketsBefore = 0;
beforeEach(() => {
  socketsBefore = openSockets();
});
afterEach(() => eventually("no socket is left", () => openSockets() <= socketsBefore));

interface Scraped {
  readonly clock: ManualClock;
  readonly metrics: MetricsNamespace;
  readonly node: TLSNode;
  /** Inbound connections that failed for a reason. */
  failed(reason: string): Promise<number>;
}

/** A node whose time stands still, and what a scrape of it shows. */
async function startNode(transport: TLSTransportOptions, throttling: ThrottlersOptions = {}): Promise<Scraped> {
  const metrics = new MetricsNamespace(new Registry(), "avalanche_network");
  const clock = new ManualClock(Date.now());
  const node = await startTLSNode({ clock, pongTimeoutMs: PATIENCE_MS, metrics, transport, throttling });
  const failed = (reason: string) => metricValue(metrics, "connections_failed", { direction: "inbound", reason });
  return { node, clock, metrics, failed };
}

/** Connects as an honest peer does, through a load balancer that names its IP. */
async function connectFrom(ip: string, { address }: TLSNode): Promise<TestPeer> {
  const balancer = await startLoadBalancer(address.port, () => proxyV2({ ip, port: 9_651 }));
  try {
    const peer = await connectPeer({ ip: LOOPBACK, port: balancer.port });
    void peer.closed.then(() => balancer[Symbol.asyncDispose]());
    return peer;
  } catch (error) {
    await balancer[Symbol.asyncDispose]();
    throw error;
  }
}

/** What the process holds of its connections. */
function held(clock: ManualClock) {
  Bun.gc(true);
  const { objectTypeCounts } = heapStats();
  const count = (type: string): number => objectTypeCounts[type] ?? 0;
  return {
    sockets: openSockets(),
    timers: clock.pendingTimers,
    objects: count("TCPSocket") + count("TLSSocket") + count("AbortSignal") + count("Promise"),
  };
}

/** Lets the node's time pass, step by step, until something is so. @returns How much passed, milliseconds. */
async function passTimeUntil(clock: ManualClock, what: string, isSo: () => boolean, stepMs = 50): Promise<number> {
  const from = clock.monotonic();
  await eventually(what, () => {
    if (isSo()) return true;
    clock.advance(stepMs);
    return false;
  });
  return clock.monotonic() - from;
}

describe("a thousand connections from one IP", () => {
  test("cost one handshake, and keep nobody out who comes from another", async () => {
    const { node, clock, metrics, failed } = await startNode({ proxyEnabled: true });
    await using _ = node;
    const early = await connectFrom("203.0.113.1", node);

    let closed = 0;
    const flood: Socket[] = [];
    for (let i = 0; i < 1_000; i++) {
      const socket = await connectSocket(node.address.port, proxyV1({ ip: ATTACKER, port: 1_024 + i }));
      void socketClosed(socket).then(() => closed++);
      flood.push(socket);
    }
    early.send(early.build.ping(100));
    await early.next(Op.Pong);

    let late: TestPeer | undefined;
    const connecting = connectFrom("203.0.113.2", node).then((peer) => {
      late = peer;
    });
    // 256 of those before it have a turn in each second.
    expect(await passTimeUntil(clock, "the honest peer is in", () => late !== undefined)).toBeLessThan(5_000);
    await connecting;
    await eventually("the flood is refused", () => closed === 999);

    expect(await metricValue(metrics, "inbound_conn_throttler_rate_limited")).toBe(999);
    expect(await metricValue(metrics, "inbound_conn_throttler_allowed")).toBe(3);
    expect(await metricValue(metrics, "inbound_conn_throttler_waiting")).toBe(0);
    expect(node.network.peerInfo().map(({ ip }) => ip.ip)).toEqual(["203.0.113.1", "203.0.113.2"]);

    clock.advance(15_000);
    await eventually("the one handshake has timed out", () => closed === 1_000);
    expect(await failed("handshake-timeout")).toBe(1);
    for (const socket of flood) socket.destroy();
  });

  test("that come and go leave nothing behind", async () => {
    const { node, clock } = await startNode({ proxyEnabled: true }, { inboundConn: { maxConnsPerSec: 2 ** 40 } });
    await using _ = node;
    const flood = async (): Promise<void> => {
      const sockets = await Promise.all(
        Array.from({ length: 200 }, (__, i) =>
          connectSocket(node.address.port, i % 2 === 0 ? proxyV1({ ip: ATTACKER, port: i }) : ascii("PROXY TCP")),
        ),
      );
      let closed = 0;
      for (const socket of sockets) void socketClosed(socket).then(() => closed++);
      await passTimeUntil(clock, "all are closed", () => closed === sockets.length, 1_000);
    };
    await flood();
    const before = held(clock);
    for (let round = 0; round < 4; round++) await flood();
    const after = held(clock);
    expect(after.sockets).toBeLessThanOrEqual(before.sockets);
    expect(after.timers).toBe(before.timers);
    expect(after.objects).toBeLessThan(before.objects + 20);
  });
});

describe("connections that fail", () => {
  test("are counted by their reason", async () => {
    const { node, clock, failed } = await startNode({ proxyEnabled: true, maxPendingUpgrades: 2 });
    await using _ = node;
    const { port } = node.address;
    await socketClosed(await connectSocket(port, ascii("GET / HTTP/1.1\r\n\r\n")));
    await socketClosed(await connectSocket(port, proxyV2({ ip: ATTACKER, port: 1 }, { command: 0x20 })));
    await eventually("both are over", () => node.network.ingressConnections === 0);
    expect(await failed("invalid-proxy-header")).toBe(2);

    const silent: Socket[] = [];
    for (let i = 0; i < 3; i++) silent.push((await connectSocket(port)).resume());
    await socketClosed(silent[0] as Socket);
    expect(await failed("too-many-upgrades")).toBe(1);

    await passTimeUntil(clock, "the others are closed", () => silent.every((socket) => socket.destroyed), 500);
    expect(await failed("proxy-header-timeout")).toBe(2);
    for (const socket of silent) socket.destroy();
  });
});

describe("more connections than are accepted in a second", () => {
  test("are taken up in their turn", async () => {
    const { node, clock, metrics } = await startNode({}, { inboundConn: { maxConnsPerSec: 4 } });
    await using _ = node;
    let connected = 0;
    const peers = Array.from({ length: 10 }, () =>
      node.connect().then((peer) => {
        connected++;
        return peer;
      }),
    );
    const waiting = () => metricValue(metrics, "inbound_conn_throttler_waiting");
    await eventually("as many as may at once are in", () => connected === 5);
    expect(await waiting()).toBe(5);
    clock.advance(249);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(connected).toBe(5);
    clock.advance(1);
    await eventually("one more is in", () => connected === 6);
    clock.advance(1_000);
    await eventually("all are in", () => connected === 10);
    expect(await waiting()).toBe(0);
    for (const peer of await Promise.all(peers)) await peer[Symbol.asyncDispose]();
  });

  test("are refused where too many wait", async () => {
    const { node, failed } = await startNode({}, { inboundConn: { maxConnsPerSec: 0, maxWaiting: 2 } });
    await using _ = node;
    await using first = await node.connect();
    const waiting = [await connectSocket(node.address.port), await connectSocket(node.address.port)];
    const refused = await connectSocket(node.address.port);
    await socketClosed(refused);
    expect(await failed("too-many-waiting")).toBe(1);
    first.send(first.build.ping(100));
    await first.next(Op.Pong);

    // Who gives up makes room.
    waiting[0]?.resetAndDestroy();
    const next = await connectSocket(node.address.port);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(next.destroyed).toBe(false);
    for (const socket of [...waiting, next]) socket.destroy();
  });
});

describe("more dials than may begin in a second", () => {
  const nodeIDs = Array.from({ length: 25 }, (_, i) => nodeIDFromBytes(new Uint8Array(20).fill(i + 1)));
  const addressOf = (nodeID: NodeID) => ({ ip: LOOPBACK, port: 10_000 + nodeIDs.indexOf(nodeID) });

  /** A dialer whose dials never come to anything. */
  function dialer(rps: number) {
    const clock = new ManualClock();
    const dialled: number[] = [];
    const throttler = new DialThrottler({ clock }, { throttleRps: rps });
    const it = new Dialer(
      {
        clock,
        log: noLog,
        random: seededRandom(1),
        throttler,
        transport: {
          dial: ({ port }) => {
            dialled.push(port - 10_000);
            return new Promise(() => {});
          },
          listen: () => Promise.reject(new Error("nobody listens here")),
        },
        wants: () => true,
        isKnown: () => false,
        onConnection: () => {},
        onFailure: () => {},
      },
      { allowPrivateIPs: true, initialReconnectDelayMs: 1_000, maxReconnectDelayMs: 60_000 },
    );
    return { clock, dialled, throttler, dialer: it };
  }

  test("wait for their turn, in their order", async () => {
    const { clock, dialled, throttler, dialer: it } = dialer(10);
    for (const nodeID of nodeIDs) it.dial(nodeID, addressOf(nodeID));
    await clock.runFor(0);
    expect(dialled).toEqual([...Array(10).keys()]);
    expect(throttler.waiting).toBe(15);
    await clock.runFor(1_000);
    expect(dialled).toEqual([...Array(20).keys()]);
    await clock.runFor(500);
    expect(dialled).toEqual([...Array(25).keys()]);
    expect(throttler.waiting).toBe(0);
  });

  test("give their turn to others when they are no longer wanted, or wanted elsewhere", async () => {
    const { clock, dialled, throttler, dialer: it } = dialer(1);
    for (const nodeID of nodeIDs.slice(0, 4)) it.dial(nodeID, addressOf(nodeID));
    await clock.runFor(0);
    expect(dialled).toEqual([0]);
    it.stop(nodeIDs[3] as NodeID);
    it.dial(nodeIDs[2] as NodeID, { ip: LOOPBACK, port: 10_020 });
    await clock.runFor(2_000);
    expect(throttler.waiting).toBe(0);
    await clock.runFor(2_000);
    expect(dialled).toEqual([0, 1, 20]);
  });

  test("end with the dialer, without a timer left", async () => {
    const { clock, dialled, throttler, dialer: it } = dialer(1);
    for (const nodeID of nodeIDs) it.dial(nodeID, addressOf(nodeID));
    await clock.runFor(0);
    it.close();
    await clock.runFor(0);
    expect(throttler.waiting).toBe(0);
    expect(clock.pendingTimers).toBe(0);
    expect(dialled).toEqual([0]);
  });

  test("of a node are held back as its option says", async () => {
    const accepted: Socket[] = [];
    const silent = createServer((socket) => {
      socket.on("error", () => {});
      accepted.push(socket);
    });
    await new Promise<void>((resolve) => silent.listen(0, LOOPBACK, resolve));
    const { port } = silent.address() as AddressInfo;
    const { node, clock, metrics } = await startNode({}, { dial: { throttleRps: 3 } });
    for (const nodeID of nodeIDs.slice(0, 8)) node.network.manuallyTrack(nodeID, { ip: LOOPBACK, port });
    clock.advance(0);
    await eventually("as many as may at once are dialled", () => accepted.length === 3);
    expect(await metricValue(metrics, "dial_throttler_waiting")).toBe(5);
    clock.advance(1_000);
    await eventually("as many more are dialled", () => accepted.length === 6);
    clock.advance(1_000);
    await eventually("all are dialled", () => accepted.length === 8);
    await node.network.close();
    for (const socket of accepted) socket.destroy();
    await new Promise((resolve) => silent.close(resolve));
  });
});
