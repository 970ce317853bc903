/**
 * Tells others of new things, and again from time to time (upstream `network/p2p/gossip/gossip.go`, `PushGossiper`).
 *
 * @module
 */

import type { Clock } from "../../../core/clock.ts";
import type { ID } from "../../../core/ids/id.ts";
import { AppProtocolError } from "../app_errors.ts";
import type { AppClient } from "../client.ts";
import type { ValidatorSubset } from "../peers.ts";
import { DEFAULT_TARGET_MESSAGE_SIZE } from "./gossip_handler.ts";
import type { Gossip } from "./gossipable.ts";
import { LRUSet } from "./lru_set.ts";
import { marshalPushGossip } from "./messages.ts";
import type { GossipMetrics, Queue } from "./metrics.ts";

/** Whom things are told to. */
export interface BranchingFactor {
  /** Those validators that together hold this share of the stake, 0 to 1, connected or not. */
  readonly stakeShare?: number;
  /** So many further connected validators. */
  readonly validators?: number;
  /** So many connected nodes that do not validate. */
  readonly nonValidators?: number;
  /** So many further connected nodes of either kind. */
  readonly peers?: number;
}

/** How things are pushed. The defaults are upstream's (`network/p2p/gossip/system.go`). */
export interface PushGossiperOptions {
  /** @default Validators with 90% of the stake, and 100 others. */
  readonly gossip?: BranchingFactor;
  /** @default 10 validators. */
  readonly regossip?: BranchingFactor;
  /** @default {16384} How many things that were dropped are remembered, so that they are not new again at once. */
  readonly discardedSize?: number;
  /** @default {20480} About how large a message is, bytes. */
  readonly targetMessageSize?: number;
  /** @default {30000} How long until a thing is told again, milliseconds. */
  readonly regossipPeriodMs?: number;
}

export const DEFAULT_PUSH_GOSSIPER_OPTIONS: Required<PushGossiperOptions> = {
  gossip: { stakeShare: 0.9, validators: 100 },
  regossip: { validators: 10 },
  discardedSize: 16_384,
  targetMessageSize: DEFAULT_TARGET_MESSAGE_SIZE,
  regossipPeriodMs: 30_000,
};

/** What a push gossiper needs. */
export interface PushGossiperModules<T> {
  readonly clock: Clock;
  readonly gossip: Gossip<T>;
  /** What is in it no more is told no more. */
  readonly set: { has(id: ID): boolean };
  readonly validators: ValidatorSubset;
  readonly client: AppClient;
  /** Is told of what goes. */
  readonly metrics?: GossipMetrics | undefined;
}

interface Tracked<T> {
  readonly item: T;
  readonly id: ID;
  /** When it was taken, milliseconds of `Clock.monotonic`. */
  readonly addedAt: number;
  /** When it was last told, milliseconds of `Clock.monotonic`. */
  lastGossipedAt: number;
}

/** One run of a queue. */
interface Round<T> {
  readonly queue: Tracked<T>[];
  readonly to: BranchingFactor;
  readonly rememberDropped: boolean;
  readonly name: Queue;
}

/**
 * Pushes: what it was given is told to many at first, and to some again from time to time.
 *
 * @example
 * ```ts
 * import type { App, Gossip, GossipSet, ID } from "avx";
 *
 * export default {
 *   name: "pusher",
 *   start({ avx, clock, every, log, nodeID, protocols, random }) {
 *     const gossip: Gossip<Uint8Array> = {
 *       id: (item) => avx.idFromBytes(avx.sha256(item)),
 *       marshal: (item) => item,
 *       unmarshal: (bytes) => bytes.slice(),
 *     };
 *     const items = new Map<ID, Uint8Array>();
 *     const set: GossipSet<Uint8Array> = {
 *       get size() { return items.size; },
 *       has: (id) => items.has(id),
 *       add: (item) => void items.set(gossip.id(item), item),
 *       [Symbol.iterator]: () => items.values(),
 *     };
 *     protocols.addHandler(0, avx.gossipHandler({ gossip, log, set }));
 *     const { validators } = protocols;
 *     const pusher = new avx.PushGossiper({ client: protocols.newClient(0), clock, gossip, set, validators });
 *     const mine = avx.nodeIDToBytes(nodeID);
 *     set.add(mine);
 *     pusher.add(mine);
 *     every(100, () => pusher.gossip());
 *   },
 * } satisfies App;
 * ```
 */
