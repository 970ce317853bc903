import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { ThrottlingError } from "../../../lib/p2p/throttling/errors.ts";
import { eventually } from "../../support/eventually.ts";
import { openSockets } from "../../support/open_sockets.ts";
import {
  ascii,
  concat,
  type LoadBalancer,
  proxyV1,
  proxyV2,
  startLoadBalancer,
  V2_SIGNATURE,
} from "../../support/proxy_headers.ts";
import { connectSocket, socketClosed } from "../../support/raw_sockets.ts";
import { dialHonestly, HANDSHAKE_TIMEOUT_MS, listenForTest, type TestListener } from "../../support/tls_listener.ts";

const SOURCE = { ip: "192.0.2.1", port: 56_324 };
const SOURCE_IPV6 = { ip: "2001:db8::1", port: 56_324 };
const PROXY_READ_TIMEOUT_MS = 500;
/** How every ClientHello begins. */
const CLIENT_HELLO = Uint8Array.of(22, 3, 1, 2, 0, 1);

let socketsBefore = 0;
beforeEach(() => {
  socketsBefore = openSockets();
});
afterEach(() => eventually("no socket is left", () => openSockets() <= socketsBefore));

function listenBehindProxy(): Promise<TestListener> {
  return listenForTest(() => true, { proxyEnabled: true, proxyReadTimeoutMs: PROXY_READ_TIMEOUT_MS });
}

