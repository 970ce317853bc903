/**
 * What is counted of the network as a whole, under upstream's names (`network/metrics.go`).
 *
 * @module
 */

import type { Counter, Gauge } from "prom-client";
import type { Clock } from "../../core/clock.ts";
import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type MetricsNamespace, nanoseconds } from "../../core/metrics.ts";
import type { PeerHandle } from "../peer/contract.ts";
import { NO_UPTIME } from "./uptime.ts";

/** Why a connection was not kept; each is logged under the same name. */
export type DroppedConnection =
  | "own-node-id"
  | "not-desired"
  | "shutting-down"
  | "already-connecting"
  | "already-connected"
  | "other-node-id";

/** Who dialled: the other side, or this one. */
export type ConnectionDirection = "inbound" | "outbound";

/** What the figures are drawn from. */
export interface NetworkMetricsModules {
  readonly clock: Clock;
  /** IPs that are being dialled. */
  readonly dialling: () => number;
}

/** Plain numbers, shown at a scrape where there is a namespace. */
export class NetworkMetrics {
  timesConnected = 0;
  timesDisconnected = 0;
  acceptFailed = 0;
  tlsConnectionsRejected = 0;
  uselessPeerListBytes = 0;
  uptime = NO_UPTIME;
  /** Nanoseconds. */
  timeSinceLastMsgReceived = 0;
  /** Nanoseconds. */
  timeSinceLastMsgSent = 0;
  sendFailRate = 0;

  readonly #clock: Clock;
  readonly #connectedAt = new Map<NodeID, number>();
  readonly #dropped: Counter<"reason"> | undefined;
  readonly #failed: Counter<"direction" | "reason"> | undefined;
  readonly #subnetPeers: Gauge<"subnetID"> | undefined;
  readonly #trackedSubnets: ReadonlySet<ID>;

  constructor(
    modules: NetworkMetricsModules,
    trackedSubnets: ReadonlySet<ID>,
    namespace: MetricsNamespace | undefined,
  ) {
    this.#clock = modules.clock;
    this.#trackedSubnets = trackedSubnets;
    if (namespace === undefined) return;

    this.#dropped = namespace.counter({
      name: "connections_dropped",
      help: "connections that were not kept, by reason (avx only)",
      labelNames: ["reason"],
    });
    this.#failed = namespace.counter({
      name: "connections_failed",
      help: "connections that ended before it was known with whom, by reason (avx only)",
      labelNames: ["direction", "reason"],
    });
    this.#subnetPeers = namespace.gauge({
      name: "peers_subnet",
      help: "peers that track a subnet",
      labelNames: ["subnetID"],
    });
    for (const subnetID of trackedSubnets) this.#subnetPeers.set({ subnetID }, 0);
    this.#declare(namespace, modules);
  }

  connected(peer: PeerHandle): void {
    this.timesConnected++;
    this.#connectedAt.set(peer.nodeID, this.#clock.monotonic());
    for (const subnetID of this.#ourSubnetsOf(peer)) this.#subnetPeers?.inc({ subnetID });
  }

  disconnected(peer: PeerHandle): void {
    this.#connectedAt.delete(peer.nodeID);
    for (const subnetID of this.#ourSubnetsOf(peer)) this.#subnetPeers?.dec({ subnetID });
  }

  dropped(reason: DroppedConnection): void {
    this.#dropped?.inc({ reason });
  }

  /** @param reason The code of an error of ours: nothing that a stranger can choose. */
  failed(direction: ConnectionDirection, reason: string): void {
    this.#failed?.inc({ direction, reason });
  }

  #ourSubnetsOf(peer: PeerHandle): Iterable<ID> {
    return this.#trackedSubnets.intersection(peer.trackedSubnets);
  }

  #averageConnectedNanoseconds(): number {
    if (this.#connectedAt.size === 0) return 0;
    const now = this.#clock.monotonic();
    const sumMs = this.#connectedAt.values().reduce((sum, at) => sum + now - at, 0);
    return nanoseconds(sumMs / this.#connectedAt.size);
  }

  #declare(namespace: MetricsNamespace, { dialling }: NetworkMetricsModules): void {
    const gauge = (name: string, help: string, read: () => number) => namespace.gaugedBy({ name, help }, read);
    const counter = (name: string, help: string, read: () => number) => namespace.countedBy({ name, help }, read);

    gauge("peers", "connected peers", () => this.#connectedAt.size);
    gauge("tracked", "IPs that are being dialled", dialling);
    gauge("time_since_last_msg_received", "nanoseconds since a message came", () => this.timeSinceLastMsgReceived);
    gauge("time_since_last_msg_sent", "nanoseconds since a message went", () => this.timeSinceLastMsgSent);
    gauge("send_fail_rate", "share of messages that lately could not be sent", () => this.sendFailRate);
    counter("times_connected", "handshakes that were completed", () => this.timesConnected);
    counter("times_disconnected", "connections of peers that ended", () => this.timesDisconnected);
    counter("accept_failed", "times that accepting a connection failed", () => this.acceptFailed);
    counter("tls_conn_rejected", "connections refused for their certificate", () => this.tlsConnectionsRejected);
    counter("num_useless_peerlist_bytes", "bytes of peer lists that were no news", () => this.uselessPeerListBytes);
    gauge("node_uptime_weighted_average", "this node's uptime in its peers' eyes, weighted by stake (%)", () => {
      return this.uptime.weightedAveragePercentage;
    });
    gauge("node_uptime_rewarding_stake", "share of stake that sees this node above the requirement (%)", () => {
      return this.uptime.rewardingStakePercentage;
    });
    gauge("peer_connected_duration_average", "mean age of the connections in nanoseconds", () => {
      return this.#averageConnectedNanoseconds();
    });
  }
}
