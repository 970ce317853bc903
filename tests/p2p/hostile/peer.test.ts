import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { concatBytes } from "../../../lib/core/bytes.ts";
import { ManualClock, systemClock } from "../../../lib/core/clock.ts";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { compressZstd } from "../../../lib/p2p/message/compression.ts";
import { MAX_MESSAGE_LENGTH, writeMessageLength } from "../../../lib/p2p/message/framing.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import type { PeerCloseReason } from "../../../lib/p2p/peer/close_reason.ts";
import type { TestPeer } from "../../../lib/p2p/peer/connect_peer.ts";
import { eventually } from "../../support/eventually.ts";
import { compressed, frame, protobufField, repeated, zstdRuns } from "../../support/hostile_messages.ts";
import { openSockets } from "../../support/open_sockets.ts";
import { PONG_TIMEOUT_MS, startTLSNode, type TLSNode } from "../../support/tls_node.ts";

const MIB = 1024 * 1024;
const CHAIN_ID = new Uint8Array(32).fill(1);

let socketsBefore = 0;
beforeEach(() => {
  socketsBefore = openSockets();
});
afterEach(() => eventually("no socket is left", () => openSockets() <= socketsBefore));

/** A node, and an honest peer that has been with it since before the trouble began. */
class Village implements AsyncDisposable {
  readonly node: TLSNode;
  readonly honest: TestPeer;
  readonly #throttledBefore: unknown;

  private constructor(node: TLSNode, honest: TestPeer) {
    this.node = node;
    this.honest = honest;
    this.#throttledBefore = node.throttled();
  }

  static async found(): Promise<Village> {
    const node = await startTLSNode();
    return new Village(node, await node.connect());
  }

  /** The honest peer is answered. */
  async isWell(): Promise<void> {
    this.honest.send(this.honest.build.ping(100));
    await this.honest.next(Op.Pong);
  }

  /** All that the peer sent was handled, and it is still there. */
  async keeps(peer: TestPeer): Promise<void> {
    peer.send(peer.build.ping(100));
    await peer.next(Op.Pong);
    expect(peer.isClosed).toBe(false);
    await this.#expectNothingHeld();
  }

