/** Flags of real connections; time stands still unless the test moves it. */

import { expect, test } from "bun:test";
import { readFileSync, statSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { ManualClock } from "../../../lib/core/clock.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { connectPeer } from "../../../lib/p2p/peer/connect_peer.ts";
import { TLSTransport } from "../../../lib/p2p/transport/tls.ts";
import { eventually } from "../../support/eventually.ts";
import { proxyV1, startLoadBalancer } from "../../support/proxy_headers.ts";
import { connectSocket } from "../../support/raw_sockets.ts";
import { nodeConfig } from "../support.ts";
import { startedNode } from "./started.ts";

/** Long enough for a socket that was closed to be seen closed. */
const SEEN_MS = 50;

/** A listener that says nothing; `sockets` are those that connected. */
async function silentListener() {
  const sockets: Socket[] = [];
  const server = createServer((socket) => void sockets.push(socket.on("error", () => {}).resume()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    port,
    sockets,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** Connects to a node with these flags, says nothing, and is sent away after so many milliseconds and not before. */
async function expectPatience(flags: Record<string, string>, ms: number): Promise<void> {
  const clock = new ManualClock(Date.now());
  await using started = await startedNode(flags, { clock });
  const socket = await connectSocket(started.node.stakingAddress.port);
  socket.resume();
  // The time begins once the node has taken the connection up.
  await Bun.sleep(SEEN_MS);
  await clock.runFor(ms - 500);
  await Bun.sleep(SEEN_MS);
  expect(socket.readyState).toBe("open");
  await clock.runFor(1_000);
  await eventually("it is sent away", () => socket.destroyed);
}

test("who connects and says nothing is sent away after network-read-handshake-timeout", async () => {
  for (const [timeout, ms] of [
    ["2s", 2_000],
    ["20s", 20_000],
  ] as const) {
    await expectPatience({ "network-read-handshake-timeout": timeout }, ms);
  }
});

test("a PROXY header is waited for as long as network-tcp-proxy-read-timeout says", async () => {
  for (const [timeout, ms] of [
    ["1s", 1_000],
    ["10s", 10_000],
  ] as const) {
    await expectPatience({ "network-tcp-proxy-enabled": "true", "network-tcp-proxy-read-timeout": timeout }, ms);
  }
});

test("with network-tcp-proxy-enabled only who comes with a PROXY header is let in", async () => {
  for (const enabled of ["true", "false"]) {
    await using started = await startedNode({ "network-tcp-proxy-enabled": enabled });
    const { stakingAddress } = started.node;
    await using balancer = await startLoadBalancer(stakingAddress.port, () => proxyV1({ ip: "203.0.113.1", port: 1 }));
    const isLetIn = (port: number): Promise<boolean> =>
      connectPeer({ ip: "127.0.0.1", port }, { timeoutMs: 5_000 }).then(
        async (peer) => {
          await peer.close();
          return true;
        },
        () => false,
      );
    expect(await isLetIn(stakingAddress.port)).toBe(enabled === "false");
    expect(await isLetIn(balancer.port)).toBe(enabled === "true");
  }
});

test("a dial takes no longer than network-outbound-connection-timeout", async () => {
  for (const [timeout, timeoutMs] of [
    ["700ms", 700],
    ["20s", 20_000],
  ] as const) {
    await using listener = await silentListener();
    const clock = new ManualClock(Date.now());
    const { transport: options } = nodeConfig({
      "network-id": "local",
      "network-outbound-connection-timeout": timeout,
    }).network;
    const transport = new TLSTransport({ clock, tlsCert: newTLSCert() }, options);
    let error: unknown;
    const dialing = transport
      .dial({ ip: "127.0.0.1", port: listener.port }, { signal: new AbortController().signal })
      .catch((thrown) => {
        error = thrown;
      });
    // No connection comes about before the test lets go of its thread.
    clock.advance(timeoutMs - 1);
    await Promise.resolve();
    expect(error).toBeUndefined();
    clock.advance(1);
    await dialing;
    expect(error).toMatchObject({ type: { code: "handshake-timeout", timeoutMs } });
  }
});

test("network-tls-key-log-file-unsafe has the secrets of connections, and only the node's user may read it", async () => {
  await using started = await startedNode({ "network-tls-key-log-file-unsafe": "@/secrets" });
  expect(started.log()).toContain("TLS key logging is enabled");
  const peer = await connectPeer(started.node.stakingAddress);
  await peer.close();
  const path = started.directory.join("secrets");
  expect(readFileSync(path, "utf8")).toMatch(/^(SERVER|CLIENT)_HANDSHAKE_TRAFFIC_SECRET [\da-f]{64} [\da-f]+\n/);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(startedNode({ "network-tls-key-log-file-unsafe": "/none/secrets" })).rejects.toThrow("there is no such file");
});
