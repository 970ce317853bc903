/**
 * Connections inside one process: the network layer on injected time, with nothing left to the machine.
 *
 * @module
 */

import type { Clock, Timer } from "../../core/clock.ts";
import { type AddrPort, formatAddrPort } from "../../core/ip.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { Connection, DialOptions, Listener, ListenHandler, Transport } from "./contract.ts";
import { TransportError } from "./errors.ts";
import type { MemoryConnection } from "./memory_connection.ts";
import { dialMemory, type MemoryListening } from "./memory_dial.ts";
import { IDEAL_LINK, type MemoryLink, type MemoryWire } from "./memory_link.ts";

export type { MemoryLink } from "./memory_link.ts";

/** Ports that are given to those who ask for any. */
const FIRST_PORT = 10_000;
const LAST_PORT = 65_535;

/** The wires between memory transports. */
export class MemoryNet implements MemoryWire {
  readonly clock: Clock;
  readonly link: MemoryLink;
  readonly #listening = new Map<string, MemoryListening>();
  #nextPort = FIRST_PORT;

  constructor(clock: Clock, link: MemoryLink = IDEAL_LINK) {
    this.clock = clock;
    this.link = link;
  }

  /** The transport of the node with this certificate; its dials come from `ip`. */
  transport(certificate: Certificate, ip = "127.0.0.1"): MemoryTransport {
    return new MemoryTransport(this, certificate, ip);
  }

  /** Who listens at an address, if anyone does. */
  listeningAt(address: AddrPort): MemoryListening | undefined {
    return this.#listening.get(formatAddrPort(address));
  }

  /** @throws {TransportError} `listen-failed` where somebody listens already. */
  listen(address: AddrPort, listening: MemoryListening): AddrPort {
    const bound = address.port === 0 ? { ip: address.ip, port: this.#freePort(address.ip) } : address;
    if (this.listeningAt(bound) !== undefined) {
      throw new TransportError({ code: "listen-failed", address }, new Error("address already in use"));
    }
    this.#listening.set(formatAddrPort(bound), listening);
    return bound;
  }

  /** Listens no more. Harmless where somebody else has taken the address since. */
  stopListening(address: AddrPort, listening: MemoryListening): void {
    if (this.listeningAt(address) === listening) this.#listening.delete(formatAddrPort(address));
    for (const upgrade of [...listening.upgrades]) upgrade.cancel();
  }

  /** A port to dial from. */
  ephemeralPort(): number {
    const port = this.#nextPort;
    this.#nextPort = port === LAST_PORT ? FIRST_PORT : port + 1;
    return port;
  }

  #freePort(ip: string): number {
    for (let tries = FIRST_PORT; tries <= LAST_PORT; tries++) {
      const port = this.ephemeralPort();
      if (this.listeningAt({ ip, port }) === undefined) return port;
    }
    throw new TransportError({ code: "listen-failed", address: { ip, port: 0 } }, new Error("no port is free"));
  }
}

/** One node's way into a {@link MemoryNet}. */
export class MemoryTransport implements Transport {
  readonly #net: MemoryNet;
  readonly #certificate: Certificate;
  readonly #ip: string;
  readonly #connections = new Set<MemoryConnection>();
  readonly #onOpen = (end: MemoryConnection): unknown => this.#connections.add(end);
  readonly #onEnd = (end: MemoryConnection): unknown => this.#connections.delete(end);
  readonly #listeners = new Set<() => void>();

  constructor(net: MemoryNet, certificate: Certificate, ip: string) {
    this.#net = net;
    this.#certificate = certificate;
    this.#ip = ip;
  }

  /** How many connections this side has. */
  get connections(): number {
    return this.#connections.size;
  }

  dial(address: AddrPort, { signal }: DialOptions): Promise<Connection> {
    return dialMemory(this.#net, {
      certificate: this.#certificate,
      from: { ip: this.#ip, port: this.#net.ephemeralPort() },
      to: address,
      signal,
      listeningAt: (at) => this.#net.listeningAt(at),
      onOpen: this.#onOpen,
      onEnd: this.#onEnd,
    });
  }

  async listen(address: AddrPort, handler: ListenHandler): Promise<Listener> {
    const listening: MemoryListening = {
      certificate: this.#certificate,
      handler,
      upgrades: new Set<Timer>(),
      onOpen: this.#onOpen,
      onEnd: this.#onEnd,
    };
    const bound = this.#net.listen(address, listening);
    const stop = (): void => {
      this.#listeners.delete(stop);
      this.#net.stopListening(bound, listening);
    };
    this.#listeners.add(stop);
    return { address: bound, close: async () => stop() };
  }

  /**
   * The machine goes down without a word: nobody is told that its connections are no more, and nobody listens where it
   * did. Those who still send to it are refused once a machine is there again that can, if the link lets them.
   */
  vanish(): void {
    for (const stop of [...this.#listeners]) stop();
    for (const connection of [...this.#connections]) connection.vanish();
  }
}
