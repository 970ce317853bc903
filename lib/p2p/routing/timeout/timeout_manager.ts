/**
 * The deadlines of requests, and what is learned when they are met or missed (upstream
 * `snow/networking/timeout/manager.go`).
 *
 * @module
 */

import type { ID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import { Op } from "../../message/ops.ts";
import type { BenchlistedChain, BenchlistManager } from "../benchlist/benchlist_manager.ts";
import { type AdaptiveTimeoutManager, PendingTimeout } from "./adaptive_timeout_manager.ts";
import type { ResponseMetrics } from "./response_metrics.ts";

/** A request that waits for its answer. */
export abstract class TimedRequest extends PendingTimeout {
  abstract readonly chainID: ID;
  abstract readonly nodeID: NodeID;
  /** The operation of the answer that is waited for. */
  abstract readonly op: Op;
  /** The deadline has passed; the benchlist knows. */
  abstract onFailed(): void;
  readonly #benchlists: BenchlistManager;

  constructor(benchlists: BenchlistManager) {
    super();
    this.#benchlists = benchlists;
  }

  onTimeout(): void {
    // What an app asks may be too much for an honest peer: nobody is benched for that.
    if (this.op !== Op.AppResponse) this.#benchlists.registerFailure(this.chainID, this.nodeID);
    this.onFailed();
  }
}

/** What a manager needs. */
export interface TimeoutManagerModules {
  readonly timeouts: AdaptiveTimeoutManager;
  readonly benchlists: BenchlistManager;
  readonly responses?: ResponseMetrics | undefined;
}

export class TimeoutManager implements Disposable {
  readonly benchlists: BenchlistManager;
  readonly #timeouts: AdaptiveTimeoutManager;
  readonly #responses: ResponseMetrics | undefined;

  constructor({ benchlists, responses, timeouts }: TimeoutManagerModules) {
    this.benchlists = benchlists;
    this.#timeouts = timeouts;
    this.#responses = responses;
  }

  /** How long a request that is made now may take: milliseconds. */
  get timeoutDurationMs(): number {
    return this.#timeouts.timeoutDurationMs;
  }

  /** Whether requests to the node about the chain should fail at once. */
  isBenched(chainID: ID, nodeID: NodeID): boolean {
    return this.benchlists.isBenched(chainID, nodeID);
  }

  /** Called before any request about the chain is made. */
  registerChain(chain: BenchlistedChain): void {
    this.#responses?.registerChain(chain.chainID, chain.alias);
    this.benchlists.registerChain(chain);
  }

  /** The chain is gone. */
  unregisterChain(chainID: ID): void {
    this.#responses?.unregisterChain(chainID);
    this.benchlists.unregisterChain(chainID);
  }

  /** An answer is waited for from now on, until the deadline of now. */
  registerRequest(request: TimedRequest): void {
    this.#timeouts.put(request);
  }

  /** The answer came, so long after the request: milliseconds. */
  registerResponse(request: TimedRequest, latencyMs: number): void {
    this.#responses?.observe(request.chainID, request.op, latencyMs);
    this.benchlists.registerResponse(request.chainID, request.nodeID);
    this.#timeouts.remove(request);
  }

  /** An answer is not waited for any more. How long it took counts all the same. */
  removeRequest(request: TimedRequest): void {
    this.#timeouts.remove(request);
  }

  /** The request is gone with its chain, and nothing is learned from it. */
  forgetRequest(request: TimedRequest): void {
    this.#timeouts.forget(request);
  }

  /** No deadline fires, and nobody is benched, any more. */
  [Symbol.dispose](): void {
    this.#timeouts[Symbol.dispose]();
    this.benchlists[Symbol.dispose]();
  }
}
