/**
 * The peers whose handshake is done, and who among them gets a message.
 *
 * @module
 */

import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type Random, shuffled } from "../../core/random.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import type { Peer } from "../peer/peer.ts";

/** Who should get a message (upstream `snow/engine/common.SendConfig`). */
export interface SendConfig {
  /** Named nodes; those that are not connected are left out. */
  readonly nodeIDs?: ReadonlySet<NodeID>;
  /** So many validators of the subnet, drawn at random among the others. */
  readonly validators?: number;
  /** So many that do not validate it. */
  readonly nonValidators?: number;
  /** So many of either kind. */
  readonly peers?: number;
}

/**
 * Decides whether a node may get a subnet's messages.
 *
 * @param isValidator Whether it validates the subnet.
 */
export type Allower = (nodeID: NodeID, isValidator: boolean) => boolean;

/** Everyone may. */
export const allowAll: Allower = () => true;

export class PeerSet {
  readonly #peers = new Map<NodeID, Peer>();
  readonly #validators: ValidatorManager;
  readonly #random: Random;

  constructor(modules: { readonly validators: ValidatorManager; readonly random: Random }) {
    this.#validators = modules.validators;
    this.#random = modules.random;
  }

  get size(): number {
    return this.#peers.size;
  }

  get(nodeID: NodeID): Peer | undefined {
    return this.#peers.get(nodeID);
  }

  has(nodeID: NodeID): boolean {
    return this.#peers.has(nodeID);
  }

  add(peer: Peer): void {
    this.#peers.set(peer.nodeID, peer);
  }

  delete(nodeID: NodeID): void {
    this.#peers.delete(nodeID);
  }

  values(): IterableIterator<Peer> {
    return this.#peers.values();
  }

  /** The named nodes that are connected and allowed. */
  named(nodeIDs: Iterable<NodeID>, subnetID: ID, allower: Allower): Peer[] {
    const named: Peer[] = [];
    for (const nodeID of nodeIDs) {
      const peer = this.#peers.get(nodeID);
      if (peer !== undefined && allower(nodeID, this.#validates(subnetID, nodeID))) named.push(peer);
    }
    return named;
  }

  /**
   * Draws peers that track the subnet, as many of each kind as are asked for and there; none that is named already.
   *
   * A peer that would do as either kind counts towards `peers` first, as upstream has it.
   */
  sample(config: SendConfig, subnetID: ID, allower: Allower): Peer[] {
    let peers = config.peers ?? 0;
    // A subnet with fewer validators than asked for ends the search early.
    let validators = Math.min(config.validators ?? 0, this.#validators.numValidators(subnetID));
    let nonValidators = config.nonValidators ?? 0;

    const chosen: Peer[] = [];
    if (peers + validators + nonValidators === 0) return chosen;
    for (const peer of shuffled(this.#random, [...this.#peers.values()])) {
      if (!peer.trackedSubnets.has(subnetID) || config.nodeIDs?.has(peer.nodeID)) continue;
      const isValidator = this.#validates(subnetID, peer.nodeID);
      if (!allower(peer.nodeID, isValidator)) continue;

      if (peers > 0) peers--;
      else if (isValidator && validators > 0) validators--;
      else if (!isValidator && nonValidators > 0) nonValidators--;
      else continue;
      chosen.push(peer);
      if (peers + validators + nonValidators === 0) break;
    }
    return chosen;
  }

  #validates(subnetID: ID, nodeID: NodeID): boolean {
    return this.#validators.getValidator(subnetID, nodeID) !== undefined;
  }
}