  /** The peer was closed, for this reason and no other, and newcomers are let in. */
  async hasClosed(peer: TestPeer, reason: PeerCloseReason): Promise<void> {
    await peer.closed;
    await eventually("the peer is forgotten", () => this.node.network.ingressConnections === 1);
    expect(this.node.network.peerMetrics.closedCount(reason)).toBe(1);
    await this.#expectNothingHeld();
    await using newcomer = await this.node.connect();
    await this.keeps(newcomer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.honest.close();
    await this.node[Symbol.asyncDispose]();
    expect(this.node.clock.pendingTimers).toBe(0);
  }

  async #expectNothingHeld(): Promise<void> {
    await this.isWell();
    expect(this.node.throttled()).toEqual(this.#throttledBefore as ReturnType<TLSNode["throttled"]>);
  }
}

/** Whether a frame of the peer is being read, or waits to be. */
function isReading(village: Village, peer: TestPeer): boolean {
  return village.node.throttled().buffer.nodeToNumProcessingMsgs[peer.myNodeID] === 1;
}

/** Bodies that are no messages. */
const JUNK: readonly (readonly [string, Uint8Array])[] = [
  ["bytes that are no protobuf", new Uint8Array(64).fill(0xff)],
  ["text", new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n")],
  ["a field that the protocol does not have", protobufField(200, Uint8Array.of(1))],
  ["a message that is cut off", Uint8Array.of(0x5a, 0x20, 0x08)],
  ["a length of 2^63", concatBytes(Uint8Array.of(0x5a), new Uint8Array(9).fill(0xff), Uint8Array.of(1))],
  ["groups within groups", new Uint8Array(100_000).fill(0x0b)],
  ["a compressed message that is not compressed", compressed(new Uint8Array(64).fill(7))],
  ["a compressed message within a compressed one", compressed(compressZstd(compressed(compressZstd(CHAIN_ID))))],
];

describe("junk", () => {
  test.each(JUNK)("before the handshake is counted, and the handshake still succeeds: %s", async (_, body) => {
    await using village = await Village.found();
    const { network } = village.node;
    await using peer = await village.node.connect({ polite: false });
    peer.sendRaw(frame(body));
    await village.keeps(peer);
    expect(network.peerMetrics.failedToParseCount).toBe(1);
    await peer.shakeHands();
    peer.send(peer.build.peerList([], true));
    await village.keeps(peer);
    expect(network.peerInfo([peer.myNodeID])).toHaveLength(1);
  });

  test.each(JUNK)("after the handshake is counted, and the connection kept: %s", async (_, body) => {
    await using village = await Village.found();
    const { network } = village.node;
    await using peer = await village.node.connect();
    peer.sendRaw(concatBytes(frame(body), frame(body), frame(body)));
    await village.keeps(peer);
    expect(network.peerMetrics.failedToParseCount).toBe(3);
    expect(village.node.received).toEqual([]);
  });

  test("in ten thousand frames of one byte delays nobody", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    peer.sendRaw(repeated(frame(Uint8Array.of(1)), 10_000));
    await village.isWell();
    await village.keeps(peer);
    expect(village.node.network.peerMetrics.failedToParseCount).toBe(10_000);
  });

  test("in empty frames waits, each until somebody else's message is done with, as upstream, and delays nobody else", async () => {
    await using village = await Village.found();
    const { peerMetrics } = village.node.network;
    await using peer = await village.node.connect();
    peer.sendRaw(repeated(frame(new Uint8Array(0)), 3));
    const waiting = () => village.node.throttled().bytes.waiting.length;
    for (let counted = 0; counted < 3; counted++) {
      await eventually("an empty frame waits", () => waiting() === 1);
      expect(peerMetrics.failedToParseCount).toBe(counted);
      await village.isWell();
    }
    await village.keeps(peer);
    expect(peerMetrics.failedToParseCount).toBe(3);
  });
});

describe("a frame", () => {
  test.each([
    ["one byte more than is allowed", MAX_MESSAGE_LENGTH + 1],
    ["the sign bit of 32 bits", 2 ** 31],
    ["4 GiB", 2 ** 32 - 1],
  ])("whose prefix asks for %s ends the peer, before and after the handshake", async (_, length) => {
    for (const polite of [false, true]) {
      await using village = await Village.found();
      const rss = process.memoryUsage.rss();
      await using peer = await village.node.connect({ polite });
      peer.sendRaw(concatBytes(writeMessageLength(length, 2 ** 32), new Uint8Array(MIB)));
      await village.hasClosed(peer, "frame-too-large");
      expect(process.memoryUsage.rss() - rss).toBeLessThan(64 * MIB);
    }
  });

  test("of the greatest length that is allowed is read, and what it took is given back", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    peer.sendRaw(frame(protobufField(200, new Uint8Array(MAX_MESSAGE_LENGTH - 6))));
    const { network, clock } = village.node;
    await eventually("the frame is begun", () => isReading(village, peer));
    expect(network.peerMetrics.failedToParseCount).toBe(0);
    // The handshake has used up a little of the bandwidth, which comes back with time.
    while (network.peerMetrics.failedToParseCount === 0) {
      clock.advance(1);
      await village.isWell();
    }
    clock.advance(PONG_TIMEOUT_MS / 2);
    await village.keeps(peer);
  });

  test("that is broken off in the middle gives back what it took", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    peer.sendRaw(concatBytes(writeMessageLength(MIB), new Uint8Array(1_000)));
    await eventually("the frame is begun", () => isReading(village, peer));
    await peer.close();
    await village.hasClosed(peer, "remote-closed");
  });
});

/** What one bomb comes to. */
const BOMB = 512 * MIB;