/** Lets what has arrived be read. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 1));
}

describe("behind a load balancer", () => {
  test.each([
    ["version 1, IPv4", proxyV1(SOURCE), SOURCE],
    ["version 1, IPv6", proxyV1(SOURCE_IPV6, SOURCE_IPV6), SOURCE_IPV6],
    ["version 2, IPv4", proxyV2(SOURCE), SOURCE],
    ["version 2, IPv6", proxyV2(SOURCE_IPV6, { destination: SOURCE_IPV6 }), SOURCE_IPV6],
    ["version 2 with 4 KB of extensions", proxyV2(SOURCE, { extensions: new Uint8Array(4_000) }), SOURCE],
  ])("a connection comes from where its header says: %s", async (_, header, source) => {
    await using listener = await listenBehindProxy();
    await using balancer = await startLoadBalancer(listener.port, () => header);
    const { certificate } = await dialHonestly(balancer.port);
    expect(listener.asked).toEqual([source]);
    const [connection] = listener.connections;
    expect(connection?.remoteAddress).toEqual(source);
    expect(connection?.certificate.nodeID).toBe(certificate.nodeID);
    expect(listener.failures).toEqual([]);
    expect(listener.clock.pendingTimers).toBe(0);
  });

  test.each([
    ["version 1", proxyV1(SOURCE)],
    ["version 2", proxyV2(SOURCE)],
  ])("a header may come byte by byte, and the handshake too: %s", async (_, header) => {
    await using listener = await listenBehindProxy();
    await using balancer = await startLoadBalancer(listener.port, () => header, 1);
    await dialHonestly(balancer.port);
    expect(listener.asked).toEqual([SOURCE]);
    expect(listener.failures).toEqual([]);
  });

  const refused: readonly (readonly [string, Uint8Array])[] = [
    ["none, but a ClientHello", CLIENT_HELLO],
    ["HTTP", ascii("GET / HTTP/1.1\r\n\r\n")],
    ["junk", new Uint8Array(64 * 1024).fill(0xaa)],
    ["version 1 without CRLF", ascii(`PROXY TCP4 ${"1".repeat(200)}`)],
    ["version 1 of UDP", ascii("PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n")],
    ["version 1 of nothing known", ascii("PROXY UNKNOWN\r\n")],
    ["version 2, LOCAL", proxyV2(SOURCE, { command: 0x20 })],
    ["version 2 of UDP", proxyV2(SOURCE, { family: 0x12 })],
    ["version 2 of a Unix socket", concat(V2_SIGNATURE, Uint8Array.of(0x21, 0x31, 0, 216), new Uint8Array(216))],
    ["version 2, too long", concat(V2_SIGNATURE, Uint8Array.of(0x21, 0x11, 0xff, 0xff))],
  ];
  test.each(refused)("a header that is not to be accepted ends the connection at once: %s", async (_, bytes) => {
    await using listener = await listenBehindProxy();
    await socketClosed(await connectSocket(listener.port, bytes));
    expect(listener.failures).toEqual(["invalid-proxy-header"]);
    expect(listener.asked).toEqual([]);
    expect(listener.clock.pendingTimers).toBe(0);
    await expectServed(listener);
  });

  test.each([
    ["nothing", new Uint8Array(0)],
    ["a part of version 1", proxyV1(SOURCE).subarray(0, -1)],
    ["a part of version 2", proxyV2(SOURCE).subarray(0, -1)],
  ])("a header that is never finished ends with its time: %s", async (_, bytes) => {
    await using listener = await listenBehindProxy();
    const socket = await connectSocket(listener.port, bytes);
    await eventually("its time runs", () => listener.clock.pendingTimers === 1);
    listener.clock.advance(PROXY_READ_TIMEOUT_MS - 1);
    await expectServed(listener);
    expect(listener.failures).toEqual([]);
    listener.clock.advance(1);
    await socketClosed(socket);
    expect(listener.failures).toEqual(["proxy-header-timeout"]);
    expect(listener.clock.pendingTimers).toBe(0);
  });

  test("a header that trickles in has no more time for it", async () => {
    await using listener = await listenBehindProxy();
    const socket = await connectSocket(listener.port);
    const closed = socketClosed(socket);
    await eventually("its time runs", () => listener.clock.pendingTimers === 1);
    for (const byte of proxyV1(SOURCE).subarray(0, 10)) {
      socket.write(Uint8Array.of(byte));
      await turn();
      listener.clock.advance(PROXY_READ_TIMEOUT_MS / 10);
    }
    await closed;
    expect(listener.failures).toEqual(["proxy-header-timeout"]);
  });

  test.each([
    ["closed", (socket: Awaited<ReturnType<typeof connectSocket>>) => void socket.end()],
    ["reset", (socket: Awaited<ReturnType<typeof connectSocket>>) => void socket.resetAndDestroy()],
  ])("a connection that is %s within its header is one failure", async (_, end) => {
    await using listener = await listenBehindProxy();
    const socket = await connectSocket(listener.port, proxyV1(SOURCE).subarray(0, 20));
    await eventually("its time runs", () => listener.clock.pendingTimers === 1);
    end(socket);
    await eventually("it fails", () => listener.failures.length > 0);
    await expectServed(listener);
    expect(listener.failures).toEqual(["invalid-proxy-header"]);
    expect(listener.clock.pendingTimers).toBe(0);
  });

  test("the handshake's time begins when the header is there", async () => {
    await using listener = await listenBehindProxy();
    const socket = await connectSocket(listener.port, proxyV1(SOURCE).subarray(0, 20));
    await eventually("its time runs", () => listener.clock.pendingTimers === 1);
    listener.clock.advance(PROXY_READ_TIMEOUT_MS - 1);
    socket.write(proxyV1(SOURCE).subarray(20));
    await eventually("the header is read", () => listener.upgrades === 1);
    listener.clock.advance(HANDSHAKE_TIMEOUT_MS - 1);
    await turn();
    expect(listener.failures).toEqual([]);
    listener.clock.advance(1);
    await socketClosed(socket);
    expect(listener.failures).toEqual(["handshake-timeout"]);
  });

  test("without a header being asked for, one is no ClientHello", async () => {
    await using listener = await listenForTest();
    await socketClosed(await connectSocket(listener.port, proxyV1(SOURCE)));
    expect(listener.failures).toEqual(["handshake-failed"]);
    expect(listener.asked[0]?.ip).toBe("127.0.0.1");
  });

  test("ends with the listener whatever it has read, and is no failure", async () => {
    await using listener = await listenBehindProxy();
    const sockets = [
      await connectSocket(listener.port),
      await connectSocket(listener.port, proxyV1(SOURCE).subarray(0, 20)),
      await connectSocket(listener.port, proxyV1(SOURCE)),
    ];
    await eventually("all are under way", () => listener.clock.pendingTimers === 3 && listener.upgrades === 1);
    await listener.close();
    await Promise.all(sockets.map(socketClosed));
    expect(listener.failures).toEqual([]);
    expect(listener.clock.pendingTimers).toBe(0);
  });

  async function expectServed(listener: TestListener): Promise<void> {
    await using balancer: LoadBalancer = await startLoadBalancer(listener.port, () => proxyV2(SOURCE));
    await dialHonestly(balancer.port);
  }
});

describe("before its turn", () => {
  /** Turns that a test gives. */
  function turns() {
    const waiting: { give: () => void; refuse: (error: Error) => void; signal: AbortSignal }[] = [];
    const takeTurn = (signal: AbortSignal): Promise<void> => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => reject(signal.reason));
      waiting.push({ give: resolve, refuse: reject, signal });
      return promise;
    };
    return { waiting, takeTurn };
  }

  test("a connection is not read from, and then served as any other", async () => {
    const { waiting, takeTurn } = turns();
    await using listener = await listenForTest(() => true, { takeTurn });
    const dialled = dialHonestly(listener.port);
    await eventually("it waits", () => waiting.length === 1);
    // Longer than a handshake takes.
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(listener.asked).toEqual([]);
    expect(listener.clock.pendingTimers).toBe(0);
    waiting[0]?.give();
    await dialled;
    expect(listener.connections).toHaveLength(1);
  });

  test("what a connection sends is held back by TCP", async () => {
    const { waiting, takeTurn } = turns();
    await using listener = await listenForTest(() => true, { takeTurn });
    using socket = disposable(await connectSocket(listener.port));
    await eventually("it waits", () => waiting.length === 1);
    const sent = 64 * 1024 * 1024;
    socket.write(new Uint8Array(sent));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(socket.writableLength).toBeGreaterThan(sent / 2);
  });

  test("a connection that is reset gives its turn back", async () => {
    const { waiting, takeTurn } = turns();
    await using listener = await listenForTest(() => true, { takeTurn });
    const socket = await connectSocket(listener.port);
    await eventually("it waits", () => waiting.length === 1);
    socket.resetAndDestroy();
    await eventually("it is gone", () => waiting[0]?.signal.aborted === true);
    expect(listener.failures).toEqual([]);
  });

  test("a connection whose turn is refused is closed, and others are served", async () => {
    const full = new ThrottlingError({ code: "too-many-waiting", waiting: 1 }, "one waits already");
    let asked = 0;
    await using listener = await listenForTest(() => true, {
      takeTurn: () => (asked++ === 0 ? Promise.reject(full) : undefined),
    });
    await expect(dialHonestly(listener.port)).rejects.toThrow();
    await dialHonestly(listener.port);
    expect(listener.failures).toEqual(["too-many-waiting"]);
  });

  test("a connection ends with the listener", async () => {
    const { waiting, takeTurn } = turns();
    await using listener = await listenForTest(() => true, { takeTurn });
    const socket = await connectSocket(listener.port);
    await eventually("it waits", () => waiting.length === 1);
    await listener.close();
    await socketClosed(socket);
    await eventually("its turn is given back", () => waiting[0]?.signal.aborted === true);
    expect(listener.failures).toEqual([]);
  });
});

