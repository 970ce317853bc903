/**
 * A set with a bloom filter of what it holds (upstream `network/p2p/gossip/set.go`, `BloomSet`).
 *
 * @module
 */

import { BloomFilter } from "../../../core/bloom/filter.ts";
import { estimateCount, optimalParameters } from "../../../core/bloom/optimal.ts";
import { type ID, ID_LENGTH, idToBytes } from "../../../core/ids/id.ts";
import type { Random } from "../../../core/random.ts";
import type { FilteredSet, Gossip, GossipSet } from "./gossipable.ts";
import type { BloomFigures } from "./metrics.ts";

/** How large the filter is made. */
export interface BloomSetOptions {
  /** @default {1000} How many things it is made for at least. */
  readonly minTargetElements?: number;
  /** @default {0.01} How often it may take a thing for one that it holds, when it is new. */
  readonly targetFalsePositiveProbability?: number;
  /** @default {0.05} When it is made anew. */
  readonly resetFalsePositiveProbability?: number;
}

export const DEFAULT_BLOOM_SET_OPTIONS: Required<BloomSetOptions> = {
  minTargetElements: 1_000,
  targetFalsePositiveProbability: 0.01,
  resetFalsePositiveProbability: 0.05,
};

/**
 * Puts the filter around a set. All that is added must be added here.
 *
 * @example
 * ```ts
 * const gossip: Gossip<Uint8Array> = { id: warpMessageID, marshal: (item) => item, unmarshal: (bytes) => bytes.slice() };
 * const items = new Map<ID, Uint8Array>();
 * const set: GossipSet<Uint8Array> = {
 *   get size() { return items.size; },
 *   has: (id) => items.has(id),
 *   add: (item) => void items.set(gossip.id(item), item),
 *   [Symbol.iterator]: () => items.values(),
 * };
 * const filtered = new BloomSet({ set, gossip, random: systemRandom });
 * filtered.add(Uint8Array.of(1));
 * ```
 */
export class BloomSet<T> implements FilteredSet<T> {
  readonly #set: GossipSet<T>;
  readonly #gossip: Gossip<T>;
  readonly #random: Random;
  readonly #options: Required<BloomSetOptions>;
  #maxCount = 0;
  #resets = 0;
  #bloom!: BloomFilter;
  #salt!: Uint8Array;

  constructor(
    modules: { readonly set: GossipSet<T>; readonly gossip: Gossip<T>; readonly random: Random },
    options: BloomSetOptions = {},
  ) {
    this.#set = modules.set;
    this.#gossip = modules.gossip;
    this.#random = modules.random;
    this.#options = { ...DEFAULT_BLOOM_SET_OPTIONS, ...options };
    this.#reset();
  }

  get size(): number {
    return this.#set.size;
  }

  has(id: ID): boolean {
    return this.#set.has(id);
  }

  /** @throws {Error} What the set within throws. */
  add(item: T): void {
    this.#set.add(item);
    this.#bloom.add(idToBytes(this.#gossip.id(item)), this.#salt);
    if (this.#bloom.count > this.#maxCount) this.#reset();
  }

  filter(): { readonly bloom: BloomFilter; readonly salt: Uint8Array } {
    return { bloom: this.#bloom, salt: this.#salt };
  }

  /** What the filter is like now. */
  figures(): BloomFigures {
    const { count, numEntries, numHashes } = this.#bloom;
    return { count, hashes: numHashes, entries: numEntries, maxCount: this.#maxCount, resets: this.#resets };
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#set[Symbol.iterator]();
  }

  /** Made for twice of what there is; under a new salt, so that what was mistaken for another is not again. */
  #reset(): void {
    const { minTargetElements, resetFalsePositiveProbability, targetFalsePositiveProbability } = this.#options;
    const elements = Math.max(2 * this.#set.size, minTargetElements);
    const { numEntries, numHashes } = optimalParameters(elements, targetFalsePositiveProbability);
    this.#bloom = BloomFilter.create(numHashes, numEntries, this.#random);
    this.#salt = this.#random.bytes(ID_LENGTH);
    for (const item of this.#set) this.#bloom.add(idToBytes(this.#gossip.id(item)), this.#salt);
    this.#resets++;
    this.#maxCount = estimateCount(numHashes, numEntries, resetFalsePositiveProbability);
  }
}