describe("a zstd bomb", () => {
  const bombs: readonly (readonly [string, Uint8Array])[] = [
    ["of a few KB that comes to 512 MiB", zstdRuns(BOMB)],
    ["that comes to one byte more than is allowed", zstdRuns(MAX_MESSAGE_LENGTH + 1)],
    ["that says it comes to 1 GiB", zstdRuns(BOMB, 1024 * MIB)],
    ["that says it comes to 2^62 bytes", zstdRuns(MIB, 2 ** 62)],
    ["that says it comes to 1 KiB, and comes to 512 MiB", zstdRuns(BOMB, 1024)],
    ["that says it comes to 2 MiB, and comes to nothing", zstdRuns(0, 2 * MIB)],
    ["that says it comes to 2 MiB, and comes to 512 MiB", zstdRuns(BOMB, 2 * MIB)],
    ["of a hundred frames", repeated(zstdRuns(MIB, MIB), 100)],
  ];

  test.each(bombs)("%s is counted, and takes no memory", async (_, zstd) => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    const bomb = frame(compressed(zstd));
    expect(bomb.length).toBeLessThan(32 * 1024);
    const rss = process.memoryUsage.rss();
    peer.sendRaw(repeated(bomb, 20));
    await village.keeps(peer);
    expect(village.node.network.peerMetrics.failedToParseCount).toBe(20);
    expect(village.node.received).toEqual([]);
    // Far below one bomb, far above what twenty messages of the allowed size leave behind before a collection.
    expect(process.memoryUsage.rss() - rss).toBeLessThan(BOMB / 2);
  });

  test("that comes to just what is allowed is a message", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    const gossip = concatBytes(protobufField(1, CHAIN_ID), protobufField(2, new Uint8Array(MAX_MESSAGE_LENGTH - 43)));
    const message = protobufField(32, gossip);
    expect(message.length).toBe(MAX_MESSAGE_LENGTH);
    peer.sendRaw(frame(compressed(compressZstd(message))));
    await village.keeps(peer);
    expect(village.node.received.map(({ op }) => op)).toEqual([Op.AppGossip]);
  });
});

describe("messages that cost much more to parse than to send", () => {
  test("do not keep the others waiting until all are parsed", async () => {
    await using node = await startTLSNode({ clock: systemClock, pongTimeoutMs: 30_000 });
    await using honest = await node.connect();
    // Before the handshake a peer list is parsed and passed over.
    await using peer = await node.connect({ polite: false });
    // A peer list of three hundred thousand empty entries, in about a hundred bytes.
    const list = protobufField(14, repeated(Uint8Array.of(0x0a, 0), 300_000));
    peer.sendRaw(repeated(frame(compressed(compressZstd(list))), 20));
    honest.send(honest.build.ping(100));
    await honest.next(Op.Pong);
    expect(node.network.peerMetrics.receivedCount(Op.PeerList)).toBeLessThan(20);
    expect(peer.isClosed).toBe(false);
  });
});

