/**
 * What is counted of the gossip of one kind of things (upstream `network/p2p/gossip/gossip.go`, `Metrics`).
 *
 * @module
 */

/** How much went one way. */
export interface GossipTraffic {
  readonly io: "sent" | "received";
  readonly type: "push" | "pull";
  /** Things. */
  readonly count: number;
  /** Bytes of the things. */
  readonly bytes: number;
}

/** Things that are told for the first time, and those that are told again. */
export type Queue = "unsent" | "sent";

/** What a bloom filter is like (upstream `utils/bloom/metrics.go`). */
export interface BloomFigures {
  /** Things that were added since it was last made anew. */
  readonly count: number;
  readonly hashes: number;
  /** Bytes. */
  readonly entries: number;
  /** As many may be added before it is made anew. */
  readonly maxCount: number;
  /** How often it was made. */
  readonly resets: number;
}

/** What a scrape asks of a system of gossip. */
export interface GossipFigures {
  readonly traffic: GossipMetrics;
  /** Things that are told, by queue. */
  queueLength(queue: Queue): number;
  /** For how long the things that are told have been, on average; milliseconds. */
  trackedAverageMs(): number;
  /** How many requests a node may make in a period; `undefined` where it may make any number. */
  throttleLimit(): number | undefined;
  bloom(): BloomFigures;
}

/** Is told of the share of things here that one who asked had already, percent. */
export type ObserveHitRate = (percent: number) => void;

/** Plain counts of one system. */
export class GossipMetrics {
  readonly #traffic = new Map<string, GossipTraffic>();
  readonly #topValidators = new Map<Queue, number>();
  /** Set where the hit rates are shown. */
  observeHitRate: ObserveHitRate | undefined;

  /** Adds what one message held. */
  add(io: GossipTraffic["io"], type: GossipTraffic["type"], items: readonly Uint8Array[]): void {
    const key = `${io} ${type}`;
    const { bytes, count } = this.#traffic.get(key) ?? { bytes: 0, count: 0 };
    const size = items.reduce((sum, { length }) => sum + length, 0);
    this.#traffic.set(key, { io, type, count: count + items.length, bytes: bytes + size });
  }

  /** How many validators were told for their stake, at the last message of a queue. */
  toldTopValidators(queue: Queue, count: number): void {
    this.#topValidators.set(queue, count);
  }

  /** What went, of the ways that something went. */
  get traffic(): Iterable<GossipTraffic> {
    return this.#traffic.values();
  }

  get topValidators(): ReadonlyMap<Queue, number> {
    return this.#topValidators;
  }
}
