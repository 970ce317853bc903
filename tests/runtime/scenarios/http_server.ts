/**
 * The HTTP server: what it says, and that nobody holds it for longer than its limits allow.
 *
 * A limit under test is far below those that must not be met first; how long something took is not measured.
 *
 * @module
 */

import assert from "node:assert/strict";
import { connect, type Socket } from "node:net";
import { connect as connectTLS } from "node:tls";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { readBody } from "../../../lib/node/api/body.ts";
import { type HTTPServer, type ServeOptions, serveHTTP } from "../../../lib/node/api/server.ts";
import type { Fetch } from "../../../lib/node/api/web_request.ts";
import { eventually } from "../../support/eventually.ts";
import { openSockets } from "../../support/open_sockets.ts";
import type { Scenarios } from "./scenarios.ts";

const SHORT_MS = 300;
const LONG_MS = 60_000;
const NO_LIMIT_MET = {
  readTimeoutMs: LONG_MS,
  readHeaderTimeoutMs: LONG_MS,
  writeTimeoutMs: LONG_MS,
  idleTimeoutMs: LONG_MS,
};
/** More than the kernels of both ends keep for a connection that nobody reads. */
const MANY_BYTES = 64 * 2 ** 20;

/** Says what was asked; reads the body of a POST. */
const echo: Fetch = async (request) => {
  const { pathname, search } = new URL(request.url);
  if (pathname === "/never") return await new Promise<Response>(() => {});
  if (pathname === "/slow") await new Promise((resolve) => setTimeout(resolve, 3 * SHORT_MS));
  if (pathname === "/large") return new Response(new Uint8Array(MANY_BYTES));
  const body = request.method === "POST" ? await readBody(request, SHORT_MS) : "";
  const said = `${request.method} ${pathname}${search} ${body} host=${request.headers.get("host")}`;
  return typeof body === "string" ? new Response(said) : body;
};

function serve(options: Partial<ServeOptions> = {}, fetch = echo): Promise<HTTPServer> {
  return serveHTTP(fetch, { address: { ip: "127.0.0.1", port: 0 }, ...NO_LIMIT_MET, ...options });
}

/** Runs with a server that is closed afterwards, and expects that no socket is left of it. */
async function withServer(
  options: Partial<ServeOptions>,
  use: (server: HTTPServer, client: Client) => Promise<void>,
): Promise<void> {
  const before = openSockets();
  const server = await serve(options);
  const client = new Client(server.address.port);
  try {
    await use(server, client);
  } finally {
    client.socket.destroy();
    await server.close(0);
  }
  await eventually("no socket is left", () => openSockets() <= before);
}

