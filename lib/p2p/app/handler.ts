/**
 * The answering side of one app protocol (upstream `network/p2p/handler.go`, `Handler`).
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { Handled } from "../routing/engine/engine.ts";

/**
 * Takes what peers send under one handler ID. What is missing is passed over: gossip is dropped, and requests are
 * answered with no bytes, as upstream's `NoOpHandler` does.
 *
 * @example
 * ```ts
 * const echo: ProtocolHandler = { appRequest: (_nodeID, request) => request };
 * ```
 */
export interface ProtocolHandler {
  /**
   * Takes gossip.
   *
   * @param gossip Without its prefix; to be copied where it is kept.
   * @throws {AppError} To drop what the peer should not have sent. Anything else that is thrown stops the app.
   */
  appGossip?(nodeID: NodeID, gossip: Uint8Array): Handled;
  /**
   * Answers a request.
   *
   * @param request Without its prefix; to be copied where it is kept.
   * @param deadlineMs When the peer no longer waits: wall milliseconds.
   * @returns What it is answered with.
   * @throws {AppError} To refuse: the peer is told its code and message. Anything else that is thrown is answered with
   *   "unexpected error", and stops the app.
   */
  appRequest?(nodeID: NodeID, request: Uint8Array, deadlineMs: number): Uint8Array | Promise<Uint8Array>;
}
