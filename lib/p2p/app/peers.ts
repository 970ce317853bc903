/**
 * Who is connected (upstream `network/p2p/network.go`, `Peers`), and who of them validates (`validators.go`).
 *
 * @module
 */

import type { ID } from "../../core/ids/id.ts";
import { compareNodeIDs, type NodeID } from "../../core/ids/node_id.ts";
import { type Random, shuffled } from "../../core/random.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";

/** Draws nodes to ask. */
export interface NodeSampler {
  /** @returns At most `limit` nodes, each once. */
  sample(limit: number): NodeID[];
}

/** Whether a node validates and is connected. */
export interface ValidatorSet {
  readonly size: number;
  has(nodeID: NodeID): boolean;
}

/** The validators with the most stake. */
export interface ValidatorSubset {
  /**
   * @param share Of all stake, 0 to 1.
   * @returns Those that together hold it, the heaviest first, connected or not.
   */
  top(share: number): NodeID[];
}

/**
 * The nodes that are there: connected, tracking the chain's subnet, and not benched. The node itself is one.
 *
 * A departure: upstream draws the node itself, too, which then asks itself. Here others are drawn alone.
 *
 * @example
 * ```ts
 * const [me, other] = [newTLSCert().certificate.nodeID, newTLSCert().certificate.nodeID];
 * const peers = new ConnectedPeers(systemRandom, me);
 * peers.connected(other);
 * peers.sample(3); // [other]
 * ```
 */
export class ConnectedPeers implements NodeSampler {
  readonly #peers = new Set<NodeID>();
  readonly #random: Random;
  readonly #myNodeID: NodeID;

  constructor(random: Random, myNodeID: NodeID) {
    this.#random = random;
    this.#myNodeID = myNodeID;
  }

  get size(): number {
    return this.#peers.size;
  }

  has(nodeID: NodeID): boolean {
    return this.#peers.has(nodeID);
  }

  [Symbol.iterator](): IterableIterator<NodeID> {
    return this.#peers.values();
  }

  sample(limit: number): NodeID[] {
    return this.sampleOf([...this.#peers], limit);
  }

  /** Draws among some of the nodes. */
  sampleOf(nodeIDs: readonly NodeID[], limit: number): NodeID[] {
    const others = nodeIDs.filter((nodeID) => nodeID !== this.#myNodeID);
    return take(shuffled(this.#random, others), limit);
  }

  connected(nodeID: NodeID): void {
    this.#peers.add(nodeID);
  }

  disconnected(nodeID: NodeID): void {
    this.#peers.delete(nodeID);
  }
}

/**
 * The validators of a subnet, as they are now.
 *
 * @example
 * ```ts
 * const { nodeID } = newTLSCert().certificate;
 * const peers = new ConnectedPeers(systemRandom, newTLSCert().certificate.nodeID);
 * const validators = new ValidatorManager();
 * validators.addStaker(PRIMARY_NETWORK_ID, { nodeID, publicKey: undefined, txID: EMPTY_ID, weight: 1n });
 * const connected = new ConnectedValidators({ peers, validators }, PRIMARY_NETWORK_ID);
 * peers.connected(nodeID);
 * connected.size; // 1
 * ```
 */
export class ConnectedValidators implements NodeSampler, ValidatorSet, ValidatorSubset {
  readonly #peers: ConnectedPeers;
  readonly #validators: ValidatorManager;
  readonly #subnetID: ID;

  constructor(modules: { readonly peers: ConnectedPeers; readonly validators: ValidatorManager }, subnetID: ID) {
    this.#peers = modules.peers;
    this.#validators = modules.validators;
    this.#subnetID = subnetID;
  }

  /** How many are connected. */
  get size(): number {
    return this.#connected().length;
  }

  has(nodeID: NodeID): boolean {
    return this.#peers.has(nodeID) && this.#validators.getValidator(this.#subnetID, nodeID) !== undefined;
  }

  sample(limit: number): NodeID[] {
    return this.#peers.sampleOf(this.#connected(), limit);
  }

  top(share: number): NodeID[] {
    const bounded = Math.min(Math.max(share, 0), 1);
    const target = BigInt(Math.ceil(bounded * Number(this.#validators.totalWeight(this.#subnetID))));
    const top: NodeID[] = [];
    let stake = 0n;
    for (const { nodeID, weight } of this.#byWeight()) {
      if (stake >= target) break;
      top.push(nodeID);
      stake += weight;
    }
    return top;
  }

  /** The public key and weight of a validator, or `undefined` where the node is none. */
  get(nodeID: NodeID): { readonly publicKey: Uint8Array | undefined; readonly weight: bigint } | undefined {
    return this.#validators.getValidator(this.#subnetID, nodeID);
  }

  #connected(): NodeID[] {
    return [...this.#peers].filter((nodeID) => this.has(nodeID));
  }

  #byWeight() {
    return [...this.#validators.validators(this.#subnetID)].sort((a, b) => {
      if (a.weight !== b.weight) return a.weight > b.weight ? -1 : 1;
      return compareNodeIDs(a.nodeID, b.nodeID);
    });
  }
}

function take<T>(items: Iterable<T>, limit: number): T[] {
  const taken: T[] = [];
  if (limit <= 0) return taken;
  for (const item of items) {
    taken.push(item);
    if (taken.length >= limit) break;
  }
  return taken;
}