export class PushGossiper<T> {
  readonly #modules: PushGossiperModules<T>;
  readonly #options: Required<PushGossiperOptions>;
  readonly #tracked = new Set<ID>();
  readonly #discarded: LRUSet<ID>;
  #unsent: Tracked<T>[] = [];
  #sent: Tracked<T>[] = [];

  /** @throws {AppProtocolError} `invalid-option`. */
  constructor(modules: PushGossiperModules<T>, options: PushGossiperOptions = {}) {
    this.#modules = modules;
    this.#options = { ...DEFAULT_PUSH_GOSSIPER_OPTIONS, ...options };
    requireSomeone("gossip", this.#options.gossip);
    requireSomeone("regossip", this.#options.regossip);
    for (const option of ["discardedSize", "targetMessageSize", "regossipPeriodMs"] as const) {
      if (this.#options[option] < 0) throw invalid(option, `${option} cannot be negative`);
    }
    this.#discarded = new LRUSet(this.#options.discardedSize);
  }

  /** Things that are to be told, for the first time or again. */
  get size(): number {
    return this.#tracked.size;
  }

  /** Things in one of the queues. */
  queueLength(queue: Queue): number {
    return queue === "unsent" ? this.#unsent.length : this.#sent.length;
  }

  /** For how long the things in both have been told, on average; milliseconds. */
  trackedAverageMs(): number {
    const now = this.#modules.clock.monotonic();
    const tracked = [...this.#unsent, ...this.#sent];
    if (tracked.length === 0) return 0;
    return tracked.reduce((sum, { addedAt }) => sum + now - addedAt, 0) / tracked.length;
  }

  /** Takes things that are to be told; those that it has already are passed over. */
  add(...items: readonly T[]): void {
    const { clock, gossip } = this.#modules;
    for (const item of items) {
      const id = gossip.id(item);
      if (this.#tracked.has(id)) continue;
      this.#tracked.add(id);
      const addedAt = clock.monotonic();
      // What was dropped lately counts as told just now.
      if (this.#discarded.has(id)) this.#sent.push({ item, id, addedAt, lastGossipedAt: addedAt });
      else this.#unsent.push({ item, id, addedAt, lastGossipedAt: Number.NEGATIVE_INFINITY });
    }
  }

  /** Tells what is new, and what was told long enough ago: a message of each at most. */
  gossip(): void {
    if (this.#tracked.size === 0) return;
    const { gossip, regossip } = this.#options;
    this.#unsent = this.#push({ queue: this.#unsent, to: gossip, rememberDropped: false, name: "unsent" });
    const waiting = this.#sent;
    this.#sent = [];
    const round = { queue: waiting, to: regossip, rememberDropped: true, name: "sent" } as const;
    this.#sent = [...this.#push(round), ...this.#sent];
  }

  /** @returns What is left of the queue. */
  #push({ name, queue, rememberDropped, to }: Round<T>): Tracked<T>[] {
    const { client, clock, gossip, metrics, set, validators } = this.#modules;
    const { regossipPeriodMs, targetMessageSize } = this.#options;
    const now = clock.monotonic();
    const items: Uint8Array[] = [];
    let size = 0;
    let next = 0;
    for (; next < queue.length && size < targetMessageSize; next++) {
      const tracked = queue[next] as Tracked<T>;
      if (!set.has(tracked.id)) {
        this.#tracked.delete(tracked.id);
        if (rememberDropped) this.#discarded.add(tracked.id);
        continue;
      }
      // The queue is in the order of telling: those after it were told later.
      if (tracked.lastGossipedAt > now - regossipPeriodMs) break;
      const bytes = gossip.marshal(tracked.item);
      items.push(bytes);
      size += bytes.length;
      tracked.lastGossipedAt = now;
      this.#sent.push(tracked);
    }
    if (items.length > 0) {
      const { nonValidators = 0, peers = 0, stakeShare = 0, validators: count = 0 } = to;
      const nodeIDs = new Set(validators.top(stakeShare));
      metrics?.add("sent", "push", items);
      metrics?.toldTopValidators(name, nodeIDs.size);
      client.appGossip({ nodeIDs, validators: count, nonValidators, peers }, marshalPushGossip(items));
    }
    return queue.slice(next);
  }
}

function requireSomeone(option: string, { nonValidators = 0, peers = 0, validators = 0 }: BranchingFactor): void {
  if (Math.min(nonValidators, peers, validators) < 0) throw invalid(option, "the number of nodes cannot be negative");
  if (Math.max(nonValidators, peers, validators) === 0) throw invalid(option, "must gossip to at least one peer");
}

function invalid(option: string, message: string): AppProtocolError {
  return new AppProtocolError({ code: "invalid-option", option }, message);
}
