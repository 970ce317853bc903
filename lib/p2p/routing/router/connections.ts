/**
 * Which nodes a chain takes to be there: those that are connected, track its subnet, and are benched on no chain.
 *
 * @module
 */

import { type ID, PRIMARY_NETWORK_ID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import type { Application } from "../../../core/version/application.ts";
import { internalConnected, internalDisconnected } from "../../message/internal.ts";
import type { ChainHandler } from "../handler/handler.ts";

interface ConnectedPeer {
  readonly version: Application;
  readonly trackedSubnets: Set<ID>;
}

/** How nodes are told of. */
export interface ConnectionsOptions {
  readonly myNodeID: NodeID;
  readonly myVersion: Application;
  /** The subnets that this node tracks besides the primary network. */
  readonly trackedSubnets: Iterable<ID>;
  /** Without it every peer is taken to run every chain. */
  readonly sybilProtectionEnabled: boolean;
}

export class Connections {
  readonly #peers = new Map<NodeID, ConnectedPeer>();
  /** For each benched node, the chains that it is benched on. */
  readonly #benched = new Map<NodeID, Set<ID>>();
  readonly #sybilProtectionEnabled: boolean;
  readonly #handlers: () => Iterable<ChainHandler>;

  /** @param handlers Gives the chains that are told. */
  constructor(handlers: () => Iterable<ChainHandler>, options: ConnectionsOptions) {
    this.#handlers = handlers;
    this.#sybilProtectionEnabled = options.sybilProtectionEnabled;
    // A node is its own peer.
    const trackedSubnets = new Set([...options.trackedSubnets, PRIMARY_NETWORK_ID]);
    this.#peers.set(options.myNodeID, { version: options.myVersion, trackedSubnets });
  }

  /** The chains that a node is benched on. */
  benchedOn(nodeID: NodeID): readonly ID[] {
    return [...(this.#benched.get(nodeID) ?? [])];
  }

  /** A new chain hears of those that are there. */
  introduce(handler: ChainHandler): void {
    for (const [nodeID, peer] of [...this.#peers]) {
      if (this.#benched.has(nodeID) || !this.#runs(peer, handler)) continue;
      handler.push(internalConnected(nodeID, peer.version));
    }
  }

  connected(nodeID: NodeID, version: Application, subnetID: ID): void {
    let peer = this.#peers.get(nodeID);
    if (peer === undefined) {
      peer = { version, trackedSubnets: new Set() };
      this.#peers.set(nodeID, peer);
    }
    peer.trackedSubnets.add(subnetID);
    if (this.#benched.has(nodeID)) return;
    // Without sybil protection all chains hear of it, once: with the primary network, which every peer tracks.
    if (!this.#sybilProtectionEnabled && subnetID !== PRIMARY_NETWORK_ID) return;
    for (const handler of [...this.#handlers()]) {
      if (this.#sybilProtectionEnabled && handler.context.subnetID !== subnetID) continue;
      handler.push(internalConnected(nodeID, version));
    }
  }

  disconnected(nodeID: NodeID): void {
    const peer = this.#peers.get(nodeID);
    this.#peers.delete(nodeID);
    if (peer !== undefined && !this.#benched.has(nodeID)) this.#tellGone(nodeID, peer);
  }

  /** A node that is benched on one chain is gone for all. */
  benched(chainID: ID, nodeID: NodeID): void {
    const chains = this.#benched.get(nodeID);
    if (chains !== undefined) {
      chains.add(chainID);
      return;
    }
    this.#benched.set(nodeID, new Set([chainID]));
    const peer = this.#peers.get(nodeID);
    if (peer !== undefined) this.#tellGone(nodeID, peer);
  }

  /** A node that is benched on no chain any more is there again for all. */
  unbenched(chainID: ID, nodeID: NodeID): void {
    const chains = this.#benched.get(nodeID);
    if (chains === undefined) return;
    chains.delete(chainID);
    if (chains.size > 0) return;
    this.#benched.delete(nodeID);
    const peer = this.#peers.get(nodeID);
    if (peer === undefined) return;
    for (const handler of [...this.#handlers()]) {
      if (this.#runs(peer, handler)) handler.push(internalConnected(nodeID, peer.version));
    }
  }

  #tellGone(nodeID: NodeID, peer: ConnectedPeer): void {
    for (const handler of [...this.#handlers()]) {
      if (this.#runs(peer, handler)) handler.push(internalDisconnected(nodeID));
    }
  }

  #runs(peer: ConnectedPeer, handler: ChainHandler): boolean {
    return !this.#sybilProtectionEnabled || peer.trackedSubnets.has(handler.context.subnetID);
  }
}
