/**
 * Connections inside one process: the network layer on injected time, with nothing left to the machine.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { type AddrPort, formatAddrPort } from "../../core/ip.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { Connection, ConnectionHandler, DialOptions, Listener, ListenHandler, Transport } from "./contract.ts";
import { TransportError } from "./errors.ts";

/** How chunks travel. A simulation gives its own to delay, lose and part. */
export interface MemoryLink {
  /** Milliseconds that a chunk takes from one address to the other, or `undefined` where the link is cut. */
  delayMs(from: AddrPort, to: AddrPort): number | undefined;
}

/** Everything arrives, in the next turn. */
const IDEAL_LINK: MemoryLink = { delayMs: () => 0 };

/** The wires between memory transports. */
export class MemoryNet {
  readonly clock: Clock;
  readonly link: MemoryLink;
  readonly #listeners = new Map<string, { readonly handler: ListenHandler; readonly certificate: Certificate }>();
  #nextPort = 10_000;

  constructor(clock: Clock, link: MemoryLink = IDEAL_LINK) {
    this.clock = clock;
    this.link = link;
  }

  /** The transport of the node with this certificate; its dials come from `ip`. */
  transport(certificate: Certificate, ip = "127.0.0.1"): Transport {
    return {
      dial: (address, options) => this.#dial(certificate, ip, address, options),
      listen: (address, handler) => this.#listen(certificate, address, handler),
    };
  }

  async #listen(certificate: Certificate, address: AddrPort, handler: ListenHandler): Promise<Listener> {
    const bound = address.port === 0 ? { ip: address.ip, port: this.#nextPort++ } : address;
    const key = formatAddrPort(bound);
    if (this.#listeners.has(key)) {
      throw new TransportError({ code: "listen-failed", address }, new Error("address already in use"));
    }
    this.#listeners.set(key, { handler, certificate });
    return {
      address: bound,
      close: async () => {
        this.#listeners.delete(key);
      },
    };
  }

  #dial(certificate: Certificate, ip: string, address: AddrPort, { signal }: DialOptions): Promise<Connection> {
    const from: AddrPort = { ip, port: this.#nextPort++ };
    const { promise, resolve, reject } = Promise.withResolvers<Connection>();
    const fail = (): void => reject(new TransportError({ code: "connect-failed", address }));
    const delayMs = this.link.delayMs(from, address);
    this.clock.setTimeout(() => {
      const listening = this.#listeners.get(formatAddrPort(address));
      if (signal.aborted) reject(new TransportError({ code: "aborted", address }));
      else if (listening === undefined || delayMs === undefined || !listening.handler.shouldUpgrade(from)) fail();
      else {
        const [dialled, accepted] = connectionPair(this, {
          certificate,
          from,
          to: address,
          listener: listening.certificate,
        });
        resolve(dialled);
        listening.handler.onConnection(accepted);
      }
    }, delayMs ?? 0);
    return promise;
  }
}

interface PairOptions {
  readonly certificate: Certificate;
  readonly from: AddrPort;
  readonly to: AddrPort;
  readonly listener: Certificate;
}

/** Two ends of one connection: the dialling one first. */
function connectionPair(net: MemoryNet, { certificate, from, to, listener }: PairOptions): [Connection, Connection] {
  const dialled = new MemoryConnection(net, { certificate: listener, local: from, remote: to, isIngress: false });
  const accepted = new MemoryConnection(net, { certificate, local: to, remote: from, isIngress: true });
  dialled.join(accepted);
  accepted.join(dialled);
  return [dialled, accepted];
}

interface MemoryConnectionOptions {
  readonly certificate: Certificate;
  readonly local: AddrPort;
  readonly remote: AddrPort;
  readonly isIngress: boolean;
}

/** Bytes under way at which a writer is asked to wait, as a socket's buffer would. */
const HIGH_WATER_BYTES = 256 * 1024;

class MemoryConnection implements Connection {
  readonly isIngress: boolean;
  readonly remoteAddress: AddrPort;
  readonly certificate: Certificate;
  readonly #net: MemoryNet;
  readonly #local: AddrPort;
  #other: MemoryConnection | undefined;
  #handler: ConnectionHandler | undefined;
  #paused = false;
  #closed = false;
  #closeTold = false;
  /** Arrived and not yet delivered. */
  readonly #arrived: Uint8Array[] = [];
  /** Written here and not yet delivered there. */
  #underWay = 0;
  #wantsDrain = false;
  /** Chunks keep their order although delays vary. */
  #lastArrival = 0;

  constructor(net: MemoryNet, options: MemoryConnectionOptions) {
    this.#net = net;
    this.#local = options.local;
    this.certificate = options.certificate;
    this.remoteAddress = options.remote;
    this.isIngress = options.isIngress;
  }

  join(other: MemoryConnection): void {
    this.#other = other;
  }

  open(handler: ConnectionHandler): void {
    this.#handler = handler;
    if (this.#closed) this.#tellClosed();
    else this.#deliver();
  }

  write(bytes: Uint8Array): boolean {
    const other = this.#other;
    if (this.#closed || other === undefined) return true;
    this.#underWay += bytes.length;
    this.#after(() => other.arrive(bytes));
    this.#wantsDrain = this.#underWay >= HIGH_WATER_BYTES;
    return !this.#wantsDrain;
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#deliver();
  }

  close(): void {
    if (this.#closed) return;
    const other = this.#other;
    this.#after(() => other?.end());
    this.end();
  }

  #after(run: () => void): void {
    const { clock, link } = this.#net;
    const delayMs = link.delayMs(this.#local, this.remoteAddress);
    // A link that is cut loses the connection: TCP gives up in the end.
    if (delayMs === undefined) {
      clock.setTimeout(() => {
        this.#other?.end();
        this.end();
      }, 0);
      return;
    }
    const now = clock.monotonic();
    this.#lastArrival = Math.max(this.#lastArrival, now + delayMs);
    clock.setTimeout(run, this.#lastArrival - now);
  }

  arrive(bytes: Uint8Array): void {
    if (this.#closed) return;
    this.#arrived.push(bytes);
    this.#deliver();
  }

  #deliver(): void {
    while (this.#handler !== undefined && !this.#paused && !this.#closed) {
      const bytes = this.#arrived.shift();
      if (bytes === undefined) return;
      this.#other?.delivered(bytes.length);
      this.#handler.onData(bytes);
    }
  }

  delivered(length: number): void {
    this.#underWay -= length;
    if (!this.#wantsDrain || this.#underWay >= HIGH_WATER_BYTES / 2) return;
    this.#wantsDrain = false;
    this.#net.clock.setTimeout(() => {
      if (!this.#closed) this.#handler?.onDrain();
    }, 0);
  }

  end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#net.clock.setTimeout(() => this.#tellClosed(), 0);
  }

  #tellClosed(): void {
    if (this.#handler === undefined || this.#closeTold) return;
    this.#closeTold = true;
    this.#handler.onClose(undefined);
  }
}