/** A client that says exactly what it is told to. */
class Client {
  readonly socket: Socket;
  /** Resolves when the server has ended the connection. */
  readonly closed: Promise<void>;
  #received = "";

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.on("error", () => {});
    this.socket.on("data", (chunk) => {
      this.#received += chunk.toString("latin1");
    });
    this.closed = new Promise((resolve) => this.socket.on("close", () => resolve()));
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** Waits for all of these in what was received. */
  async receives(...texts: string[]): Promise<void> {
    await eventually(`received ${texts.join(", ")}`, () => texts.every((text) => this.#received.includes(text)));
  }

  get received(): string {
    return this.#received;
  }
}

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
const POST = (length: number, body: string): string =>
  `POST /p HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n${body}`;

/** Sends header lines until the connection is gone. */
async function drip(client: Client): Promise<void> {
  client.send("GET / HTTP/1.1\r\nHost: localhost\r\n");
  const timer = setInterval(() => client.send("X-More: and more\r\n"), SHORT_MS / 6);
  await client.closed;
  clearInterval(timer);
}

export const httpServerScenarios: Scenarios = {
  "requests are answered one after the other on a connection": () =>
    withServer({}, async (_, client) => {
      client.send(GET("/a?b=c") + GET("/%2e%2e/d") + POST(2, "xy"));
      await client.receives("GET /a?b=c ", "GET /d ", "POST /p xy");
      assert.match(client.received, /^HTTP\/1\.1 200 OK\r\n/);
      assert.match(client.received, /content-length: 25\r\n/i);
      assert.match(client.received, /date: /i);
    }),

  "a request to a whole URL is one to its path, and its host is that of the URL": () =>
    withServer({}, async (_, client) => {
      client.send("GET http://else.where:1/path?q HTTP/1.1\r\nHost: localhost\r\n\r\n");
      await client.receives("GET /path?q ", "host=else.where:1");
    }),

  "a method that fetch does not know, and a target that is none, are answered": () =>
    withServer({}, async (_, client) => {
      client.send("TRACE /t HTTP/1.1\r\nHost: a\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
      await client.receives("TRACE /t ", "400 Bad Request");
    }),

  "what is no HTTP is refused and the connection ended": () =>
    withServer({}, async (_, client) => {
      client.send("\x16\x03\x01 hello\r\n\r\n");
      await client.closed;
      assert.match(client.received, /^HTTP\/1\.1 400 /);
    }),

  "a header that comes byte by byte is cut off": () =>
    withServer({ readHeaderTimeoutMs: SHORT_MS }, (_, client) => drip(client)),

  "a header is part of the request, and its limit holds where the header has none": () =>
    withServer({ readHeaderTimeoutMs: 0, readTimeoutMs: SHORT_MS }, (_, client) => drip(client)),

  "a connection on which nothing ever comes is cut off": () =>
    withServer({ readHeaderTimeoutMs: SHORT_MS }, (_, client) => client.closed),

  "the header of a second request has a limit too": () =>
    withServer({ readHeaderTimeoutMs: SHORT_MS }, async (_, client) => {
      client.send(GET("/first"));
      await client.receives("GET /first");
      await drip(client);
    }),

  "a connection that is not used is cut off after the idle time, and after that of a request without one": async () => {
    for (const limits of [{ idleTimeoutMs: SHORT_MS }, { idleTimeoutMs: 0, readTimeoutMs: SHORT_MS }]) {
      await withServer(limits, async (_, client) => {
        client.send(GET("/once"));
        await client.receives("GET /once");
        await client.closed;
      });
    }
  },

  "a request that came before the last one was answered has its own time": () =>
    withServer({ idleTimeoutMs: SHORT_MS }, async (_, client) => {
      client.send(GET("/first") + GET("/slow"));
      await client.receives("GET /first", "GET /slow");
    }),

  "a body that does not come is answered with 408, and the connection ended": () =>
    withServer({}, async (_, client) => {
      client.send(POST(100, "only this"));
      await client.closed;
      assert.match(client.received, /^HTTP\/1\.1 408 .*took too long$/s);
    }),

  "an answer that is not ready in time is given up": () =>
    withServer({ writeTimeoutMs: SHORT_MS }, async (_, client) => {
      client.send(GET("/never"));
      await client.closed;
      assert.equal(client.received, "");
    }),

  "who does not read the answer is cut off": () =>
    withServer({ writeTimeoutMs: SHORT_MS }, async (_, client) => {
      client.socket.pause();
      client.send(GET("/large"));
      await new Promise((resolve) => setTimeout(resolve, 4 * SHORT_MS));
      client.socket.resume();
      await client.closed;
      assert.ok(client.received.length < MANY_BYTES, "all was received");
    }),

  "a body that is too long is answered with 413 once it is there": () =>
    withServer({}, async (_, client) => {
      const length = 2 * 2 ** 20;
      client.send(POST(length, "x".repeat(length)));
      await client.receives("HTTP/1.1 413 ", "is larger than 1048576 bytes");
    }),

  "a body that nobody reads does not keep its sender from the answer": () =>
    withServer({}, async (_, client) => {
      const length = 2 * 2 ** 20;
      client.send(`PUT /unread HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${length}\r\n\r\n`);
      client.send("x".repeat(length));
      await client.receives("PUT /unread");
    }),

  "one connection too many ends the oldest, and is served": () =>
    withServer({ maxConnections: 2 }, async (server, client) => {
      // A kernel may not tell of a connection before something comes on it.
      client.send(GET("/one"));
      await client.receives("GET /one");
      const second = new Client(server.address.port);
      second.send(GET("/two"));
      await second.receives("GET /two");
      const third = new Client(server.address.port);
      third.send(GET("/three"));
      await third.receives("GET /three");
      await client.closed;
      second.send(GET("/still"));
      await second.receives("GET /still");
      for (const { socket } of [second, third]) socket.destroy();
    }),

  "the end of a server waits for a request, but no longer than it is told": async () => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const slow = await serve({}, () => promise);
    const waiting = new Client(slow.address.port);
    waiting.send(GET("/slow"));
    const answered = eventually("the request arrived", async () => waiting.socket.bytesWritten > 0);
    await answered;
    await new Promise((done) => setTimeout(done, SHORT_MS));
    const closed = slow.close(LONG_MS);
    resolve(new Response("at last"));
    await closed;
    await waiting.closed;
    assert.match(waiting.received, /at last$/);

    await withServer({}, async (server, client) => {
      client.send(GET("/never"));
      await new Promise((done) => setTimeout(done, SHORT_MS));
      await server.close(SHORT_MS);
      await client.closed;
    });
  },

  "HTTPS that never comes to be is cut off": () => {
    const { keyPEM, certPEM } = newTLSCert();
    return withServer({ readHeaderTimeoutMs: SHORT_MS, tls: { keyPEM, certPEM } }, (server, client) => {
      assert.match(server.uri, /^https:/);
      return client.closed;
    });
  },

  "requests are answered over HTTPS": async () => {
    const { keyPEM, certPEM } = newTLSCert();
    await withServer({ tls: { keyPEM, certPEM } }, async (server, client) => {
      client.socket.destroy();
      const socket = connectTLS({ port: server.address.port, host: "127.0.0.1", rejectUnauthorized: false });
      let received = "";
      socket.on("data", (chunk: Uint8Array) => {
        received += new TextDecoder().decode(chunk);
      });
      socket.write(GET("/secret"));
      await eventually("it is answered", () => received.includes("GET /secret"));
      socket.destroy();
    });
  },

  "HTTPS with a key that is none, or another's, is refused": async () => {
    const { keyPEM } = newTLSCert();
    const { certPEM } = newTLSCert();
    await assert.rejects(serve({ tls: { keyPEM: "junk", certPEM } }), /Cannot serve HTTPS with this key/);
    await assert.rejects(serve({ tls: { keyPEM, certPEM: "junk" } }), /Cannot serve HTTPS with this key/);
    await assert.rejects(serve({ tls: { keyPEM, certPEM } }), /the key is another than the certificate's/);
  },
};
