/**
 * Limits the bytes of all messages that are held at a time, with more for validators with more stake (upstream
 * `network/throttling/inbound_msg_byte_throttler.go`).
 *
 * A message takes what there is, from the at-large pool first and then from its validator's share, and waits for the
 * rest. Waiting messages are served oldest first, and keep what they were given: each of them gets on.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type Logger, noLog } from "../../core/log.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import { AcquireLatency } from "./acquire_latency.ts";
import { BytePools, type BytePoolsState, type MsgByteThrottlerOptions } from "./byte_pools.ts";
import type { InboundRequest, InboundStage } from "./stage.ts";

/** Bytes: 6 MiB (upstream `DefaultInboundThrottlerAtLargeAllocSize`). */
export const DEFAULT_INBOUND_AT_LARGE_ALLOC_SIZE = 6 * 1024 * 1024;
/** Bytes: 32 MiB (upstream `DefaultInboundThrottlerVdrAllocSize`). */
export const DEFAULT_INBOUND_VDR_ALLOC_SIZE = 32 * 1024 * 1024;
/** Bytes: 2 MiB, the largest message (upstream `DefaultInboundThrottlerNodeMaxAtLargeBytes`). */
export const DEFAULT_INBOUND_NODE_MAX_AT_LARGE_BYTES = 2 * 1024 * 1024;

export interface InboundMsgByteThrottlerModules {
  readonly clock: Clock;
  readonly validators: ValidatorManager;
  readonly log?: Logger | undefined;
  readonly metrics?: MetricsNamespace | undefined;
}

/** The pools and the queue, for tests and reports. */
export interface InboundMsgByteThrottlerState extends BytePoolsState {
  /** Oldest first. */
  readonly waiting: readonly {
    readonly messageID: number;
    readonly node: NodeID;
    readonly size: number;
    readonly bytesNeeded: number;
  }[];
}

interface WaitingMessage {
  readonly request: InboundRequest;
  readonly messageID: number;
}

export class InboundMsgByteThrottler implements InboundStage {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #pools: BytePools;
  readonly #latency = new AcquireLatency();
  /** Oldest first: a node waits with one message at a time, and a map keeps the order of insertion. */
  readonly #waiting = new Map<NodeID, WaitingMessage>();
  /** Messages that have all their bytes and are not told yet. */
  readonly #woken: InboundRequest[] = [];
  #waking = false;
  #nextMsgID = 0;
  #awaitingRelease = 0;

