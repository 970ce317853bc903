/**
 * What a listener must do on every runtime before a handshake is done: turns, PROXY headers, and the limit on both.
 *
 * @module
 */

import assert from "node:assert/strict";
import { eventually } from "../../support/eventually.ts";
import { ascii, proxyV1, proxyV2, startLoadBalancer } from "../../support/proxy_headers.ts";
import { connectSocket, socketClosed } from "../../support/raw_sockets.ts";
import { dialHonestly, listenForTest, type TestListenerOptions } from "../../support/tls_listener.ts";
import type { Scenarios } from "./scenarios.ts";

const SOURCE = { ip: "2001:db8::1", port: 56_324 };
const DESTINATION = { ip: "2001:db8::2", port: 9_651 };
const HEADERS = [proxyV1(SOURCE, DESTINATION), proxyV2(SOURCE, { destination: DESTINATION })];

const listen = (options: TestListenerOptions) => listenForTest(() => true, options);

export const connectionScenarios: Scenarios = {
  "behind a load balancer a connection comes from where the header says, however it arrives": async () => {
    await using listener = await listen({ proxyEnabled: true });
    for (const header of HEADERS) {
      for (const pieceLength of [undefined, 1]) {
        await using balancer = await startLoadBalancer(listener.port, () => header, pieceLength);
        await dialHonestly(balancer.port);
      }
    }
    assert.deepEqual(listener.asked, Array(4).fill(SOURCE));
    assert.deepEqual(
      listener.connections.map(({ remoteAddress }) => remoteAddress),
      Array(4).fill(SOURCE),
    );
    assert.deepEqual(listener.failures, []);
    assert.equal(listener.clock.pendingTimers, 0);
  },

  "a header that is wrong, unfinished or missing ends the connection": async () => {
    await using listener = await listen({ proxyEnabled: true, proxyReadTimeoutMs: 100 });
    for (const bytes of [ascii("GET / HTTP/1.1\r\n"), proxyV2(SOURCE, { command: 0x20 }), new Uint8Array(65_536)]) {
      await socketClosed(await connectSocket(listener.port, bytes));
    }
    assert.deepEqual(listener.failures.splice(0), Array(3).fill("invalid-proxy-header"));
    const broken = await connectSocket(listener.port, ascii("PROXY TCP4"));
    await eventually("its time runs", () => listener.clock.pendingTimers === 1);
    broken.destroy();
    await eventually("it is counted", () => listener.failures.length === 1);
    assert.deepEqual(listener.failures.splice(0), ["invalid-proxy-header"]);

    const silent = await connectSocket(listener.port);
    await eventually("its time runs", () => listener.clock.pendingTimers === 1);
    listener.clock.advance(100);
    await socketClosed(silent);
    assert.deepEqual(listener.failures, ["proxy-header-timeout"]);
    assert.deepEqual(listener.asked, []);
    assert.equal(listener.clock.pendingTimers, 0);
  },

  "before its turn nothing is read from a connection, which is served as any other then": async () => {
    const turns: (() => void)[] = [];
    await using listener = await listen({ takeTurn: () => new Promise((resolve) => turns.push(resolve)) });
    const dialled = dialHonestly(listener.port);
    await eventually("it waits", () => turns.length === 1);
    const flood = await connectSocket(listener.port, new Uint8Array(64 * 1024 * 1024));
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(flood.writableLength > 32 * 1024 * 1024, `${flood.writableLength} bytes were not taken`);
    assert.deepEqual(listener.asked, []);
    turns[0]?.();
    await dialled;
    flood.destroy();
    assert.equal(listener.connections.length, 1);
  },

  "of too many pending upgrades the oldest ends, and the honest are served": async () => {
    await using listener = await listen({ maxPendingUpgrades: 2 });
    const silent = [];
    for (let i = 0; i < 3; i++) {
      silent.push(await connectSocket(listener.port));
      await eventually("it is asked for", () => listener.upgrades === i + 1);
    }
    await dialHonestly(listener.port);
    assert.deepEqual(listener.failures, Array(2).fill("too-many-upgrades"));
    for (const socket of silent) socket.destroy();
    await eventually("all have ended", () => listener.clock.pendingTimers === 0);
    assert.equal(listener.connections.length, 1);
  },
};
