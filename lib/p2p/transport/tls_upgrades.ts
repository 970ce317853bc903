/**
 * What becomes of accepted sockets: each ends once, as a connection or as a failure.
 *
 * @module
 */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import type { Clock, Timer } from "../../core/clock.ts";
import type { AddrPort } from "../../core/ip.ts";
import type { ListenHandler } from "./contract.ts";
import { TransportError } from "./errors.ts";
import { readProxyHeader } from "./proxy_reader.ts";
import { TLSConnection } from "./tls_connection.ts";
import { ignoreErrors, peerCertificate, remoteAddressOf } from "./tls_socket.ts";

/** How upgrades are bounded: see `TLSTransportOptions`. */
export interface TLSUpgradesOptions {
  readonly clock: Clock;
  readonly handshakeTimeoutMs: number;
  readonly maxPendingUpgrades: number;
  readonly proxyEnabled: boolean;
  readonly proxyReadTimeoutMs: number;
}

/** An accepted socket whose turn has come, and of which it is not known yet who it is. */
interface Upgrade {
  /** Who dialled, as far as is known. */
  remote: AddrPort;
  /** The end of the handshake's time; none while there is no handshake yet. */
  limit: Timer | undefined;
}

export class TLSUpgrades {
  readonly #handler: ListenHandler;
  readonly #options: TLSUpgradesOptions;
  readonly #startTLS: (socket: Socket) => void;
  /** Those whose turn has not come. */
  readonly #waiting = new Set<Socket>();
  /** The oldest first. */
  readonly #underWay = new Map<Socket, Upgrade>();

  /** @param startTLS Begins the handshake on a socket that is paused; its end is told by `finish` or `fail`. */
  constructor(handler: ListenHandler, options: TLSUpgradesOptions, startTLS: (socket: Socket) => void) {
    this.#handler = handler;
    this.#options = options;
    this.#startTLS = startTLS;
  }

  /**
   * Takes an accepted socket as far as its handshake.
   *
   * 1. It waits for its turn, unread.
   * 2. It becomes one of the pending upgrades; where there are too many, the oldest ends.
   * 3. Where a load balancer is said to be in front, its header is read.
   * 4. The network is asked whether a handshake is to be spent on the address.
   * 5. TLS begins, and its time.
   */
  async begin(socket: Socket): Promise<void> {
    ignoreErrors(socket);
    const address = remoteAddressOf(socket);
    if (address === undefined) {
      socket.destroy();
      return;
    }
    if (!(await this.#hasTurn(socket, address))) return;

    const upgrade = this.#add(socket, address);
    try {
      if (this.#options.proxyEnabled) {
        upgrade.remote = (await readProxyHeader(socket, { ...this.#header, address })).source;
        if (!this.#underWay.has(socket)) return;
      }
      if (this.#handler.shouldUpgrade(upgrade.remote)) {
        this.#expectHandshake(socket, upgrade);
        this.#startTLS(socket);
      } else {
        this.#underWay.delete(socket);
        socket.destroy();
      }
    } catch (error) {
      this.fail(error as Error, socket);
    }
  }

  /** A handshake was completed. */
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

  /**
   * Ends an upgrade; harmless for one that has ended.
   *
   * @param socket The accepted socket, or what became of it.
   */
  fail(error: Error, socket: Socket): void {
    const upgrade = this.#settle(socket);
    socket.destroy();
    if (upgrade === undefined) return;
    const { remote } = upgrade;
    this.#handler.onUpgradeFailed(
      error instanceof TransportError
        ? error
        : new TransportError({ code: "handshake-failed", address: remote }, error),
      remote,
    );
  }

  /** Ends all, without a word. */
  abandon(): void {
    for (const [socket, { limit }] of this.#underWay) {
      limit?.cancel();
      socket.destroy();
    }
    this.#underWay.clear();
    for (const socket of this.#waiting) socket.destroy();
    this.#waiting.clear();
  }

  get #header(): { readonly clock: Clock; readonly timeoutMs: number } {
    return { clock: this.#options.clock, timeoutMs: this.#options.proxyReadTimeoutMs };
  }

  /** @returns Whether its turn came while it was there. */
  async #hasTurn(socket: Socket, address: AddrPort): Promise<boolean> {
    const gone = new AbortController();
    const turn = this.#handler.takeTurn(gone.signal);
    if (turn === undefined) return true;

    const onClose = (): void => gone.abort();
    socket.once("close", onClose);
    this.#waiting.add(socket);
    try {
      await turn;
      return this.#waiting.has(socket) && !socket.destroyed;
    } catch (error) {
      socket.destroy();
      if (!gone.signal.aborted) this.#handler.onUpgradeFailed(error as Error, address);
      return false;
    } finally {
      this.#waiting.delete(socket);
      socket.off("close", onClose);
    }
  }

  #add(socket: Socket, address: AddrPort): Upgrade {
    const { maxPendingUpgrades: limit } = this.#options;
    const [oldest] = this.#underWay;
    if (oldest !== undefined && this.#underWay.size >= limit) {
      const [oldestSocket, { remote }] = oldest;
      this.fail(new TransportError({ code: "too-many-upgrades", address: remote, limit }), oldestSocket);
    }
    const upgrade: Upgrade = { remote: address, limit: undefined };
    this.#underWay.set(socket, upgrade);
    return upgrade;
  }

  /** The handshake ends within its time, or with the socket. */
  #expectHandshake(socket: Socket, upgrade: Upgrade): void {
    const { clock, handshakeTimeoutMs: timeoutMs } = this.#options;
    const { remote: address } = upgrade;
    upgrade.limit = clock.setTimeout(
      () => this.fail(new TransportError({ code: "handshake-timeout", address, timeoutMs }), socket),
      timeoutMs,
    );
    // One runtime tells of the end before it tells of the error, which then adds nothing.
    socket.once("close", () => this.fail(new TransportError({ code: "handshake-failed", address }), socket));
  }

  /**
   * @param socket The accepted socket, or what became of it: the secured socket has the accepted one below it, and a
   *   handshake that failed is told of with either.
   * @returns The upgrade, if it was still awaited.
   */
  #settle(socket: Socket): Upgrade | undefined {
    const below = (socket as { readonly _parent?: Socket })._parent;
    const accepted = below !== undefined && this.#underWay.has(below) ? below : socket;
    const upgrade = this.#underWay.get(accepted);
    upgrade?.limit?.cancel();
    this.#underWay.delete(accepted);
    return upgrade;
  }
}
