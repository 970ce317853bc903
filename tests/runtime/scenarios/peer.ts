/**
 * What a node's network layer must do on every runtime.
 *
 * @module
 */

import assert from "node:assert/strict";
import { systemClock } from "../../../lib/core/clock.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { compressZstd } from "../../../lib/p2p/message/compression.ts";
import { MAX_MESSAGE_LENGTH, writeMessageLength } from "../../../lib/p2p/message/framing.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
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

  // One runtime stops reading when it is told to; the other does not, and the peer is cut off instead.
  "of a peer that sends far more than it may, most is never taken": async () => {
    await using node = await startTLSNode();
    const transport = new TLSTransport({ clock: systemClock, tlsCert: newTLSCert() });
    const connection = await transport.dial(node.address, { signal: AbortSignal.timeout(10_000) });
    const gossips = frame(protobufField(32, protobufField(2, new Uint8Array(64 * 1024))));
    let sent = 0;
    let isClosed = false;
    const send = (): void => {
      while (sent < 128 * MIB && !isClosed) {
        sent += gossips.length;
        if (!connection.write(gossips)) return;
      }
    };
    connection.open({
      onData: () => {},
      onDrain: send,
      onClose: () => {
        isClosed = true;
      },
    });
    send();
    await standsStill(() => sent);
    assert.ok(sent < 64 * MIB, `${sent} bytes were taken`);
    const cutOff = node.network.peerMetrics.closedCount("read-buffer-overrun");
    assert.equal(cutOff, isClosed ? 1 : 0);
    connection.close();
    await eventually("the connection is over", () => isClosed);
  },
};

/** Resolves when a value has not changed for half a second. */
async function standsStill(value: () => number): Promise<void> {
  for (let before = Number.NaN; before !== value(); ) {
    before = value();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}
