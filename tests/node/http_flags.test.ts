/** Each flag of the HTTP server against a node that runs: a limit ends what goes on where nothing is said. */

import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import { NodeError } from "../../lib/node/errors.ts";
import { Node } from "../../lib/node/node.ts";
import { eventually } from "../support/eventually.ts";
import { freePort } from "../support/ports.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";
import { LOOPBACK, nodeConfig } from "./support.ts";

const SHORT = "300ms";
/** Longer than what is short, and far below the limits where nothing is said: 30 seconds at least. */
const A_WHILE_MS = 1_500;
/** A busy machine takes its time to start two nodes, and to be kept waiting. */
const SLOW_MS = 60_000;

function start(directory: TemporaryDirectory, flags: Record<string, string> = {}): Promise<Node> {
  return Node.start(nodeConfig({ ...LOOPBACK, "network-id": "local", "data-dir": directory.join("node"), ...flags }));
}

function open(node: Node): Socket {
  const socket = connect(Number(new URL(node.uri).port), "127.0.0.1");
  socket.on("error", () => {});
  return socket;
}

function post(body: string, length = body.length): string {
  return (
    "POST /ext/info HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" +
    `Content-Length: ${length}\r\n\r\n${body}`
  );
}

const GET = "GET /ext/health/liveness HTTP/1.1\r\nHost: localhost\r\n\r\n";
/** The ID comes back with the answer: more of it than the kernel keeps for one that does not read. */
const LARGE = post(JSON.stringify({ jsonrpc: "2.0", id: "x".repeat(1_000_000), method: "info.getNetworkID" }));

/** What a client does, and the limit that it meets. */
const CLIENTS: Readonly<Record<string, (socket: Socket) => void>> = {
  "http-read-header-timeout": (socket) => socket.write("GET / HTTP/1.1\r\nHost: localhost\r\n"),
  "http-read-timeout": (socket) => socket.write(post("{", 100)),
  "http-write-timeout": (socket) => {
    const ask = (): void => {
      if (socket.destroyed) return;
      socket.pause();
      for (let i = 0; i < 32; i++) socket.write(LARGE);
      // What has closed is told to one that reads. A node that was too slow to be kept waiting is asked again.
      setTimeout(() => {
        socket.resume();
        setTimeout(ask, A_WHILE_MS / 2);
      }, A_WHILE_MS / 2);
    };
    ask();
  },
  "http-idle-timeout": (socket) => socket.write(GET),
};

test.each(Object.keys(CLIENTS))(
  "%s: who is slower is cut off, and without it is not",
  async (flag) => {
    using directory = temporaryDirectory();
    await using strict = await start(directory, { [flag]: SHORT });
    await using lax = await start(directory, { "data-dir": directory.join("lax") });
    const [cut, kept] = [open(strict), open(lax)];
    let isKept = true;
    kept.on("close", () => {
      isKept = false;
    });
    const closed = new Promise<void>((resolve) => cut.on("close", () => resolve()));
    for (const socket of [cut, kept]) CLIENTS[flag]?.(socket);
    cut.on("data", () => {});
    await closed;
    await Bun.sleep(100);
    expect(isKept).toBe(true);
    kept.destroy();
  },
  SLOW_MS,
);

test("limits of HTTP may be off, negative, tiny parts of a second, or longer than any timer", async () => {
  using directory = temporaryDirectory();
  const flags = [
    "http-read-timeout",
    "http-read-header-timeout",
    "http-write-timeout",
    "http-idle-timeout",
    "http-shutdown-timeout",
  ];
  for (const value of ["0s", "-1s", "9999h", "3000.5ms"]) {
    const values = Object.fromEntries(flags.map((flag) => [flag, value]));
    await using node = await start(directory, values);
    const socket = open(node);
    let received = "";
    socket.on("data", (chunk: Buffer) => {
      received += chunk.toString();
    });
    for (let answers = 1; answers <= 2; answers++) {
      socket.write(GET);
      await eventually(
        `${answers} answers with ${value}`,
        () => received.split("HTTP/1.1 200 OK").length === answers + 1,
      );
      await Bun.sleep(20);
    }
    const { result } = (await (
      await fetch(`${node.uri}/ext/info`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "info.getNodeID" }),
      })
    ).json()) as { result: { nodeID: string } };
    expect(result.nodeID).toBe(node.nodeID);
    socket.destroy();
  }
});

test("http-shutdown-timeout: a request that does not end is waited for no longer", async () => {
  using directory = temporaryDirectory();
  const node = await start(directory, { "http-shutdown-timeout": "100ms", "http-read-timeout": "0s" });
  const socket = open(node);
  socket.on("data", () => {});
  socket.write(post("{", 100));
  const calls = async () => (await fetch(`${node.uri}/ext/metrics`)).text();
  await eventually("the request is there", async () => {
    return (await calls()).includes('avalanche_api_calls_processing{base="info"} 1');
  });
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await node.close();
  await closed;
});

test("http-host and http-port: the address that is served is the one that was asked for", async () => {
  using directory = temporaryDirectory();
  const port = await freePort();
  await using node = await start(directory, { "http-host": "127.0.0.2", "http-port": String(port) });
  expect(node.uri).toBe(`http://127.0.0.2:${port}`);
  expect((await fetch(`${node.uri}/ext/health/liveness`)).status).toBe(200);
  expect(fetch(`http://127.0.0.1:${port}/ext/health/liveness`)).rejects.toThrow();
});

test("http-tls-key-file and http-tls-cert-file: HTTPS with the key and certificate of files", async () => {
  using directory = temporaryDirectory();
  const [{ keyPEM, certPEM }, other] = [newTLSCert(), newTLSCert()];
  for (const [name, pem] of Object.entries({ key: keyPEM, cert: certPEM, other: other.keyPEM })) {
    writeFileSync(directory.join(name), pem);
  }
  const flags = {
    "http-tls-enabled": "true",
    "http-tls-key-file": directory.join("key"),
    "http-tls-cert-file": directory.join("cert"),
  };
  await using node = await start(directory, flags);
  const response = await fetch(`${node.uri}/ext/health/liveness`, { tls: { ca: certPEM, rejectUnauthorized: false } });
  expect(response.status).toBe(200);

  const wrong = { ...flags, "http-tls-key-file": directory.join("other"), "data-dir": directory.join("wrong") };
  const error = await start(directory, wrong).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NodeError);
  expect((error as NodeError).type).toEqual({ code: "bad-key", flag: "http-tls-key-file" });
  expect((error as NodeError).message).toContain("the key is another than the certificate's");
});

test("api-health-enabled: without it no health is served, and the checks run all the same", async () => {
  using directory = temporaryDirectory();
  await using node = await start(directory, { "api-health-enabled": "false", "health-check-frequency": "20ms" });
  for (const path of ["", "/health", "/readiness", "/liveness"]) {
    expect((await fetch(`${node.uri}/ext/health${path}`)).status).toBe(404);
  }
  const metrics = await (await fetch(`${node.uri}/ext/metrics`)).text();
  expect(metrics).toContain('avalanche_health_checks_failing{check="health",tag="all"}');
});