describe("a peer that takes its time", () => {
  test("and says nothing at all is cut off by the read time-out", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect({ polite: false });
    await peer.next(Op.Handshake);
    village.node.clock.advance(PONG_TIMEOUT_MS - 1);
    await village.isWell();
    expect(peer.isClosed).toBe(false);
    village.node.clock.advance(1);
    await village.hasClosed(peer, "read-timeout");
  });

  test("and sends a frame byte by byte is cut off by the read time-out, and what the frame took is given back", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    await village.keeps(peer);
    peer.sendRaw(writeMessageLength(MIB));
    for (let part = 1; part < 10; part++) {
      peer.sendRaw(Uint8Array.of(part));
      await village.isWell();
      village.node.clock.advance(PONG_TIMEOUT_MS / 10);
    }
    expect(peer.isClosed).toBe(false);
    expect(isReading(village, peer)).toBe(true);
    await village.isWell();
    village.node.clock.advance(PONG_TIMEOUT_MS / 10);
    await village.hasClosed(peer, "read-timeout");
  });

  test("and sends a prefix byte by byte is cut off by the read time-out", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    await village.keeps(peer);
    for (let part = 0; part < 3; part++) {
      peer.sendRaw(Uint8Array.of(0));
      await village.isWell();
      village.node.clock.advance(PONG_TIMEOUT_MS / 3);
    }
    await village.isWell();
    village.node.clock.advance(1);
    await village.hasClosed(peer, "read-timeout");
  });

  test("and does not read is cut off by the write time-out, and costs no more than its share of memory", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    const { clock, network } = village.node;
    peer.pause();
    const gossip = peer.build.appGossip(CHAIN_ID, crypto.getRandomValues(new Uint8Array(64 * 1024)));
    const send = () => network.send(gossip, { nodeIDs: new Set([peer.myNodeID]) }, PRIMARY_NETWORK_ID);
    let sent = 0;
    for (let turn = 0; turn < 2_000 && send().size === 1; turn++) {
      sent += gossip.frame.length;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(send().size).toBe(0);
    // What the kernel takes on both sides, and the 2 MiB that the throttler grants.
    expect(sent).toBeLessThan(64 * MIB);
    await village.isWell();
    clock.advance(PONG_TIMEOUT_MS / 2);
    peer.send(peer.build.ping(100));
    await village.isWell();
    clock.advance(PONG_TIMEOUT_MS / 2);
    // Who does not read does not see the end either.
    peer.resume();
    await village.hasClosed(peer, "write-timeout");
  });
});

describe("a peer that knows the words and not the rules", () => {
  test("and shakes hands twice is closed", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    peer.send(peer.makeHandshake(88_888));
    await village.hasClosed(peer, "malformed-message");
  });

  test("and is of another network is closed", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect({ polite: false });
    peer.send(peer.makeHandshake(1));
    await village.hasClosed(peer, "malformed-message");
  });

  test("and tells of an uptime of 101 percent is closed; 100 is well", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    peer.send(peer.build.ping(100));
    await village.keeps(peer);
    peer.send(peer.build.ping(101));
    await village.hasClosed(peer, "malformed-message");
  });

  test("and answers a ping that was not sent is closed", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect();
    peer.send(peer.build.pong());
    await village.hasClosed(peer, "malformed-message");
  });

  test("and answers two pings late is kept, and is closed for a third answer", async () => {
    const clock = new ManualClock(Date.now());
    await using node = await startTLSNode({ clock, pingFrequencyMs: PONG_TIMEOUT_MS / 4 });
    await using peer = await node.connect({ polite: false });
    await peer.next(Op.Handshake);
    clock.advance(PONG_TIMEOUT_MS / 2);
    await peer.next(Op.Ping);
    await peer.next(Op.Ping);
    peer.send(peer.build.pong());
    peer.send(peer.build.pong());
    peer.send(peer.build.ping(100));
    await peer.next(Op.Pong);
    peer.send(peer.build.pong());
    await peer.closed;
    await eventually("it is forgotten", () => node.network.peerMetrics.closedCount("malformed-message") === 1);
  });

  test("and sends messages before the handshake is not heard, and kept", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect({ polite: false });
    for (let i = 0; i < 100; i++) peer.send(peer.build.appGossip(CHAIN_ID, new Uint8Array(100)));
    await village.keeps(peer);
    expect(village.node.received).toEqual([]);
    expect(village.node.network.peerInfo([peer.myNodeID])).toEqual([]);
  });

  test("and shows the node's own identity is dropped", async () => {
    await using village = await Village.found();
    await using peer = await village.node.connect({ polite: false, tlsCert: village.node.identity });
    await peer.closed;
    await village.isWell();
    expect(village.node.network.ingressConnections).toBe(1);
  });

  test("and comes twice is dropped the second time, and kept the first", async () => {
    await using village = await Village.found();
    const tlsCert = newTLSCert();
    await using first = await village.node.connect({ tlsCert });
    await using second = await village.node.connect({ tlsCert, polite: false });
    await second.closed;
    await village.keeps(first);
    expect(village.node.network.ingressConnections).toBe(2);
  });
});