describe("of more pending upgrades than may be", () => {
  test("the oldest ends, and the honest are served all the same", async () => {
    await using listener = await listenForTest(() => true, { maxPendingUpgrades: 3 });
    const silent = [];
    for (let i = 0; i < 5; i++) {
      silent.push(await connectSocket(listener.port, CLIENT_HELLO));
      await eventually("it is asked for", () => listener.upgrades === i + 1);
    }
    await Promise.all(silent.slice(0, 2).map(socketClosed));
    expect(listener.failures).toEqual(["too-many-upgrades", "too-many-upgrades"]);
    expect(listener.clock.pendingTimers).toBe(3);
    expect(silent.slice(2).map((socket) => socket.destroyed)).toEqual([false, false, false]);

    await dialHonestly(listener.port);
    expect(listener.connections).toHaveLength(1);
    expect(listener.failures).toEqual(new Array(3).fill("too-many-upgrades"));
    for (const socket of silent) socket.destroy();
    await eventually("all have ended", () => listener.clock.pendingTimers === 0);
  });

  test("those without a header count too", async () => {
    await using listener = await listenForTest(() => true, { maxPendingUpgrades: 1, proxyEnabled: true });
    const first = await connectSocket(listener.port);
    await eventually("its time runs", () => listener.clock.pendingTimers === 1);
    using _ = disposable(await connectSocket(listener.port));
    await socketClosed(first);
    expect(listener.failures).toEqual(["too-many-upgrades"]);
    expect(listener.clock.pendingTimers).toBe(1);
  });
});

/** Ends a socket with the block that it is used in. */
function disposable<S extends { destroy(): unknown }>(socket: S): S & Disposable {
  return Object.assign(socket, { [Symbol.dispose]: () => void socket.destroy() });
}
