/**
 * What a peer needs from the rooms above it.
 *
 * @module
 */

import type { ReadFilter } from "../../core/bloom/filter.ts";
import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Certificate } from "../../core/staking/certificate.ts";
import type { ClaimedIPPort } from "../../core/staking/claimed_ip.ts";
import type { InboundMessage } from "../message/inbound.ts";
import type { HandshakeClaims } from "./handshake.ts";

/** A bloom filter as it goes over the wire, with the salt that its keys are hashed with. */
export interface KnownPeers {
  readonly filter: Uint8Array;
  readonly salt: Uint8Array;
}

/** A peer as the network is told of it. */
export interface PeerHandle {
  readonly nodeID: NodeID;
  readonly certificate: Certificate;
  /** What it said of itself; there once its Handshake was accepted. */
  readonly claims: HandshakeClaims | undefined;
  /** The primary network included; empty before the Handshake. */
  readonly trackedSubnets: ReadonlySet<ID>;
}

/** The network as one of its peers sees it (upstream `network/peer/network.go`). */
export interface PeerNetwork {
  /** The handshake is done. Called at most once for a peer, and never after `disconnected`. */
  connected(peer: PeerHandle): void;
  /** Whether this connection is still wanted. */
  allowConnection(nodeID: NodeID): boolean;
  /**
   * The peer told of others.
   *
   * @throws {StakingError} When a claim that would have been news is not signed by whom it names.
   */
  track(claimedIPs: readonly ClaimedIPPort[]): void;
  /** The connection is over. Called exactly once for a peer, whether `connected` was or not. */
  disconnected(peer: PeerHandle): void;
  /** The peers that this node knows, for others to leave out. */
  knownPeers(): KnownPeers;
  /**
   * The peers that a peer should hear of.
   *
   * @param trackedSubnets What the peer tracks, the primary network included.
   * @param requestAllSubnets Whether it asks for all subnets' peers.
   * @param knownPeers What it knows already, hashed with `salt`.
   */
  peers(
    nodeID: NodeID,
    trackedSubnets: ReadonlySet<ID>,
    requestAllSubnets: boolean,
    knownPeers: ReadFilter,
    salt: Uint8Array,
  ): readonly ClaimedIPPort[];
}

/**
 * Takes what is not for the peer itself: consensus and app messages of peers whose handshake is done.
 *
 * Whoever takes a message calls its `onFinishedHandling` exactly once.
 */
export interface InboundHandler {
  handleInbound(message: InboundMessage): void;
}

/** Knows how much of the time a peer was there. */
export interface UptimeCalculator {
  /** @returns A share from 0 to 1; 0 where nothing is known. */
  uptime(nodeID: NodeID): number;
}
