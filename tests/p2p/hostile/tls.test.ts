import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { type AddressInfo, connect as connectTCP, createServer as createTCPServer, type Socket } from "node:net";
import { connect as connectTLS, createServer as createTLSServer } from "node:tls";
import { systemClock } from "../../../lib/core/clock.ts";
import { nodeIDFromCertificate } from "../../../lib/core/ids/node_id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import type { Connection } from "../../../lib/p2p/transport/contract.ts";
import { TransportError, type TransportErrorType } from "../../../lib/p2p/transport/errors.ts";
import { TLSTransport } from "../../../lib/p2p/transport/tls.ts";
import { selfSigned } from "../../support/certificates.ts";
import { eventually } from "../../support/eventually.ts";
import { openSockets } from "../../support/open_sockets.ts";
import { connectRawTLS, type HandshakeStep, type RawTLSClientOptions, signedBy } from "../../support/raw_tls_client.ts";
import { type RawTLSServerOptions, startRawTLSServer } from "../../support/raw_tls_server.ts";
import { dialHonestly, HANDSHAKE_TIMEOUT_MS, listenForTest, type TestListener } from "../../support/tls_listener.ts";
import { RawTLSEndedError } from "../../support/tls13/endpoint.ts";
import { type HandshakeSignature, SignatureScheme, signHandshake } from "../../support/tls13/messages.ts";

type Code = TransportErrorType["code"];
type Saying = Omit<RawTLSClientOptions, "port">;

const LOCALHOST = "127.0.0.1";
const own = selfSigned("P-256");
const victim = selfSigned("P-256");
const rsa = selfSigned("RSA-2048");
const honest: Saying = { chain: [own.certificate], sign: signedBy(own.privateKey) };

let socketsBefore = 0;
beforeEach(() => {
  socketsBefore = openSockets();
});
afterEach(() => eventually("no socket is left", () => openSockets() <= socketsBefore));

/** What must hold when a handshake has come to nothing: it is counted once, nothing of it is left, others are served. */
async function expectRefused(listener: TestListener, code: Code): Promise<void> {
  await eventually("the listener refuses", () => listener.failures.length > 0);
  const { certificate } = await dialHonestly(listener.port);
  expect(listener.connections.map((connection) => connection.certificate.nodeID)).toEqual([certificate.nodeID]);
  expect(listener.failures).toEqual([code]);
  expect(listener.upgrades).toBe(2);
  expect(listener.clock.pendingTimers).toBe(0);
}

async function connectSocket(port: number): Promise<Socket> {
  const socket = connectTCP(port, LOCALHOST);
  socket.on("error", () => {});
  await new Promise((resolve) => socket.once("connect", resolve));
  return socket;
}

