/**
 * The listening side of TLS: every accepted socket has a bounded time to prove who it is.
 *
 * @module
 */

import type { Socket } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import type { Clock } from "../../core/clock.ts";
import type { AddrPort } from "../../core/ip.ts";
import type { TLSCert } from "../../core/staking/tls_cert.ts";
import type { Listener, ListenHandler } from "./contract.ts";
import { TransportError } from "./errors.ts";
import { TLSConnection } from "./tls_connection.ts";
import { ignoreErrors, peerCertificate, remoteAddressOf, TLS_PROTOCOL } from "./tls_socket.ts";

/** What a listener needs. */
export interface ListenTLSOptions {
  readonly clock: Clock;
  readonly tlsCert: TLSCert;
  readonly handshakeTimeoutMs: number;
}

/** @throws {TransportError} `listen-failed`. */
export function listenTLS(address: AddrPort, handler: ListenHandler, options: ListenTLSOptions): Promise<Listener> {
  const upgrades = new Upgrades(handler, options);
  const server = createServer({
    key: options.tlsCert.keyPEM,
    cert: options.tlsCert.certPEM,
    ...TLS_PROTOCOL,
    requestCert: true,
    rejectUnauthorized: false,
    // A second line only: our own limit counts on the injected clock.
    handshakeTimeout: 2 * options.handshakeTimeoutMs,
  });
  server.on("connection", (socket: Socket) => upgrades.begin(socket));
  server.on("secureConnection", (socket) => upgrades.finish(socket));
  server.on("tlsClientError", (error, socket) => upgrades.fail(error, socket));

  const { promise, resolve, reject } = Promise.withResolvers<Listener>();
  const onListenError = (error: Error): void => reject(new TransportError({ code: "listen-failed", address }, error));
  server.once("error", onListenError);
  server.listen({ host: address.ip, port: address.port }, () => {
    server.off("error", onListenError);
    server.on("error", (error: Error) => handler.onAcceptFailed(error));
    const bound = server.address();
    const port = typeof bound === "object" && bound !== null ? bound.port : address.port;
    resolve({
      address: { ip: address.ip, port },
      close: async () => {
        // The callback of `close` would wait for the connections, which are the network's.
        server.close();
        upgrades.abandon();
      },
    });
  });
  return promise;
}

/** A handshake under way. */
interface Upgrade {
  readonly remote: AddrPort;
  readonly limit: Disposable;
}

/** The handshakes under way, by the socket that was accepted. Each ends once: as a connection, or as a failure. */
class Upgrades {
  readonly #handler: ListenHandler;
  readonly #options: ListenTLSOptions;
  readonly #underWay = new Map<Socket, Upgrade>();

  constructor(handler: ListenHandler, options: ListenTLSOptions) {
    this.#handler = handler;
    this.#options = options;
  }

  begin(socket: Socket): void {
    ignoreErrors(socket);
    const remote = remoteAddressOf(socket);
    if (remote === undefined || !this.#handler.shouldUpgrade(remote)) {
      socket.destroy();
      return;
    }
    const timeoutMs = this.#options.handshakeTimeoutMs;
    const limit = this.#options.clock.setTimeout(() => {
      this.fail(new TransportError({ code: "handshake-timeout", address: remote, timeoutMs }), socket);
      socket.destroy();
    }, timeoutMs);
    this.#underWay.set(socket, { remote, limit });
    // One runtime tells of the end before it tells of the error, which then adds nothing.
    socket.once("close", () => this.fail(new TransportError({ code: "handshake-failed", address: remote }), socket));
  }

  finish(socket: TLSSocket): void {
    ignoreErrors(socket);
    const upgrade = this.#settle(socket);
    // A handshake that is no longer awaited ends here.
    if (upgrade === undefined) {
      socket.destroy();
      return;
    }
    const { remote } = upgrade;
    try {
      this.#handler.onConnection(new TLSConnection(socket, peerCertificate(socket, remote), remote, true));
    } catch (error) {
      socket.destroy();
      this.#handler.onUpgradeFailed(error as Error, remote);
    }
  }

  /** Harmless for a handshake that has ended, or was refused before it began. */
  fail(error: Error, socket: Socket): void {
    const upgrade = this.#settle(socket);
    if (upgrade === undefined) return;
    const { remote } = upgrade;
    this.#handler.onUpgradeFailed(
      error instanceof TransportError
        ? error
        : new TransportError({ code: "handshake-failed", address: remote }, error),
      remote,
    );
  }

  abandon(): void {
    for (const [socket, { limit }] of this.#underWay) {
      limit[Symbol.dispose]();
      socket.destroy();
    }
    this.#underWay.clear();
  }

  /**
   * @param socket The accepted socket, or what became of it: in one runtime they are the same object, in the other
   *   the secured socket has the accepted one below it.
   * @returns The handshake, if it was still awaited.
   */
  #settle(socket: Socket): Upgrade | undefined {
    const below = (socket as { readonly _parent?: Socket })._parent;
    const accepted = below !== undefined && this.#underWay.has(below) ? below : socket;
    const upgrade = this.#underWay.get(accepted);
    upgrade?.limit[Symbol.dispose]();
    this.#underWay.delete(accepted);
    return upgrade;
  }
}
