/**
 * The engine of a node that has no chain: it answers what can be answered without one, and leaves the rest, which its
 * handler counts.
 *
 * - Which of these containers, or summaries of these heights, have you accepted? None of them is the truth, and an
 *   answer that upstream gives too.
 * - A request of an app protocol: the node has none, and says so as upstream does (`network/p2p/router.go`), so that
 *   nobody waits for it.
 *
 * It never answers queries, frontiers, or requests for containers: upstream leaves them without an answer where it has
 * nothing, and an invented one would mislead.
 *
 * @module
 */

import type { NodeID } from "../../../core/ids/node_id.ts";
import { APP_ERROR_UNREGISTERED_HANDLER } from "../app_error.ts";
import type { Sender } from "../sender/sender.ts";
import type { Engine } from "./engine.ts";

/** The answers that an observing engine gives. */
export type ObservingSender = Pick<Sender, "sendAccepted" | "sendAcceptedStateSummary" | "sendAppError">;

export class ObservingEngine implements Engine {
  readonly #sender: ObservingSender;

  constructor(sender: ObservingSender) {
    this.#sender = sender;
  }

  /** Upstream answers at once where no heights are named, and to others only where it keeps summaries. */
  getAcceptedStateSummary(nodeID: NodeID, requestID: number, heights: ReadonlySet<bigint>): void {
    if (heights.size === 0) this.#sender.sendAcceptedStateSummary(nodeID, requestID, []);
  }

  getAccepted(nodeID: NodeID, requestID: number): void {
    this.#sender.sendAccepted(nodeID, requestID, []);
  }

  appRequest(nodeID: NodeID, requestID: number): void {
    const { code, message } = APP_ERROR_UNREGISTERED_HANDLER;
    this.#sender.sendAppError(nodeID, requestID, code, message);
  }
}
