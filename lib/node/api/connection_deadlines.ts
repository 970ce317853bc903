/**
 * How long a client may take: for its header, its request, our answer, and for nothing at all (upstream
 * `api/server/server.go`, with the meaning that Go's `net/http` gives the four limits).
 *
 * A connection is cut when a limit is passed. So nobody holds one for longer than the limits say, however slowly it
 * sends or reads.
 *
 * @module
 */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Server as Acceptor, Socket } from "node:net";
import { systemClock, type Timer } from "../../core/clock.ts";

/** Milliseconds; 0 or less for no limit. */
export interface DeadlineOptions {
  /** For the whole request. */
  readonly readTimeoutMs: number;
  /** For its header; the limit of the request where it is 0. */
  readonly readHeaderTimeoutMs: number;
  /** From the header's end to the answer's end. */
  readonly writeTimeoutMs: number;
  /** Between two requests; the limit of a request where it is 0. */
  readonly idleTimeoutMs: number;
}

/** How often the runtime looks at headers that are still on their way. */
export const HEADER_CHECK_INTERVAL_MS = 250;

/** The limit of a header: it is part of the request too. 0 for none. */
export function headerTimeoutMs({ readTimeoutMs, readHeaderTimeoutMs }: DeadlineOptions): number {
  const limits = [readHeaderTimeoutMs, readTimeoutMs].filter((ms) => ms > 0);
  return readHeaderTimeoutMs < 0 || limits.length === 0 ? 0 : Math.min(...limits);
}

/** The limit between requests. 0 for none. */
export function idleLimitMs({ readTimeoutMs, idleTimeoutMs }: DeadlineOptions): number {
  return Math.max(0, idleTimeoutMs === 0 ? readTimeoutMs : idleTimeoutMs);
}

/**
 * Watches all connections of a server, HTTP or HTTPS.
 *
 * The header of the first request is waited for here, from the time when the connection is accepted; those of later ones
 * begin at a time that only the runtime sees, and it is told their limit.
 *
 * @param acceptor Tells of connections when they are accepted.
 * @param server Tells of requests.
 */
export function watchConnections(acceptor: Acceptor, server: Server, options: DeadlineOptions): void {
  const watched = new Map<string, { timer: Timer | undefined; requests: number }>();
  const wait = (socket: Socket, ms: number): void => {
    const found = watched.get(peerOf(socket));
    if (found === undefined) return;
    found.timer?.cancel();
    found.timer = ms > 0 ? systemClock.setTimeout(() => socket.destroy(), ms) : undefined;
  };
  acceptor.on("connection", (socket: Socket) => {
    const peer = peerOf(socket);
    watched.set(peer, { timer: undefined, requests: 0 });
    wait(socket, headerTimeoutMs(options));
    socket.on("close", () => {
      watched.get(peer)?.timer?.cancel();
      watched.delete(peer);
    });
  });
  server.on("request", ({ socket }: IncomingMessage, answer: ServerResponse) => {
    const found = watched.get(peerOf(socket));
    if (found === undefined) return;
    found.requests++;
    wait(socket, options.writeTimeoutMs);
    answer.on("close", () => {
      // Another request may have come before this one was answered.
      if (--found.requests === 0) wait(socket, idleLimitMs(options));
    });
  });
}

/** With HTTPS the socket that was accepted is another than the one that requests come on: the other end is the same. */
function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}
