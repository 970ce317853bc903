/**
 * What a node's network layer must do on every runtime.
 *
 * @module
 */

import assert from "node:assert/strict";
import { systemClock } from "../../../lib/core/clock.ts";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { compressZstd } from "../../../lib/p2p/message/compression.ts";
import { MAX_MESSAGE_LENGTH, writeMessageLength } from "../../../lib/p2p/message/framing.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import type { Connection } from "../../../lib/p2p/transport/contract.ts";
import { TLSTransport } from "../../../lib/p2p/transport/tls.ts";
import { eventually } from "../../support/eventually.ts";
import { compressed, frame, protobufField, zstdRuns } from "../../support/hostile_messages.ts";
import { PONG_TIMEOUT_MS, startTLSNode } from "../../support/tls_node.ts";
import type { Scenarios } from "./scenarios.ts";

const MIB = 1024 * 1024;
const CHAIN_ID = new Uint8Array(32).fill(1);

export const peerScenarios: Scenarios = {
  "a peer shakes hands, is listed, is answered, and its messages arrive": async () => {
    await using node = await startTLSNode();
    await using peer = await node.connect();
    assert.equal(peer.nodeID, node.identity.certificate.nodeID);
    for (let i = 0; i < 100; i++) peer.send(peer.build.appGossip(CHAIN_ID, new Uint8Array(1_000).fill(i)));
    peer.send(peer.build.ping(100));
    await peer.next(Op.Pong);
    assert.equal(node.received.length, 100);
    assert.deepEqual(
      node.network.peerInfo().map(({ nodeID, observedUptime }) => [nodeID, observedUptime]),
      [[peer.myNodeID, 100]],
    );
  },

  "two nodes that dial each other at the same time meet, and nothing of the other connection is left": async () => {
    for (let round = 0; round < 20; round++) {
      await using one = await startTLSNode({ clock: systemClock, pongTimeoutMs: 10_000 });
      await using two = await startTLSNode({ clock: systemClock, pongTimeoutMs: 10_000 });
      one.network.manuallyTrack(two.network.myNodeID, two.address);
      two.network.manuallyTrack(one.network.myNodeID, one.address);
      const connected = (node: typeof one) => node.network.peerInfo().length === 1;
      await eventually("both are connected", () => connected(one) && connected(two));
      // A message each way passes on what was kept, whichever it was.
      for (const [from, to] of [
        [one, two],
        [two, one],
      ] as const) {
        const message = from.messageBuilder.appGossip(CHAIN_ID, new Uint8Array(100_000));
        from.network.send(message, { peers: 1 }, PRIMARY_NETWORK_ID);
        await eventually("a large message arrives", () => to.received.length === 1);
      }
      for (const { network } of [one, two]) {
        assert.equal(network.metrics.timesConnected, 1);
        assert.equal(network.metrics.timesDisconnected, network.peerMetrics.closedCount("superseded"));
      }
    }
  },

  "junk and bombs are counted, and the connection kept": async () => {
    await using node = await startTLSNode();
    await using peer = await node.connect();
    const junk = [
      new Uint8Array(64).fill(0xff),
      compressed(new Uint8Array(64).fill(7)),
      compressed(zstdRuns(128 * MIB)),
      compressed(zstdRuns(128 * MIB, 1024 * MIB)),
      compressed(zstdRuns(128 * MIB, 1024)),
      compressed(compressZstd(compressed(compressZstd(CHAIN_ID)))),
    ];
    for (const body of junk) peer.sendRaw(frame(body));
    peer.send(peer.build.ping(100));
    await peer.next(Op.Pong);
    assert.equal(node.network.peerMetrics.failedToParseCount, junk.length);
  },

  "an oversized length prefix ends the peer": async () => {
    await using node = await startTLSNode();
    const peer = await node.connect();
    peer.sendRaw(writeMessageLength(MAX_MESSAGE_LENGTH + 1, 2 ** 32));
    await peer.closed;
    await eventually("the peer is forgotten", () => node.network.ingressConnections === 0);
    assert.equal(node.network.peerMetrics.closedCount("frame-too-large"), 1);
  },

  "a peer that does not finish a frame is cut off by the read time-out": async () => {
    await using node = await startTLSNode();
    const peer = await node.connect();
    peer.sendRaw(writeMessageLength(MIB));
    node.clock.advance(PONG_TIMEOUT_MS);
    await peer.closed;
    await eventually("the peer is forgotten", () => node.network.ingressConnections === 0);
    assert.equal(node.network.peerMetrics.closedCount("read-timeout"), 1);
  },

  "a peer that sends far more than it may is held back": async () => {
    await using node = await startTLSNode();
    const transport = new TLSTransport({ clock: systemClock, tlsCert: newTLSCert() });
    const flood = new Flood(await transport.dial(node.address, { signal: AbortSignal.timeout(10_000) }));
    await standsStill(() => flood.sent);
    assert.ok(flood.sent < FLOOD_BYTES / 2, `${flood.sent} bytes were taken`);
    assert.equal(flood.isClosed, false);
    await flood.close();
  },

  // One runtime stops reading when it is told to; the other does not, and the peer is cut off instead.
  "a peer that we dialled and that sends far more than it may is held back or cut off": async () => {
    await using node = await startTLSNode();
    const tlsCert = newTLSCert();
    const { promise: dialled, resolve: onConnection } = Promise.withResolvers<Connection>();
    const listener = await new TLSTransport({ clock: systemClock, tlsCert }).listen(
      { ip: "127.0.0.1", port: 0 },
      {
        onConnection,
        onAcceptFailed: () => {},
        onUpgradeFailed: () => {},
        shouldUpgrade: () => true,
        takeTurn: () => undefined,
      },
    );
    node.network.manuallyTrack(tlsCert.certificate.nodeID, listener.address);
    // The first dial is due after a moment.
    await node.clock.runFor(1_000);
    const flood = new Flood(await dialled);
    await standsStill(() => flood.sent);
    assert.ok(flood.sent < FLOOD_BYTES / 2, `${flood.sent} bytes were taken`);
    const isCutOff = node.network.peerMetrics.closedCount("read-buffer-overrun") === 1;
    if (isCutOff) await eventually("the peer sees that it is cut off", () => flood.isClosed);
    assert.equal(flood.isClosed, isCutOff);
    await listener.close();
    await flood.close();
  },
};

const FLOOD_BYTES = 128 * MIB;

/** Writes gossip of 64 KiB as fast as it is taken. */
class Flood {
  sent = 0;
  isClosed = false;
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    connection.open({
      onData: () => {},
      onDrain: () => this.#send(),
      onClose: () => {
        this.isClosed = true;
      },
    });
    this.#send();
  }

  async close(): Promise<void> {
    this.#connection.close();
    await eventually("the connection is over", () => this.isClosed);
  }

  #send(): void {
    const gossip = frame(protobufField(32, protobufField(2, new Uint8Array(64 * 1024))));
    while (this.sent < FLOOD_BYTES && !this.isClosed) {
      this.sent += gossip.length;
      if (!this.#connection.write(gossip)) return;
    }
  }
}

/** Resolves when a value has not changed for a while. */
async function standsStill(value: () => number): Promise<void> {
  for (let before = Number.NaN; before !== value(); ) {
    before = value();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
