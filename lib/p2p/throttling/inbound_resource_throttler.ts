/**
 * Stops reading from a node while what it has cost of a resource is more than its part (upstream
 * `network/throttling/inbound_resource_throttler.go`). One stands for CPU time, one for the disk.
 *
 * @module
 */

import type { Clock, Timer } from "../../core/clock.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import type { InboundRequest, InboundStage } from "./stage.ts";
import type { Tracker } from "./tracker/resource_tracker.ts";
import type { Targeter } from "./tracker/targeter.ts";

/** Milliseconds (upstream `DefaultInboundThrottlerCPUMaxRecheckDelay`). */
export const DEFAULT_INBOUND_CPU_MAX_RECHECK_DELAY_MS = 5_000;
/** Milliseconds (upstream `DefaultInboundThrottlerDiskMaxRecheckDelay`). */
export const DEFAULT_INBOUND_DISK_MAX_RECHECK_DELAY_MS = 5_000;
/** Milliseconds; a shorter delay is refused by the flags (upstream `MinInboundThrottlerMaxRecheckDelay`). */
export const MIN_INBOUND_MAX_RECHECK_DELAY_MS = 1;

/** A wait shorter than this is none: waking up again and again would cost more than it saves. Milliseconds. */
const MIN_WAIT_MS = 1;

export interface SystemThrottlerOptions {
  /**
   * The longest time between two looks at a node that waits, milliseconds: its target may have risen meanwhile.
   *
   * @default {5000} Upstream `utils/constants/networking.go`.
   */
  readonly maxRecheckDelayMs?: number;
}

export interface SystemThrottlerModules {
  readonly clock: Clock;
  /** What each node has used of the resource. */
  readonly tracker: Tracker;
  /** What each node may use of it. */
  readonly targeter: Targeter;
  readonly metrics?: MetricsNamespace | undefined;
}

export class SystemThrottler implements InboundStage {
  readonly #modules: SystemThrottlerModules;
  readonly #maxRecheckDelayMs: number;
  readonly #waits = new Map<InboundRequest, Timer>();
  #totalWaits = 0;
  #totalNoWaits = 0;

  /** @param resource The name before the metrics' names: `cpu` or `disk`. */
  constructor(resource: string, modules: SystemThrottlerModules, options: SystemThrottlerOptions = {}) {
    this.#modules = modules;
    this.#maxRecheckDelayMs = options.maxRecheckDelayMs ?? DEFAULT_INBOUND_CPU_MAX_RECHECK_DELAY_MS;
    const { metrics } = modules;
    metrics?.countedBy(
      {
        name: `${resource}_throttler_total_waits`,
        help: `Messages that waited: their node's ${resource} use was high`,
      },
      () => this.#totalWaits,
    );
    metrics?.countedBy(
      { name: `${resource}_throttler_total_no_waits`, help: `Messages that did not wait for ${resource} use to fall` },
      () => this.#totalNoWaits,
    );
    metrics?.gaugedBy(
      { name: `${resource}_throttler_awaiting_acquire`, help: `Messages that wait for ${resource} use to fall` },
      () => this.#waits.size,
    );
  }

  acquire(request: InboundRequest): boolean {
    const waitMs = this.#waitFor(request.nodeID, request.askedAtMs);
    if (waitMs > 0) {
      this.#wait(request, waitMs);
      return false;
    }
    this.#totalNoWaits++;
    return true;
  }

  cancel(request: InboundRequest): void {
    const timer = this.#waits.get(request);
    if (timer === undefined) return;
    timer.cancel();
    this.#endWait(request);
  }

  /** Nothing comes back: use falls with time. */
  release(_request: InboundRequest): void {}

  /**
   * How long to wait before the next look at a node.
   *
   * @returns Milliseconds; 0 when it may be read from.
   */
  #waitFor(nodeID: NodeID, nowMs: number): number {
    const { tracker, targeter } = this.#modules;
    const usage = tracker.usage(nodeID, nowMs);
    // A target is never below 0: who has used nothing is not looked up among the validators.
    if (usage <= 0) return 0;
    const target = targeter.targetUsage(nodeID);
    if (usage <= target) return 0;
    const waitMs = tracker.timeUntilUsage(nodeID, nowMs, target);
    return waitMs < MIN_WAIT_MS ? 0 : Math.min(waitMs, this.#maxRecheckDelayMs);
  }

  #wait(request: InboundRequest, waitMs: number): void {
    const timer = this.#modules.clock.setTimeout(() => {
      const againMs = this.#waitFor(request.nodeID, this.#modules.clock.monotonic());
      if (againMs > 0) {
        this.#wait(request, againMs);
        return;
      }
      this.#endWait(request);
      request.onRoom();
    }, waitMs);
    this.#waits.set(request, timer);
  }

  #endWait(request: InboundRequest): void {
    this.#waits.delete(request);
    this.#totalWaits++;
  }
}
