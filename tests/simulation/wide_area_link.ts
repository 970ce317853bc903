/**
 * A model of the Internet between the nodes, small enough to be said in a few lines.
 *
 * - Each address lies at a point of a square, drawn at random. A packet takes 1 ms and what the distance takes; the mean
 *   over all pairs is what was asked for. On top comes jitter, exponential, a tenth of that in the mean.
 * - Each packet of 1,448 bytes is lost with the same probability, on its own. What is sent together is sent again
 *   together when one of its packets was lost. Nothing but the packet is lost: TCP (`memory_link.ts`) sends it again
 *   after 200 ms and the round trip, twice that, and so on, what was sent later waits for it, and so a lost packet is a
 *   delay. A lost SYN costs a second. Fast retransmission, which would save some of this for what is sent in many
 *   packets, is left out: the model is worse than the real thing.
 * - Where the net is parted, and where a machine is down, every packet is lost. Nobody is told: nodes find out by their
 *   own time-outs, dials by theirs, and TCP tries less and less often, so that it needs a while to notice the healing.
 * - Bandwidth is without limit, and acknowledgements are never lost.
 *
 * @module
 */

import type { AddrPort } from "../../lib/core/ip.ts";
import type { Random } from "../../lib/core/random.ts";
import type { MemoryLink } from "../../lib/p2p/transport/memory_link.ts";

export interface WideAreaLinkOptions {
  /** The mean of the time that a packet takes from one node to another, at least 1 ms. */
  readonly latencyMs: number;
  /** 0 to 1: how likely a packet is lost. */
  readonly loss: number;
}

interface Place {
  readonly x: number;
  readonly y: number;
  isUp: boolean;
  /** Which part of a parted net it is in. */
  part: number;
}

/** What the first step costs everywhere, milliseconds. */
const ACCESS_MS = 1;
/** The mean distance of two points of the unit square. */
const MEAN_DISTANCE = 0.5214;
/** Jitter's mean, as a share of the time that the distance takes. */
const JITTER = 0.1;
/** Bytes of TCP in a packet of Ethernet. */
const PACKET_BYTES = 1_448;

export class WideAreaLink implements MemoryLink {
  readonly #random: Random;
  readonly #msPerDistance: number;
  readonly #loss: number;
  readonly #places = new Map<string, Place>();
  #lost = 0;
  #packets = 0;

  constructor(random: Random, options: WideAreaLinkOptions) {
    this.#random = random;
    this.#msPerDistance = Math.max(0, options.latencyMs - ACCESS_MS) / MEAN_DISTANCE / (1 + JITTER);
    this.#loss = options.loss;
  }

  /** Packets that were sent, those that were sent again and those that were lost included. */
  get packets(): number {
    return this.#packets;
  }

  /** Packets that were lost by chance. */
  get lost(): number {
    return this.#lost;
  }

  /** A machine with this address is there from now on. */
  up(ip: string): void {
    this.#place(ip).isUp = true;
  }

  /** The machine with this address is gone: nothing reaches it, and nothing comes from it. */
  down(ip: string): void {
    this.#place(ip).isUp = false;
  }

  /** Only machines of the same part reach each other from now on; those that are not named are in part 0. */
  part(parts: ReadonlyMap<string, number>): void {
    for (const [ip, place] of this.#places) place.part = parts.get(ip) ?? 0;
  }

  heal(): void {
    this.part(new Map());
  }

  delayMs(from: AddrPort, to: AddrPort, bytes: number): number | undefined {
    const packets = Math.max(1, Math.ceil(bytes / PACKET_BYTES));
    this.#packets += packets;
    const here = this.#place(from.ip);
    const there = this.#place(to.ip);
    if (!here.isUp || !there.isUp || here.part !== there.part) return undefined;
    if (this.#loss > 0 && this.#random.float() >= (1 - this.#loss) ** packets) {
      this.#lost++;
      return undefined;
    }
    const travelMs = Math.hypot(here.x - there.x, here.y - there.y) * this.#msPerDistance;
    const jitterMs = -Math.log(1 - this.#random.float()) * JITTER * travelMs;
    return ACCESS_MS + travelMs + jitterMs;
  }

  /** Addresses that nobody has been given are there too, and nobody is at them. */
  #place(ip: string): Place {
    let place = this.#places.get(ip);
    if (place === undefined) {
      place = { x: this.#random.float(), y: this.#random.float(), isUp: false, part: 0 };
      this.#places.set(ip, place);
    }
    return place;
  }
}
