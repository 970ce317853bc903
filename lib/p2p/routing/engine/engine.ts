/**
 * What a chain is to the network: whoever takes the seat behind a chain's handler implements what it can, and nothing
 * else (upstream `snow/engine/common/engine.go`).
 *
 * A part that is missing is dropped and counted. Every method may answer at once or by a promise; the handler waits
 * for it before the next message of the same queue. What a method throws stops the chain, and the chain alone.
 *
 * IDs of nodes, chains and containers are texts; bytes may lie in the memory of the message and are to be copied where
 * they are kept.
 *
 * @module
 */

import type { ID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import type { Application } from "../../../core/version/application.ts";
import type { Simplex } from "../../message/gen/p2p_pb.ts";
import type { HealthFinding } from "../../network/health.ts";
import type { AppError } from "../app_error.ts";

/** Done at once, or later. */
export type Handled = void | Promise<void>;

/** Summaries of state, to start from. */
export interface StateSyncHandler {
  getStateSummaryFrontier(nodeID: NodeID, requestID: number): Handled;
  stateSummaryFrontier(nodeID: NodeID, requestID: number, summary: Uint8Array): Handled;
  getStateSummaryFrontierFailed(nodeID: NodeID, requestID: number): Handled;
  getAcceptedStateSummary(nodeID: NodeID, requestID: number, heights: ReadonlySet<bigint>): Handled;
  acceptedStateSummary(nodeID: NodeID, requestID: number, summaryIDs: ReadonlySet<ID>): Handled;
  getAcceptedStateSummaryFailed(nodeID: NodeID, requestID: number): Handled;
}

/** Which containers are accepted, and the containers before them. */
export interface BootstrapHandler {
  getAcceptedFrontier(nodeID: NodeID, requestID: number): Handled;
  acceptedFrontier(nodeID: NodeID, requestID: number, containerID: ID): Handled;
  getAcceptedFrontierFailed(nodeID: NodeID, requestID: number): Handled;
  getAccepted(nodeID: NodeID, requestID: number, containerIDs: ReadonlySet<ID>): Handled;
  accepted(nodeID: NodeID, requestID: number, containerIDs: ReadonlySet<ID>): Handled;
  getAcceptedFailed(nodeID: NodeID, requestID: number): Handled;
  getAncestors(nodeID: NodeID, requestID: number, containerID: ID): Handled;
  ancestors(nodeID: NodeID, requestID: number, containers: readonly Uint8Array[]): Handled;
  getAncestorsFailed(nodeID: NodeID, requestID: number): Handled;
}

/** Single containers, and polls about them. */
export interface ConsensusHandler {
  get(nodeID: NodeID, requestID: number, containerID: ID): Handled;
  put(nodeID: NodeID, requestID: number, container: Uint8Array): Handled;
  getFailed(nodeID: NodeID, requestID: number): Handled;
  pushQuery(nodeID: NodeID, requestID: number, container: Uint8Array, requestedHeight: bigint): Handled;
  pullQuery(nodeID: NodeID, requestID: number, containerID: ID, requestedHeight: bigint): Handled;
  chits(nodeID: NodeID, requestID: number, chits: Chits): Handled;
  queryFailed(nodeID: NodeID, requestID: number): Handled;
  simplex(nodeID: NodeID, message: Simplex): Handled;
}

/** What a poll is answered with. */
export interface Chits {
  readonly preferredID: ID;
  readonly preferredIDAtHeight: ID;
  readonly acceptedID: ID;
  readonly acceptedHeight: bigint;
}

/** What apps say to each other. These messages do not wait for the others. */
export interface AppHandler {
  /**
   * A peer asks. It is to be answered by `Sender.sendAppResponse` or `sendAppError`.
   *
   * @param deadlineMs When the peer no longer waits: wall milliseconds.
   */
  appRequest(nodeID: NodeID, requestID: number, deadlineMs: number, request: Uint8Array): Handled;
  appResponse(nodeID: NodeID, requestID: number, response: Uint8Array): Handled;
  /** The request has failed: the peer said so, or the answer did not come in time. */
  appRequestFailed(nodeID: NodeID, requestID: number, error: AppError): Handled;
  appGossip(nodeID: NodeID, gossip: Uint8Array): Handled;
}

/** Who is there, and what the node tells its chain. */
export interface InternalHandler {
  /** A peer is there, or is taken back from the bench. */
  connected(nodeID: NodeID, version: Application): Handled;
  /** A peer is gone, or benched. */
  disconnected(nodeID: NodeID): Handled;
  /** The virtual machine has something to say. */
  notify(notification: number): Handled;
  /** It is time to gossip. */
  gossip(): Handled;
}

/** How an engine lives. */
export interface EngineLife {
  /**
   * Whether it is busy with many containers at once: what peers send meanwhile is dropped before it is queued, and
   * counted.
   */
  readonly executing: boolean;
  /** Called once, after the last message. Requests that are under way then have no outcome any more. */
  shutdown(): Handled;
  healthCheck(): HealthFinding;
}

/** Whoever sits behind a chain's handler: any part of the contract. */
export interface Engine
  extends Partial<StateSyncHandler>,
    Partial<BootstrapHandler>,
    Partial<ConsensusHandler>,
    Partial<AppHandler>,
    Partial<InternalHandler>,
    Partial<EngineLife> {}
