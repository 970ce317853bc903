/**
 * The listening HTTP server, the same on Bun and on Deno.
 *
 * It is `node:http`'s: the runtimes' own servers have no limit on how long a header may take, or an answer.
 *
 * @module
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import type { Server as Acceptor, AddressInfo, Socket } from "node:net";
import { systemClock } from "../../core/clock.ts";
import { systemErrorCode } from "../../core/errors.ts";
import { type AddrPort, formatAddrPort } from "../../core/ip.ts";
import { plainReason } from "../config/settings.ts";
import { NodeError } from "../errors.ts";
import { type DeadlineOptions, watchConnections } from "./connection_deadlines.ts";
import { errorResponse } from "./go_http.ts";
import { makeServer, type TLSIdentity } from "./make_server.ts";
import { type Fetch, sendWebResponse, toWebRequest } from "./web_request.ts";

/** Where and how to listen. */
export interface ServeOptions extends DeadlineOptions {
  /** Port 0 takes any free one. */
  readonly address: AddrPort;
  readonly tls?: TLSIdentity | undefined;
  /** @default {1024} {@link DEFAULT_MAX_CONNECTIONS} */
  readonly maxConnections?: number;
}

/**
 * Connections that are held at one time; one more ends the oldest, which an honest call is not for long. Upstream has no
 * limit and meets that of open files, which then fails its peers too.
 */
export const DEFAULT_MAX_CONNECTIONS = 1_024;

/** A server that listens. */
export interface HTTPServer {
  /** Where it listens: the port is the real one also when 0 was asked for. */
  readonly address: AddrPort;
  /** Such as `http://127.0.0.1:9650`. */
  readonly uri: string;
  /**
   * Takes no more connections and waits for open requests, but no longer than this. Calling it twice is harmless.
   */
  close(timeoutMs: number): Promise<void>;
}

/**
 * Listens.
 *
 * @throws {NodeError} `listen-failed`, with the reason in plain words; `bad-key` where HTTPS cannot be served with
 *   its key and certificate.
 */
export async function serveHTTP(fetch: Fetch, options: ServeOptions): Promise<HTTPServer> {
  const sockets = new Set<Socket>();
  const requests = new Set<ServerResponse>();
  let onIdle: () => void = () => {};
  const { acceptor, server } = makeServer(options, (received, answer) => {
    requests.add(answer);
    answer.on("close", () => {
      requests.delete(answer);
      if (requests.size === 0) onIdle();
    });
    void respond(fetch, received, answer);
  });
  const { maxConnections = DEFAULT_MAX_CONNECTIONS } = options;
  watchConnections(acceptor, server, options);
  acceptor.on("connection", (socket) => {
    const [oldest] = sockets;
    if (sockets.size >= maxConnections) oldest?.destroy();
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });

  const address = await listen(acceptor, options.address);
  let closing: Promise<void> | undefined;
  return {
    address,
    uri: `${options.tls === undefined ? "http" : "https"}://${formatAddrPort(address)}`,
    close(timeoutMs) {
      closing ??= (async () => {
        const closed = new Promise<void>((resolve) => acceptor.close(() => resolve()));
        if (requests.size > 0) {
          const { promise, resolve } = Promise.withResolvers<void>();
          onIdle = resolve;
          using _ = systemClock.setTimeout(resolve, timeoutMs);
          await promise;
        }
        for (const socket of sockets) socket.destroy();
        await closed;
      })();
      return closing;
    },
  };
}

async function respond(fetch: Fetch, received: IncomingMessage, answer: ServerResponse): Promise<void> {
  // Who goes away in the middle is nobody's fault.
  received.on("error", () => {});
  answer.on("error", () => {});
  try {
    const request = toWebRequest(received);
    const response = request === undefined ? errorResponse(400, "400 Bad Request") : await fetch(request);
    await sendWebResponse(response, received, answer);
  } catch {
    received.socket.destroy();
  }
}

async function listen(acceptor: Acceptor, address: AddrPort): Promise<AddrPort> {
  try {
    return await listenOnce(acceptor, address);
  } catch (error) {
    // A machine without IPv6 has no address that stands for both families.
    if (address.ip === "::" && systemErrorCode(error) !== "EADDRINUSE") {
      return listen(acceptor, { ...address, ip: "0.0.0.0" });
    }
    const shown = formatAddrPort(address);
    const reason = systemErrorCode(error) === "EADDRINUSE" ? "the port is in use" : plainReason(error);
    throw new NodeError(
      { code: "listen-failed", flag: "http-port", address: shown },
      `Cannot serve HTTP on ${shown}: ${reason}`,
      {
        cause: error,
        hint: "Give another address with http-host and http-port; port 0 takes any free one",
      },
    );
  }
}

function listenOnce(acceptor: Acceptor, { ip, port }: AddrPort): Promise<AddrPort> {
  return new Promise((resolve, reject) => {
    acceptor.once("error", reject);
    acceptor.listen({ host: ip, port }, () => {
      acceptor.off("error", reject);
      const bound = acceptor.address() as AddressInfo;
      resolve({ ip: bound.address, port: bound.port });
    });
  });
}
