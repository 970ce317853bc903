/**
 * How often and for how long the APIs are called (upstream `api/server/metrics.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { type MetricsNamespace, nanoseconds } from "../../core/metrics.ts";

/** Wraps the handling of calls. */
export interface CallMetrics {
  /** @param base The API's name, such as `info`. */
  measure<T>(base: string, handle: () => T | Promise<T>): Promise<T>;
}

/**
 * Declares the metrics.
 *
 * @param metrics The namespace `avalanche_api`.
 */
export function callMetrics(metrics: MetricsNamespace, clock: Clock, bases: readonly string[]): CallMetrics {
  const labelNames = ["base"] as const;
  const processing = metrics.gauge({
    name: "calls_processing",
    help: "The number of calls this API is currently processing",
    labelNames,
  });
  const calls = metrics.counter({ name: "calls", help: "The number of calls this API has processed", labelNames });
  const duration = metrics.gauge({
    name: "calls_duration",
    help: "The total amount of time, in nanoseconds, spent handling API calls",
    labelNames,
  });
  for (const base of bases) {
    processing.set({ base }, 0);
    calls.inc({ base }, 0);
    duration.set({ base }, 0);
  }
  return {
    async measure(base, handle) {
      const startMs = clock.monotonic();
      processing.inc({ base });
      try {
        return await handle();
      } finally {
        processing.dec({ base });
        calls.inc({ base });
        duration.inc({ base }, nanoseconds(clock.monotonic() - startMs));
      }
    },
  };
}
