/**
 * One end of a connection inside one process.
 *
 * @module
 */

import type { Timer } from "../../core/clock.ts";
import type { AddrPort } from "../../core/ip.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { Connection, ConnectionHandler } from "./contract.ts";
import {
  MAX_ORPHAN_RETRANSMITS,
  MAX_RETRANSMITS,
  type MemoryWire,
  nextRetransmitMs,
  retransmitMs,
} from "./memory_link.ts";

/** Who and where the two ends are. */
export interface MemoryPair {
  readonly dialler: { readonly certificate: Certificate; readonly address: AddrPort; readonly onEnd: OnEnd };
  readonly listener: { readonly certificate: Certificate; readonly address: AddrPort; readonly onEnd: OnEnd };
}

/** Is told of an end that is over, or about to open. */
type OnEnd = (end: MemoryConnection) => void;

/** Two ends of one connection: the dialling one first. */
export function connectionPair(wire: MemoryWire, pair: MemoryPair): [MemoryConnection, MemoryConnection] {
  const { dialler, listener } = pair;
  const dialled = new MemoryConnection(wire, {
    certificate: listener.certificate,
    local: dialler.address,
    remote: listener.address,
    isIngress: false,
    onEnd: dialler.onEnd,
  });
  const accepted = new MemoryConnection(wire, {
    certificate: dialler.certificate,
    local: listener.address,
    remote: dialler.address,
    isIngress: true,
    onEnd: listener.onEnd,
  });
  dialled.join(accepted);
  accepted.join(dialled);
  return [dialled, accepted];
}

interface MemoryConnectionOptions {
  readonly certificate: Certificate;
  readonly local: AddrPort;
  readonly remote: AddrPort;
  readonly isIngress: boolean;
  readonly onEnd: OnEnd;
}

/** Bytes under way at which a writer is asked to wait, as a socket's buffer would. */
const HIGH_WATER_BYTES = 256 * 1024;

/** What is sent behind all bytes. */
const FIN = Symbol("FIN");
type Packet = Uint8Array | typeof FIN;

const NO_PACKETS: readonly Packet[] = [];

export class MemoryConnection implements Connection {
  readonly isIngress: boolean;
  readonly remoteAddress: AddrPort;
  readonly certificate: Certificate;
  readonly #wire: MemoryWire;
  readonly #local: AddrPort;
  readonly #onEnd: OnEnd;
  #other: MemoryConnection | undefined;
  #handler: ConnectionHandler | undefined;
  #paused = false;
  #closed = false;
  #closeTold = false;
  /** Arrived and not yet delivered. */
  #arrived: Uint8Array[] | undefined;
  /** Written here and not yet delivered there. */
  #underWay = 0;
  #wantsDrain = false;
  /** Packets keep their order although delays vary. */
  #lastArrival = 0;
  /** The first was lost and is sent again, the others wait for it. */
  #unsent: Packet[] | undefined;
  #retransmit: Timer | undefined;
  #retransmits = 0;
  #retransmitMs: number;

  constructor(wire: MemoryWire, options: MemoryConnectionOptions) {
    this.#wire = wire;
    this.#local = options.local;
    this.#onEnd = options.onEnd;
    this.#retransmitMs = retransmitMs(0);
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
    if (this.#closed) return true;
    this.#underWay += bytes.length;
    this.#send(bytes);
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
    this.#send(FIN);
    this.#end();
  }

  /** Ends without a word, and sends nothing of what waited: the other end is gone, or the machine of this one. */
  vanish(): void {
    this.#forgetUnsent();
    this.#end();
  }

  // ------------------------------------------------------------------------------------------------------- sending

  #send(packet: Packet): void {
    if (this.#unsent !== undefined) this.#unsent.push(packet);
    else if (!this.#trySend(packet)) {
      this.#unsent = [packet];
      this.#retransmitAfter(this.#retransmitMs);
    }
  }

  /** @returns Whether the packet is on its way, and not lost. */
  #trySend(packet: Packet): boolean {
    const { clock, link } = this.#wire;
    const delayMs = link.delayMs(this.#local, this.remoteAddress, packet === FIN ? 0 : packet.length);
    if (delayMs === undefined) return false;
    const now = clock.monotonic();
    this.#lastArrival = Math.max(this.#lastArrival, now + delayMs);
    this.#retransmitMs = retransmitMs(delayMs);
    clock.setTimeout(() => this.#other?.arrive(packet), this.#lastArrival - now);
    return true;
  }

  #retransmitAfter(pauseMs: number): void {
    this.#retransmit = this.#wire.clock.setTimeout(() => {
      if (++this.#retransmits > (this.#closed ? MAX_ORPHAN_RETRANSMITS : MAX_RETRANSMITS)) {
        this.vanish();
        return;
      }
      const unsent = this.#unsent ?? NO_PACKETS;
      let sent = 0;
      while (sent < unsent.length && this.#trySend(unsent[sent] as Packet)) sent++;
      if (sent > 0) this.#retransmits = 0;
      if (sent === unsent.length) this.#forgetUnsent();
      else {
        this.#unsent = unsent.slice(sent);
        this.#retransmitAfter(sent > 0 ? this.#retransmitMs : nextRetransmitMs(pauseMs));
      }
    }, pauseMs);
  }

  #forgetUnsent(): void {
    this.#retransmit?.cancel();
    this.#retransmit = undefined;
    this.#retransmits = 0;
    this.#unsent = undefined;
  }

  // ----------------------------------------------------------------------------------------------------- receiving

  arrive(packet: Packet): void {
    if (packet === FIN) this.vanish();
    else if (this.#closed) this.#refuse();
    else {
      this.#arrived ??= [];
      this.#arrived.push(packet);
      this.#deliver();
    }
  }

  /** Answers what comes for a connection that is no more. Only a machine that is there can: a link knows. */
  #refuse(): void {
    const { clock, link } = this.#wire;
    const delayMs = link.delayMs(this.#local, this.remoteAddress, 0);
    if (delayMs !== undefined) clock.setTimeout(() => this.#other?.vanish(), delayMs);
  }

  #deliver(): void {
    while (this.#handler !== undefined && !this.#paused && !this.#closed) {
      const bytes = this.#arrived?.shift();
      if (bytes === undefined) return;
      this.#other?.delivered(bytes.length);
      this.#handler.onData(bytes);
    }
  }

  delivered(length: number): void {
    this.#underWay -= length;
    if (!this.#wantsDrain || this.#underWay >= HIGH_WATER_BYTES / 2) return;
    this.#wantsDrain = false;
    this.#wire.clock.setTimeout(() => {
      if (!this.#closed) this.#handler?.onDrain();
    }, 0);
  }

  // ----------------------------------------------------------------------------------------------------------- end

  #end(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#arrived = undefined;
    this.#onEnd(this);
    this.#wire.clock.setTimeout(() => this.#tellClosed(), 0);
  }

  #tellClosed(): void {
    if (this.#handler === undefined || this.#closeTold) return;
    this.#closeTold = true;
    this.#handler.onClose(undefined);
  }
}
