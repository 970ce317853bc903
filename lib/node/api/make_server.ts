/**
 * The runtime's HTTP server, with or without TLS, before it listens.
 *
 * @module
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import { createServer as createHTTPSServer } from "node:https";
import { type Server as Acceptor, createServer as createAcceptor } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTLSServer } from "node:tls";
import { plainReason } from "../config/settings.ts";
import { NodeError } from "../errors.ts";
import { type DeadlineOptions, HEADER_CHECK_INTERVAL_MS, headerTimeoutMs } from "./connection_deadlines.ts";

/** What HTTPS is served with. */
export interface TLSIdentity {
  readonly keyPEM: string;
  readonly certPEM: string;
}

/** A server, and what listens for it: the same but where a runtime needs two. */
export interface MadeServer {
  readonly acceptor: Acceptor;
  readonly server: Server;
}

/** A request's header may be this long, as in Go (`net/http`, `DefaultMaxHeaderBytes`). */
const MAX_HEADER_BYTES = 2 ** 20;

/** The runtimes hold it in 32 bits. */
const MAX_RUNTIME_TIMEOUT_MS = 2 ** 31 - 1;

/** As upstream asks for (`node/node.go`, `initAPIServer`). */
const MIN_TLS_VERSION = "TLSv1.2";

/**
 * Makes a server.
 *
 * @throws {NodeError} `bad-key` where HTTPS cannot be served with its key and certificate.
 */
export function makeServer(
  options: DeadlineOptions & { readonly tls?: TLSIdentity | undefined },
  onRequest: (received: IncomingMessage, answer: ServerResponse) => void,
): MadeServer {
  const limits = {
    maxHeaderSize: MAX_HEADER_BYTES,
    // Whole milliseconds, or the runtimes refuse it.
    headersTimeout: Math.ceil(Math.min(headerTimeoutMs(options), MAX_RUNTIME_TIMEOUT_MS)),
    connectionsCheckingInterval: HEADER_CHECK_INTERVAL_MS,
    // These are watched by connection_deadlines.ts, with the meaning that they have in Go.
    requestTimeout: 0,
    keepAliveTimeout: 0,
  };
  const made = makeServerWith(limits, options.tls, onRequest);
  made.server.on("clientError", refuse);
  return made;
}

function makeServerWith(
  limits: ServerOptions,
  tls: TLSIdentity | undefined,
  onRequest: (received: IncomingMessage, answer: ServerResponse) => void,
): MadeServer {
  if (tls === undefined) {
    const server = createServer(limits, onRequest);
    return { acceptor: server, server };
  }
  const identity = checkedIdentity(tls);
  if (!("Bun" in globalThis)) {
    const server = createHTTPSServer({ ...limits, ...identity }, onRequest);
    return { acceptor: server, server };
  }
  // Bun's HTTPS server tells of a connection only when its handshake is done, and waits for that for ever. Here the
  // header of a second request may take as long as an unused connection may live.
  const server = createServer(limits, onRequest);
  const tlsServer = createTLSServer(identity, (socket) => server.emit("connection", socket));
  tlsServer.on("tlsClientError", () => {});
  return { acceptor: createAcceptor((socket) => tlsServer.emit("connection", socket)), server };
}

/** Answers what is no HTTP as Go does, and who takes too long not at all. */
function refuse(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === "ERR_HTTP_REQUEST_TIMEOUT" || !socket.writable) {
    socket.destroy();
    return;
  }
  const status = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
  socket.end(`HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${status}`);
}

/** The runtimes look at what they are given at different times, and say different things. */
function checkedIdentity({ keyPEM, certPEM }: TLSIdentity) {
  let reason = "the key is another than the certificate's";
  try {
    const key = createPrivateKey(keyPEM);
    if (new X509Certificate(certPEM).checkPrivateKey(key)) {
      return { key: keyPEM, cert: certPEM, minVersion: MIN_TLS_VERSION } as const;
    }
  } catch (error) {
    reason = plainReason(error);
  }
  throw new NodeError(
    { code: "bad-key", flag: "http-tls-key-file" },
    `Cannot serve HTTPS with this key and certificate: ${reason}`,
    { hint: "Give a private key and the certificate of its public key, both as PEM" },
  );
}
