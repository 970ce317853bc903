/**
 * Limits how many messages of one node are held at a time (upstream
 * `network/throttling/inbound_msg_buffer_throttler.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import { AcquireLatency } from "./acquire_latency.ts";
import type { InboundRequest, InboundStage } from "./stage.ts";

/** Messages of one node that are handled at a time (upstream `DefaultInboundThrottlerMaxProcessingMsgsPerNode`). */
export const DEFAULT_INBOUND_MAX_PROCESSING_MSGS_PER_NODE = 1_024;

export interface InboundMsgBufferThrottlerOptions {
  /** @default {1024} Upstream `utils/constants/networking.go`. With 0 nothing is ever read. */
  readonly maxProcessingMsgsPerNode?: number;
}

export interface InboundMsgBufferThrottlerModules {
  readonly clock: Clock;
  readonly metrics?: MetricsNamespace | undefined;
}

/** Who holds how many places and who waits for one, for tests and reports. */
export interface InboundMsgBufferThrottlerState {
  readonly nodeToNumProcessingMsgs: Readonly<Record<string, number>>;
  readonly waitingNodes: readonly NodeID[];
}

/** So many nodes are remembered although nothing of theirs is handled: most messages are, before the next one comes. */
const MAX_IDLE_NODES = 1_024;

export class InboundMsgBufferThrottler implements InboundStage {
  readonly #clock: Clock;
  readonly #maxProcessingMsgsPerNode: number;
  readonly #latency = new AcquireLatency();
  readonly #processing = new Map<NodeID, number>();
  /** In the order of asking. A peer asks for one at a time, so that a list has one entry as a rule. */
  readonly #waiting = new Map<NodeID, InboundRequest[]>();
  #awaitingAcquire = 0;

  constructor(modules: InboundMsgBufferThrottlerModules, options: InboundMsgBufferThrottlerOptions = {}) {
    this.#clock = modules.clock;
    this.#maxProcessingMsgsPerNode = options.maxProcessingMsgsPerNode ?? DEFAULT_INBOUND_MAX_PROCESSING_MSGS_PER_NODE;
    this.#latency.declare(modules.metrics, "buffer_throttler_inbound_acquire_latency", "a place in the message buffer");
    modules.metrics?.gaugedBy(
      { name: "buffer_throttler_inbound_awaiting_acquire", help: "Messages that wait for a place in the buffer" },
      () => this.#awaitingAcquire,
    );
  }

  acquire(request: InboundRequest): boolean {
    const processing = this.#processing.get(request.nodeID) ?? 0;
    if (processing >= this.#maxProcessingMsgsPerNode) {
      this.#wait(request);
      return false;
    }
    this.#processing.set(request.nodeID, processing + 1);
    request.buffered = true;
    this.#latency.grantedAtOnce();
    return true;
  }

  cancel(request: InboundRequest): void {
    const waiting = this.#waiting.get(request.nodeID);
    const index = waiting?.indexOf(request) ?? -1;
    if (waiting !== undefined && index >= 0) this.#endWait(request.nodeID, waiting, index);
  }

  release(request: InboundRequest): void {
    if (!request.buffered) return;
    request.buffered = false;
    const { nodeID } = request;
    const waiting = this.#waiting.get(nodeID);
    if (waiting !== undefined) {
      // The place goes to the next message of the node: the count stays.
      const next = this.#endWait(nodeID, waiting, 0);
      next.buffered = true;
      next.onRoom();
      return;
    }
    const processing = (this.#processing.get(nodeID) ?? 0) - 1;
    if (processing > 0 || this.#processing.size <= MAX_IDLE_NODES) this.#processing.set(nodeID, processing);
    else this.#processing.delete(nodeID);
  }

  state(): InboundMsgBufferThrottlerState {
    return {
      nodeToNumProcessingMsgs: Object.fromEntries([...this.#processing].filter(([, processing]) => processing > 0)),
      waitingNodes: [...this.#waiting.keys()],
    };
  }

  #wait(request: InboundRequest): void {
    this.#awaitingAcquire++;
    const waiting = this.#waiting.get(request.nodeID);
    if (waiting === undefined) this.#waiting.set(request.nodeID, [request]);
    else waiting.push(request);
  }

  #endWait(nodeID: NodeID, waiting: InboundRequest[], index: number): InboundRequest {
    const [request] = waiting.splice(index, 1) as [InboundRequest];
    if (waiting.length === 0) this.#waiting.delete(nodeID);
    this.#awaitingAcquire--;
    this.#latency.waited(this.#clock.monotonic() - request.askedAtMs);
    return request;
  }
}