  constructor(modules: InboundMsgByteThrottlerModules, options: MsgByteThrottlerOptions = {}) {
    this.#clock = modules.clock;
    this.#log = modules.log ?? noLog;
    this.#pools = new BytePools(modules.validators, {
      vdrAllocSize: options.vdrAllocSize ?? DEFAULT_INBOUND_VDR_ALLOC_SIZE,
      atLargeAllocSize: options.atLargeAllocSize ?? DEFAULT_INBOUND_AT_LARGE_ALLOC_SIZE,
      nodeMaxAtLargeBytes: options.nodeMaxAtLargeBytes ?? DEFAULT_INBOUND_NODE_MAX_AT_LARGE_BYTES,
    });
    if (modules.metrics !== undefined) this.#declare(modules.metrics);
  }

  /**
   * {@inheritDoc InboundStage.acquire}
   *
   * A second message of a node that waits already passes and takes nothing, as upstream lets it: its caller broke the
   * rule of one wait per node.
   */
  acquire(request: InboundRequest): boolean {
    const { nodeID } = request;
    const existing = this.#waiting.get(nodeID);
    if (existing !== undefined) {
      this.#log.error("node already waiting on message", { nodeID, messageID: existing.messageID });
      this.#granted();
      return true;
    }

    const atLarge = this.#pools.atLargeRoom(nodeID, request.bytesNeeded);
    if (atLarge > 0) {
      this.#pools.takeAtLarge(nodeID, atLarge);
      request.bytesNeeded -= atLarge;
      if (request.bytesNeeded === 0) {
        this.#granted();
        return true;
      }
    }

    const vdr = this.#pools.vdrRoom(nodeID, request.bytesNeeded);
    if (vdr > 0) {
      this.#pools.takeVdr(nodeID, vdr);
      request.bytesNeeded -= vdr;
      if (request.bytesNeeded === 0) {
        this.#granted();
        return true;
      }
    }

    // An empty message comes here too, though it needs nothing, and waits for the next release: so it does upstream.
    this.#nextMsgID++;
    this.#waiting.set(nodeID, { request, messageID: this.#nextMsgID });
    return false;
  }

  cancel(request: InboundRequest): void {
    const message = this.#waiting.get(request.nodeID);
    if (message?.request === request) this.#endWait(message);
  }

  /**
   * {@inheritDoc InboundStage.release}
   *
   * 1. What the node holds of the validator pool is given back first, the rest is at-large.
   * 2. At-large bytes go to the waiting messages, oldest first.
   * 3. Validator bytes go to the node's own waiting message.
   * 4. What is left goes back into the pools.
   */
  release(request: InboundRequest): void {
    this.#awaitingRelease--;
    const { nodeID } = request;
    const released = request.size - request.bytesNeeded;
    if (released === 0) return;
    request.bytesNeeded = request.size;

    const vdr = Math.min(released, this.#pools.vdrUsed(nodeID));
    const atLarge = released - vdr;
    if (atLarge > 0) {
      this.#pools.returnAtLarge(nodeID, atLarge);
      if (this.#waiting.size > 0) this.#serveAtLarge();
    }
    if (vdr > 0) this.#pools.returnVdr(nodeID, vdr - this.#serveOwn(nodeID, vdr));
    if (this.#woken.length > 0) this.#wake();
  }

  state(): InboundMsgByteThrottlerState {
    const waiting = [...this.#waiting].map(([node, { request, messageID }]) => {
      return { messageID, node, size: request.size, bytesNeeded: request.bytesNeeded };
    });
    return { ...this.#pools.state(), waiting };
  }

  #serveAtLarge(): void {
    for (const message of this.#waiting.values()) {
      if (this.#pools.remainingAtLarge === 0) return;
      const { request } = message;
      const bytes = this.#pools.atLargeRoom(request.nodeID, request.bytesNeeded);
      this.#pools.takeAtLarge(request.nodeID, bytes);
      this.#give(message, bytes);
    }
  }

  /** @returns How many of the bytes the node's own waiting message took over. */
  #serveOwn(nodeID: NodeID, vdr: number): number {
    const message = this.#waiting.get(nodeID);
    if (message === undefined) return 0;
    const bytes = Math.min(message.request.bytesNeeded, vdr);
    this.#give(message, bytes);
    return bytes;
  }

  #give(message: WaitingMessage, bytes: number): void {
    message.request.bytesNeeded -= bytes;
    if (message.request.bytesNeeded > 0) return;
    this.#endWait(message);
    this.#woken.push(message.request);
  }

  #endWait({ request }: WaitingMessage): void {
    this.#waiting.delete(request.nodeID);
    this.#awaitingRelease++;
    this.#latency.waited(this.#clock.monotonic() - request.askedAtMs);
  }

  #granted(): void {
    this.#awaitingRelease++;
    this.#latency.grantedAtOnce();
  }

  /** Whoever is woken may release, and wake others, before this returns: they are told in turn, not in depth. */
  #wake(): void {
    if (this.#waking) return;
    this.#waking = true;
    try {
      for (let next = this.#woken.shift(); next !== undefined; next = this.#woken.shift()) next.onRoom();
    } finally {
      this.#waking = false;
    }
  }

  #declare(metrics: MetricsNamespace): void {
    this.#latency.declare(metrics, "byte_throttler_inbound_acquire_latency", "room for a message's bytes");
    metrics.gaugedBy(
      { name: "byte_throttler_inbound_remaining_at_large_bytes", help: "Bytes left in the inbound at-large pool" },
      () => this.#pools.remainingAtLarge,
    );
    metrics.gaugedBy(
      { name: "byte_throttler_inbound_remaining_validator_bytes", help: "Bytes left in the inbound validator pool" },
      () => this.#pools.remainingVdr,
    );
    metrics.gaugedBy(
      { name: "byte_throttler_inbound_awaiting_acquire", help: "Messages that wait for room for their bytes" },
      () => this.#waiting.size,
    );
    metrics.gaugedBy(
      { name: "byte_throttler_inbound_awaiting_release", help: "Messages that are being read or handled" },
      () => this.#awaitingRelease,
    );
  }
}
