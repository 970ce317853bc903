/**
 * Things that many nodes are to have, and the sets that they are kept in (upstream `network/p2p/gossip/gossip.go`,
 * `set.go`).
 *
 * @module
 */

import type { BloomFilter } from "../../../core/bloom/filter.ts";
import type { ID } from "../../../core/ids/id.ts";

/** What a gossiped thing is: its name among its like, and its bytes. */
export interface Gossip<T> {
  /** The same on all nodes. */
  id(item: T): ID;
  marshal(item: T): Uint8Array;
  /** @throws {Error} Where the bytes, which a peer sent, are no such thing; they are to be copied where they are kept. */
  unmarshal(bytes: Uint8Array): T;
}

/** Where things are kept. */
export interface GossipSet<T> extends Iterable<T> {
  readonly size: number;
  has(id: ID): boolean;
  /**
   * Keeps a thing.
   *
   * @throws {Error} Where it is not kept: it is there already, or is not wanted.
   */
  add(item: T): void;
}

/** A set that can tell in few bytes what it holds. */
export interface FilteredSet<T> extends GossipSet<T> {
  /** The filter as it is now, and the 32 bytes under which things were put into it. */
  filter(): { readonly bloom: BloomFilter; readonly salt: Uint8Array };
}
