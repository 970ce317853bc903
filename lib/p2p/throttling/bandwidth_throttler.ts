/**
 * Limits the bytes per second that are read from one node, with a burst (upstream
 * `network/throttling/bandwidth_throttler.go`).
 *
 * Bandwidth is spent, not lent: only a wait that is cancelled gives some back.
 *
 * @module
 */

import type { Clock, Timer } from "../../core/clock.ts";
import { toNanoseconds } from "../../core/duration.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type Logger, noLog } from "../../core/log.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import { AcquireLatency } from "./acquire_latency.ts";
import { RateLimiter, REFUSED } from "./rate_limiter.ts";
import type { InboundRequest, InboundStage } from "./stage.ts";

/** Bytes per second: 512 KiB (upstream `DefaultInboundThrottlerBandwidthRefillRate`). */
export const DEFAULT_INBOUND_BANDWIDTH_REFILL_RATE = 512 * 1024;
/** Bytes: 2 MiB, the largest message (upstream `DefaultInboundThrottlerBandwidthMaxBurstSize`). */
export const DEFAULT_INBOUND_BANDWIDTH_MAX_BURST_SIZE = 2 * 1024 * 1024;

export interface BandwidthThrottlerOptions {
  /**
   * Bytes per second that a node's bandwidth comes back at.
   *
   * @default {524288} Upstream `utils/constants/networking.go`.
   */
  readonly refillRate?: number;
  /**
   * The most bytes that a node can spend at once; at least the largest message, for a larger one is not throttled.
   *
   * @default {2097152} Upstream `utils/constants/networking.go`.
   */
  readonly maxBurstSize?: number;
}

export interface BandwidthThrottlerModules {
  readonly clock: Clock;
  readonly log?: Logger | undefined;
  readonly metrics?: MetricsNamespace | undefined;
}

const NANOSECONDS_PER_MS = 1_000_000;

interface Wait {
  readonly limiter: RateLimiter;
  readonly actAtNs: number;
  readonly timer: Timer | undefined;
}

export class BandwidthThrottler implements InboundStage {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #refillRate: number;
  readonly #maxBurstSize: number;
  readonly #latency = new AcquireLatency();
  readonly #limiters = new Map<NodeID, RateLimiter>();
  readonly #waits = new Map<InboundRequest, Wait>();

  constructor(modules: BandwidthThrottlerModules, options: BandwidthThrottlerOptions = {}) {
    this.#clock = modules.clock;
    this.#log = modules.log ?? noLog;
    this.#refillRate = options.refillRate ?? DEFAULT_INBOUND_BANDWIDTH_REFILL_RATE;
    this.#maxBurstSize = options.maxBurstSize ?? DEFAULT_INBOUND_BANDWIDTH_MAX_BURST_SIZE;
    this.#latency.declare(modules.metrics, "bandwidth_throttler_inbound_acquire_latency", "inbound bandwidth");
    modules.metrics?.gaugedBy(
      { name: "bandwidth_throttler_inbound_awaiting_acquire", help: "Messages that wait for inbound bandwidth" },
      () => this.#waits.size,
    );
  }

  /** How many nodes are read from. */
  get nodes(): number {
    return this.#limiters.size;
  }

  /** A node begins to be read from, with a full burst. */
  addNode(nodeID: NodeID): void {
    if (this.#limiters.has(nodeID)) {
      this.#log.debug("bandwidth of a node is throttled already", { nodeID });
      return;
    }
    this.#limiters.set(nodeID, new RateLimiter(this.#refillRate, this.#maxBurstSize));
  }

  /** A node is no longer read from. */
  removeNode(nodeID: NodeID): void {
    if (!this.#limiters.delete(nodeID)) this.#log.debug("bandwidth of a node was not throttled", { nodeID });
  }

  acquire(request: InboundRequest): boolean {
    const { nodeID, size } = request;
    const limiter = this.#limiters.get(nodeID);
    if (limiter === undefined) {
      this.#log.debug("message of a node that was not added", { nodeID, size });
      this.#latency.grantedAtOnce();
      return true;
    }
    const nowNs = toNanoseconds(request.askedAtMs);
    const waitNs = limiter.reserve(size, nowNs);
    if (waitNs > 0) {
      this.#wait(request, limiter, nowNs + waitNs, waitNs / NANOSECONDS_PER_MS);
      return false;
    }
    // A message over the burst passes, as upstream lets it: no time would ever be enough for it.
    if (waitNs === REFUSED) this.#log.debug("message larger than the bandwidth's burst", { nodeID, size });
    this.#latency.grantedAtOnce();
    return true;
  }

  cancel(request: InboundRequest): void {
    const wait = this.#endWait(request);
    wait?.timer?.cancel();
    wait?.limiter.cancel(request.size, wait.actAtNs, toNanoseconds(this.#clock.monotonic()));
  }

  /** Nothing comes back: what was read was read. */
  release(_request: InboundRequest): void {}

  #wait(request: InboundRequest, limiter: RateLimiter, actAtNs: number, waitMs: number): void {
    const timer = Number.isFinite(waitMs)
      ? this.#clock.setTimeout(() => {
          this.#endWait(request);
          request.onRoom();
        }, waitMs)
      : undefined;
    this.#waits.set(request, { limiter, actAtNs, timer });
  }

  #endWait(request: InboundRequest): Wait | undefined {
    const wait = this.#waits.get(request);
    if (wait === undefined) return undefined;
    this.#waits.delete(request);
    this.#latency.waited(this.#clock.monotonic() - request.askedAtMs);
    return wait;
  }
}
