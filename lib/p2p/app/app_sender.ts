/**
 * How an app speaks: requests, answers, errors, gossip (upstream `snow/engine/common/sender.go`, `AppSender`).
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { SendConfig } from "../network/peer_set.ts";

/**
 * Sends an app's messages on its chain.
 *
 * Every request ends in one call of the app's handler: `appResponse`, or `appRequestFailed` where the peer refused, could
 * not be reached, or did not answer in time. None of them is called before the sending has returned.
 *
 *
 * @example
 * ```ts
 * import type { App } from "avx";
 *
 * export default {
 *   name: "sender",
 *   start({ nodeID, sender }) {
 *     const text = new TextEncoder();
 *     return {
 *       connected(peer) {
 *         if (peer === nodeID) return;
 *         sender.sendAppRequest([peer], 1, text.encode("how are you?"));
 *         sender.sendAppGossip({ peers: 5 }, text.encode("I am well"));
 *       },
 *     };
 *   },
 * } satisfies App;
 * ```
 */
export interface AppSender {
  /**
   * Asks nodes for something; the node itself may be among them.
   *
   * @param requestID A `uint32` that no other app request of this chain under way has.
   */
  sendAppRequest(nodeIDs: Iterable<NodeID>, requestID: number, request: Uint8Array): void;
  /** Answers a request. */
  sendAppResponse(nodeID: NodeID, requestID: number, response: Uint8Array): void;
  /**
   * Refuses a request.
   *
   * @param errorCode An `int32`. Those below 0 have a meaning for upstream: see `APP_ERROR_UNEXPECTED` and its like.
   */
  sendAppError(nodeID: NodeID, requestID: number, errorCode: number, errorMessage: string): void;
  /**
   * Tells nodes something.
   *
   * @param to Named nodes, and so many drawn among those that are connected; never the node itself.
   * @returns Those for whom it was queued.
   */
  sendAppGossip(to: SendConfig, gossip: Uint8Array): ReadonlySet<NodeID>;
}