function socketClosed(socket: Socket): Promise<void> {
  socket.resume();
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

describe("a client that keeps to TLS 1.3", () => {
  const identities = [
    ["ECDSA on P-256", [own.certificate], own.privateKey],
    ["RSA of 2048 bits", [rsa.certificate], rsa.privateKey],
    ["a chain: the first counts", [own.certificate, victim.certificate], own.privateKey],
  ] as const;

  test.each(identities)("is who its certificate says: %s", async (_, chain, key) => {
    await using listener = await listenForTest();
    using client = await connectRawTLS({ port: listener.port, chain, sign: signedBy(key) });
    expect(client.serverCertificate).toEqual(listener.identity.certificate.raw);
    client.endpoint.sendData(new TextEncoder().encode("hello"));
    expect(new TextDecoder().decode(await client.endpoint.nextData())).toBe("hello");
    const [connection] = listener.connections;
    expect(connection?.certificate.nodeID).toBe(nodeIDFromCertificate(chain[0]));
    expect(connection?.isIngress).toBe(true);
    expect(listener.failures).toEqual([]);
    expect(listener.clock.pendingTimers).toBe(0);
  });

  test("and then sends bytes that are not protected by the keys is cut off, with a reason", async () => {
    await using listener = await listenForTest();
    using client = await connectRawTLS({ port: listener.port, ...honest });
    client.endpoint.sendData(Uint8Array.of(1));
    await client.endpoint.nextData();
    client.endpoint.socket.write(Uint8Array.of(23, 3, 3, 0, 32, ...new Uint8Array(32)));
    await eventually("the connection ends", () => listener.closed.length === 1);
    expect(listener.closed[0]).toBeInstanceOf(Error);
    expect((await client.endpoint.ended()).alert).toBe(20);
    await dialHonestly(listener.port);
  });

  test("and comes back by its session ticket is still the same", async () => {
    await using listener = await listenForTest();
    const identity = newTLSCert();
    const options = { host: LOCALHOST, port: listener.port, key: identity.keyPEM, cert: identity.certPEM };
    const first = connectTLS({ ...options, rejectUnauthorized: false });
    const session = await new Promise<Buffer>((resolve, reject) => {
      first.once("session", resolve).once("error", reject);
      first.on("data", () => {});
      first.write("1");
    });
    first.destroy();
    const second = connectTLS({ ...options, session, rejectUnauthorized: false });
    second.on("error", () => {});
    second.once("secureConnect", () => second.write("2"));
    await new Promise<void>((resolve, reject) => second.once("data", () => resolve()).once("close", reject));
    expect(second.isSessionReused()).toBe(true);
    second.destroy();
    const { nodeID } = identity.certificate;
    expect(listener.connections.map(({ certificate }) => certificate.nodeID)).toEqual([nodeID, nodeID]);
    await dialHonestly(listener.port);
  });
});

describe("a client without the right proof is refused:", () => {
  /** A proof that was good once, in a handshake of the certificate's owner. */
  async function overhear(port: number): Promise<HandshakeSignature> {
    const { promise, resolve } = Promise.withResolvers<HandshakeSignature>();
    const sign = (content: Uint8Array): HandshakeSignature => {
      const signature = signHandshake(victim.privateKey, content);
      resolve(signature);
      return signature;
    };
    using owner = await connectRawTLS({ port, chain: [victim.certificate], sign });
    owner.endpoint.sendData(Uint8Array.of(1));
    await owner.endpoint.nextData();
    return promise;
  }

  const liars: readonly (readonly [string, Saying, Code])[] = [
    [
      "a stolen certificate, signed with another key",
      { chain: [victim.certificate], sign: signedBy(own.privateKey) },
      "handshake-failed",
    ],
    [
      "a stolen certificate, its own behind it",
      { chain: [victim.certificate, own.certificate], sign: signedBy(own.privateKey) },
      "handshake-failed",
    ],
    [
      "a stolen certificate of another kind than the key",
      { chain: [rsa.certificate], sign: signedBy(own.privateKey) },
      "handshake-failed",
    ],
    ["a stolen certificate without any signature", { chain: [victim.certificate] }, "handshake-failed"],
    [
      "a stolen certificate with an empty signature",
      {
        chain: [victim.certificate],
        sign: () => ({ scheme: SignatureScheme.ECDSA_SECP256R1_SHA256, signature: new Uint8Array(0) }),
      },
      "handshake-failed",
    ],
    [
      "a signature over something else",
      { ...honest, sign: (content) => signHandshake(own.privateKey, content.toReversed()) },
      "handshake-failed",
    ],
    [
      "a signature under the name of another scheme",
      {
        ...honest,
        sign: (content) => ({
          ...signHandshake(own.privateKey, content),
          scheme: SignatureScheme.RSA_PSS_RSAE_SHA256,
        }),
      },
      "handshake-failed",
    ],
    [
      "a scheme that TLS 1.3 no longer has",
      {
        chain: [rsa.certificate],
        sign: (content) => ({
          ...signHandshake(rsa.privateKey, content),
          scheme: SignatureScheme.RSA_PKCS1_SHA256,
        }),
      },
      "handshake-failed",
    ],
    [
      "a Finished that does not fit",
      { ...honest, finish: (mac) => mac.map((byte, i) => (i === 0 ? byte ^ 1 : byte)) },
      "handshake-failed",
    ],
    ["no certificate", { chain: [] }, "no-certificate"],
    [
      "a certificate that is no DER",
      { chain: [new TextEncoder().encode("certificate")], sign: signedBy(own.privateKey) },
      "handshake-failed",
    ],
  ];

  test.each(liars)("%s", async (_, saying, code) => {
    await using listener = await listenForTest();
    using client = await connectRawTLS({ port: listener.port, ...saying });
    await client.endpoint.ended();
    await expectRefused(listener, code);
  });

  test("a stolen certificate with its owner's signature from an earlier handshake", async () => {
    await using elsewhere = await listenForTest();
    const signature = await overhear(elsewhere.port);
    await using listener = await listenForTest();
    using client = await connectRawTLS({ port: listener.port, chain: [victim.certificate], sign: () => signature });
    await client.endpoint.ended();
    await expectRefused(listener, "handshake-failed");
  });

  test("no certificate, by the runtime's own client", async () => {
    await using listener = await listenForTest();
    const socket = connectTLS({ host: LOCALHOST, port: listener.port, rejectUnauthorized: false });
    socket.on("error", () => {});
    await socketClosed(socket);
    await expectRefused(listener, "no-certificate");
  });

  test.each([
    ["ECDSA on P-384", selfSigned("P-384")],
    ["Ed25519", selfSigned("Ed25519")],
    ["RSA of 3072 bits", selfSigned("RSA-3072")],
    ["more than 2048 bytes", selfSigned("P-256", { padding: 2_048 })],
  ])("a certificate that no node may have: %s", async (_, { certificate, privateKey }) => {
    await using listener = await listenForTest();
    using client = await connectRawTLS({ port: listener.port, chain: [certificate], sign: signedBy(privateKey) });
    await client.endpoint.ended();
    await expectRefused(listener, "invalid-certificate");
  });
});

describe("a client that speaks something else is refused:", () => {
  test("TLS 1.2", async () => {
    await using listener = await listenForTest();
    const { keyPEM, certPEM } = newTLSCert();
    const socket = connectTLS({
      host: LOCALHOST,
      port: listener.port,
      key: keyPEM,
      cert: certPEM,
      maxVersion: "TLSv1.2",
      rejectUnauthorized: false,
    });
    socket.on("error", () => {});
    await socketClosed(socket);
    await expectRefused(listener, "handshake-failed");
  });

  test.each([
    ["HTTP", new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
    ["zeros", new Uint8Array(64)],
    ["a frame of the protocol", Uint8Array.of(0, 0, 0, 2, 0x5a, 0)],
    ["a record longer than records may be", Uint8Array.of(22, 3, 1, 0xff, 0xff, ...new Uint8Array(0xffff))],
    ["application data before the handshake", Uint8Array.of(23, 3, 3, 0, 2, 1, 2)],
    ["a ClientHello of sixteen million bytes", Uint8Array.of(22, 3, 1, 0, 5, 1, 0xff, 0xff, 0xff, 0)],
    ["a PROXY header", new TextEncoder().encode("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n")],
  ])("%s", async (_, bytes) => {
    await using listener = await listenForTest();
    const socket = await connectSocket(listener.port);
    socket.write(bytes);
    await socketClosed(socket);
    await expectRefused(listener, "handshake-failed");
  });
});

describe("a handshake that is not done", () => {
  const steps: readonly HandshakeStep[] = [
    "connected",
    "client-hello",
    "server-flight",
    "certificate",
    "certificate-verify",
  ];

  test.each(steps)("after the step %s is ended by the time-out", async (stopAfter) => {
    await using listener = await listenForTest();
    using client = await connectRawTLS({ port: listener.port, ...honest, stopAfter });
    await eventually("the listener has it", () => listener.upgrades === 1);
    listener.clock.advance(HANDSHAKE_TIMEOUT_MS - 1);
    await dialHonestly(listener.port);
    expect(listener.failures).toEqual([]);
    listener.clock.advance(1);
    await client.endpoint.ended();
    expect(listener.failures).toEqual(["handshake-timeout"]);
    expect(listener.connections).toHaveLength(1);
    expect(listener.clock.pendingTimers).toBe(0);
    await dialHonestly(listener.port);
  });

  test.each(steps)("after the step %s and broken off is a failure at once", async (stopAfter) => {
    await using listener = await listenForTest();
    const client = await connectRawTLS({ port: listener.port, ...honest, stopAfter });
    await eventually("the listener has it", () => listener.upgrades === 1);
    client[Symbol.dispose]();
    await expectRefused(listener, "handshake-failed");
  });

  test("and trickles in byte by byte has no more time for it", async () => {
    await using listener = await listenForTest();
    const socket = await connectSocket(listener.port);
    const closed = socketClosed(socket);
    await eventually("the listener has it", () => listener.upgrades === 1);
    // The beginning of a sound ClientHello.
    for (const byte of [22, 3, 1, 2, 0, 1, 0, 1, 252, 3]) {
      socket.write(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
      expect(listener.failures).toEqual([]);
      listener.clock.advance(HANDSHAKE_TIMEOUT_MS / 10);
    }
    await closed;
    expect(listener.failures).toEqual(["handshake-timeout"]);
  });

  test("a hundred times over keeps nobody out, and leaves nothing", async () => {
    await using listener = await listenForTest();
    const idle = await Promise.all(
      Array.from({ length: 100 }, (_, i) =>
        connectRawTLS({ port: listener.port, ...honest, stopAfter: steps[i % steps.length] as HandshakeStep }),
      ),
    );
    await eventually("the listener has all", () => listener.upgrades === 100);
    await dialHonestly(listener.port);
    listener.clock.advance(HANDSHAKE_TIMEOUT_MS);
    await Promise.all(idle.map(({ endpoint }) => endpoint.ended()));
    expect(listener.failures).toEqual(new Array(100).fill("handshake-timeout"));
    expect(listener.clock.pendingTimers).toBe(0);
    await dialHonestly(listener.port);
  });

  test("ends with the listener, and is no failure", async () => {
    await using listener = await listenForTest();
    using client = await connectRawTLS({ port: listener.port, ...honest, stopAfter: "server-flight" });
    await eventually("the listener has it", () => listener.upgrades === 1);
    await listener.close();
    await client.endpoint.ended();
    expect(listener.failures).toEqual([]);
    expect(listener.clock.pendingTimers).toBe(0);
  });

  test("because it was not let begin is closed, and is no failure", async () => {
    let open = false;
    await using listener = await listenForTest(() => open);
    const socket = await connectSocket(listener.port);
    await socketClosed(socket);
    expect(listener.clock.pendingTimers).toBe(0);
    open = true;
    await dialHonestly(listener.port);
    expect(listener.failures).toEqual([]);
  });
});

describe("a server that we dial", () => {
  const dialler = newTLSCert();

  function dial(port: number, { handshakeTimeoutMs = 10_000, signal = AbortSignal.timeout(10_000) } = {}) {
    const transport = new TLSTransport({ clock: systemClock, tlsCert: dialler }, { handshakeTimeoutMs });
    return transport.dial({ ip: LOCALHOST, port }, { signal });
  }

  /** @returns The code of the refusal; `undefined` where the dial came through. */
  async function refusal(connection: Promise<Connection>): Promise<Code | undefined> {
    try {
      (await connection).close();
      return undefined;
    } catch (error) {
      if (error instanceof TransportError) return error.type.code;
      throw error;
    }
  }

  test("and keeps to TLS 1.3 is who its certificate says, and sees ours", async () => {
    await using server = await startRawTLSServer({ chain: [own.certificate], sign: signedBy(own.privateKey) });
    const connection = await dial(server.port);
    const served = await server.handshakes[0];
    expect(served?.certificate).toEqual(dialler.certificate.raw);
    expect(connection.certificate.nodeID).toBe(nodeIDFromCertificate(own.certificate));
    const closed = Promise.withResolvers<void>();
    const data = Promise.withResolvers<Uint8Array>();
    connection.open({ onData: data.resolve, onDrain: () => {}, onClose: () => closed.resolve() });
    served?.endpoint.sendData(new TextEncoder().encode("hello"));
    expect(new TextDecoder().decode(await data.promise)).toBe("hello");
    connection.close();
    await closed.promise;
  });

  const liars: readonly (readonly [string, RawTLSServerOptions, Code])[] = [
    ["shows a stolen certificate", { chain: [victim.certificate], sign: signedBy(own.privateKey) }, "connect-failed"],
    [
      "shows a stolen certificate, its own behind it",
      { chain: [victim.certificate, own.certificate], sign: signedBy(own.privateKey) },
      "connect-failed",
    ],
    ["shows no certificate", { chain: [], sign: signedBy(own.privateKey) }, "connect-failed"],
    [
      "sends a Finished that does not fit",
      { chain: [own.certificate], sign: signedBy(own.privateKey), finish: (mac) => mac.toReversed() },
      "connect-failed",
    ],
  ];

  test.each(liars)("and %s is refused", async (_, saying, code) => {
    await using server = await startRawTLSServer(saying);
    expect(await refusal(dial(server.port))).toBe(code);
    const [handshake] = await Promise.allSettled(server.handshakes);
    expect(handshake).toMatchObject({ status: "rejected", reason: expect.any(RawTLSEndedError) });
  });

  test.each([
    ["ECDSA on P-384", selfSigned("P-384")],
    ["Ed25519", selfSigned("Ed25519")],
    ["RSA of 3072 bits", selfSigned("RSA-3072")],
    ["more than 2048 bytes", selfSigned("P-256", { padding: 2_048 })],
  ])("and shows a certificate that no node may have is refused: %s", async (_, { certificate, privateKey }) => {
    await using server = await startRawTLSServer({ chain: [certificate], sign: signedBy(privateKey) });
    expect(await refusal(dial(server.port))).toBe("invalid-certificate");
  });

  test("and falls silent is given up by the time-out", async () => {
    await using server = await startRawTLSServer({ chain: [], sign: signedBy(own.privateKey), silent: true });
    expect(await refusal(dial(server.port, { handshakeTimeoutMs: 50 }))).toBe("handshake-timeout");
  });

  test("and falls silent is given up by the signal", async () => {
    await using server = await startRawTLSServer({ chain: [], sign: signedBy(own.privateKey), silent: true });
    const controller = new AbortController();
    const dialled = refusal(dial(server.port, { signal: controller.signal }));
    await eventually("the server is asked", () => server.handshakes.length === 1);
    controller.abort();
    expect(await dialled).toBe("aborted");
  });

  test.each([
    ["answers with HTTP", (socket: Socket) => void socket.write("HTTP/1.1 400 Bad Request\r\n\r\n")],
    ["closes at once", (socket: Socket) => void socket.destroy()],
    ["says goodbye at once", (socket: Socket) => void socket.end()],
  ])("and %s is refused", async (_, answer) => {
    const sockets: Socket[] = [];
    const server = createTCPServer((socket) => {
      socket.on("error", () => {});
      sockets.push(socket);
      answer(socket);
    });
    await new Promise<void>((resolve) => server.listen(0, LOCALHOST, resolve));
    expect(await refusal(dial((server.address() as AddressInfo).port))).toBe("connect-failed");
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });

  test("and knows no TLS 1.3 is refused", async () => {
    const { keyPEM, certPEM } = newTLSCert();
    const server = createTLSServer({ key: keyPEM, cert: certPEM, maxVersion: "TLSv1.2" });
    await new Promise<void>((resolve) => server.listen(0, LOCALHOST, resolve));
    expect(await refusal(dial((server.address() as AddressInfo).port))).toBe("connect-failed");
    await new Promise((resolve) => server.close(resolve));
  });
});
