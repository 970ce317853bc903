/**
 * The IPs of one subnet that this node tells others of.
 *
 * @module
 */

import type { ReadFilter } from "../../core/bloom/filter.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type Random, randomInt } from "../../core/random.ts";
import type { ClaimedIPPort } from "../../core/staking/claimed_ip.ts";

/** What an asker knows already. */
export interface KnownIPs {
  readonly filter: ReadFilter;
  readonly salt: Uint8Array;
}

/**
 * Who may be gossiped on a subnet, and who is.
 *
 * An IP is gossiped while its node validates the subnet (or was asked to be told of), is connected, tracks the
 * subnet, and connected with the newest IP that it is known to have.
 */
export class GossipableSubnet {
  /** Told of whether or not they validate. */
  readonly manuallyGossipable = new Set<NodeID>();
  /** Whose IP may be told; a superset of the above. */
  readonly gossipableIDs = new Set<NodeID>();
  readonly #ips = new Map<NodeID, ClaimedIPPort>();
  /** The same in any order, or `undefined` where something has changed: shuffled in place, so that no draw copies it. */
  #shuffled: ClaimedIPPort[] | undefined;

  get size(): number {
    return this.#ips.size;
  }

  set(ip: ClaimedIPPort): void {
    this.#ips.set(ip.nodeID, ip);
    this.#shuffled = undefined;
  }

  remove(nodeID: NodeID): void {
    if (this.#ips.delete(nodeID)) this.#shuffled = undefined;
  }

  /**
   * Adds to `chosen` at random, up to `maxIPs` in it, what the asker does not know: not itself, nobody twice.
   */
  sampleInto(chosen: Map<NodeID, ClaimedIPPort>, asker: NodeID, known: KnownIPs, maxIPs: number, random: Random): void {
    this.#shuffled ??= [...this.#ips.values()];
    const ips = this.#shuffled;
    for (let i = 0; i < ips.length && chosen.size < maxIPs; i++) {
      const j = i + randomInt(random, ips.length - i);
      const ip = ips[j] as ClaimedIPPort;
      ips[j] = ips[i] as ClaimedIPPort;
      ips[i] = ip;
      if (ip.nodeID === asker || chosen.has(ip.nodeID)) continue;
      if (known.filter.contains(ip.gossipIDBytes, known.salt)) continue;
      chosen.set(ip.nodeID, ip);
    }
  }
}
