/**
 * The way from a raw connection to a peer: it becomes one, or is held, or is dropped with a reason that is counted.
 *
 * There is never more than one connection to a node, and none to oneself. A connection on which the handshake is done
 * is no longer looked after here: it is handed over by {@link Admission.finish}.
 *
 * @module
 */

import { AvxError, errorMessage } from "../../core/errors.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type AddrPort, formatAddrPort } from "../../core/ip.ts";
import type { Logger } from "../../core/log.ts";
import type { PeerHandle } from "../peer/contract.ts";
import type { Peer } from "../peer/peer.ts";
import type { Throttlers } from "../throttling/throttlers.ts";
import type { Connection } from "../transport/contract.ts";
import { HeldConnection } from "./held_connection.ts";
import type { Isolation } from "./isolation.ts";
import type { ConnectionDirection, DroppedConnection, NetworkMetrics } from "./metrics.ts";

/** What admission needs. */
export interface AdmissionModules {
  readonly log: Logger;
  readonly metrics: NetworkMetrics;
  readonly throttler: Throttlers["inboundConnUpgrade"];
  readonly myNodeID: NodeID;
  /** Whether a connection to the node may be. */
  readonly allows: (nodeID: NodeID) => boolean;
  /** Whether the handshake with the node is done. */
  readonly isConnected: (nodeID: NodeID) => boolean;
  /** Is told who was let in, and who not. */
  readonly isolation: Isolation;
  /** Makes the peer of a connection; it does not begin yet. */
  readonly makePeer: (connection: Connection) => Peer;
}

/** Lets connections in. */
export class Admission {
  readonly #modules: AdmissionModules;
  readonly #connecting = new Map<NodeID, Peer>();
  /** Of nodes that are being connected: the connection that crossed the one that is tried. */
  readonly #held = new Map<NodeID, HeldConnection>();
  #closed = false;

  constructor(modules: AdmissionModules) {
    this.#modules = modules;
  }

  /** The peers whose handshake is not done. */
  get connecting(): ReadonlyMap<NodeID, Peer> {
    return this.#connecting;
  }

  /** Lets nobody in any more. The peers whose handshake is not done are the caller's to close. */
  close(): void {
    this.#closed = true;
    for (const held of this.#held.values()) held.close();
  }

  // ------------------------------------------------------------------------------------------- before it is known who

  /** Whether the TLS handshake with who has dialled from there may begin. */
  shouldUpgrade(remote: AddrPort): boolean {
    if (this.#modules.throttler.shouldUpgrade(remote.ip)) return true;
    this.#modules.log.debug("failed to upgrade connection", {
      reason: "rate-limiting",
      peerIP: formatAddrPort(remote),
    });
    return false;
  }

  /** Takes note of a connection that ended before it was known with whom. */
  upgradeFailed(error: Error, remote: AddrPort | undefined): void {
    const reason = this.countFailed("inbound", error);
    this.#modules.log.verbo("failed to upgrade connection", {
      direction: "inbound",
      reason,
      ...(remote === undefined ? {} : { peerIP: formatAddrPort(remote) }),
      error: errorMessage(error),
    });
  }

  /** @returns The reason that was counted. */
  countFailed(direction: ConnectionDirection, error: unknown): string {
    const { metrics } = this.#modules;
    const reason = error instanceof AvxError ? error.type.code : "unknown";
    metrics.failed(direction, reason);
    if (reason === "invalid-certificate") metrics.tlsConnectionsRejected++;
    return reason;
  }

  // ------------------------------------------------------------------------------------------------- once it is known

  /**
   * Makes a peer of a connection, or holds it, or drops it.
   *
   * @param expected Who was dialled; whoever answered in its place is welcome only on its own account.
   */
  admit(connection: Connection, expected: NodeID | undefined): void {
    const { log, metrics } = this.#modules;
    const { nodeID } = connection.certificate;
    if (expected !== undefined && expected !== nodeID) {
      metrics.dropped("other-node-id");
      log.debug("another node answered at the address", { expected, nodeID });
    }
    const reason = this.#reasonToDrop(nodeID);
    if (reason === undefined) this.#begin(connection);
    else if (reason !== "already-connecting" || !this.#hold(connection)) this.#drop(connection, reason);
  }

  /**
   * The handshake with a node is done: hands its peer over. Until that counts as connected, nothing else of the node may
   * be let in.
   *
   * @returns `undefined` where the node was not being connected.
   */
  finish(nodeID: NodeID): Peer | undefined {
    const peer = this.#connecting.get(nodeID);
    if (peer === undefined) return undefined;
    this.#connecting.delete(nodeID);
    const held = this.#takeHeld(nodeID);
    if (held !== undefined) this.#drop(held, "already-connected");
    this.#modules.isolation.accepted();
    return peer;
  }

  /**
   * A peer has ended before its handshake was done: what crossed it is next.
   *
   * @returns Whether another connection to the node is tried now; `undefined` where the peer was none of these.
   */
  ended(handle: PeerHandle): boolean | undefined {
    const { nodeID } = handle;
    const peer = this.#connecting.get(nodeID);
    if (peer === undefined || peer !== handle) return undefined;
    this.#connecting.delete(nodeID);
    const held = this.#takeHeld(nodeID);
    if (held === undefined) {
      if (!this.#closed) this.#modules.isolation.failed(peer);
      return false;
    }
    const reason = this.#reasonToDrop(nodeID);
    if (reason === undefined) this.#begin(held);
    else this.#drop(held, reason);
    return reason === undefined;
  }

  #begin(connection: Connection): void {
    const peer = this.#modules.makePeer(connection);
    this.#connecting.set(peer.nodeID, peer);
    peer.start();
  }

  #drop(connection: Connection, reason: DroppedConnection): void {
    const { log, metrics } = this.#modules;
    connection.close();
    metrics.dropped(reason);
    log.verbo("dropping connection", { reason, nodeID: connection.certificate.nodeID });
  }

  /**
   * Keeps a connection that crosses the one that is being tried: both sides dialled at the same time.
   *
   * Upstream keeps its first and drops the second, so that two nodes may each drop what the other keeps.
   *
   * @returns False where it does not cross: both were dialled by the same side.
   */
  #hold(connection: Connection): boolean {
    const { nodeID } = connection.certificate;
    const first = this.#connecting.get(nodeID);
    if (first === undefined || first.isIngress === connection.isIngress || this.#held.has(nodeID)) return false;

    const held = new HeldConnection(connection);
    this.#held.set(nodeID, held);
    held.watch({
      onSpoken: () => {
        if (nodeID < this.#modules.myNodeID) first.close("superseded");
      },
      onClosed: () => {
        if (this.#held.get(nodeID) === held) this.#held.delete(nodeID);
      },
    });
    return true;
  }

  #takeHeld(nodeID: NodeID): HeldConnection | undefined {
    const held = this.#held.get(nodeID);
    this.#held.delete(nodeID);
    return held;
  }

  #reasonToDrop(nodeID: NodeID): DroppedConnection | undefined {
    if (nodeID === this.#modules.myNodeID) return "own-node-id";
    if (!this.#modules.allows(nodeID)) return "not-desired";
    if (this.#closed) return "shutting-down";
    if (this.#connecting.has(nodeID)) return "already-connecting";
    if (this.#modules.isConnected(nodeID)) return "already-connected";
    return undefined;
  }
}
