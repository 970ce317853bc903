/**
 * Limits how many connections this node begins per second (upstream `network/throttling/dial_throttler.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import { WaitingLimiter } from "./waiting_limiter.ts";

/** Dials per second (upstream `DefaultOutboundConnectionThrottlingRps`). */
export const DEFAULT_OUTBOUND_CONNECTION_THROTTLING_RPS = 50;

export interface DialThrottlerOptions {
  /**
   * Dials per second, and at once after a pause. With 0 dials are not limited.
   *
   * @default {50} Upstream `utils/constants/networking.go`.
   */
  readonly throttleRps?: number;
}

export interface DialThrottlerModules {
  readonly clock: Clock;
  /** `avalanche_network`. */
  readonly metrics?: MetricsNamespace | undefined;
}

export class DialThrottler {
  readonly #limiter: WaitingLimiter | undefined;

  constructor(modules: DialThrottlerModules, options: DialThrottlerOptions = {}) {
    const rps = options.throttleRps ?? DEFAULT_OUTBOUND_CONNECTION_THROTTLING_RPS;
    this.#limiter = rps > 0 ? new WaitingLimiter(modules.clock, rps, Math.max(1, Math.trunc(rps))) : undefined;
    modules.metrics?.gaugedBy(
      { name: "dial_throttler_waiting", help: "dials that wait for their turn (avx only)" },
      () => this.waiting,
    );
  }

  /** How many dials wait. */
  get waiting(): number {
    return this.#limiter?.waiting ?? 0;
  }

  /**
   * Waits until a dial may begin.
   *
   * @throws The signal's reason, when it was aborted.
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await this.#limiter?.acquire(signal);
  }
}
