/**
 * Metrics of a router, under upstream's names (`snow/networking/router/chain_router_metrics.go`).
 *
 * @module
 */

import { type MetricsNamespace, nanoseconds } from "../../../core/metrics.ts";
import { DROP_REASONS, type Router } from "./router.ts";

/**
 * Declares the metrics.
 *
 * @param metrics `avalanche_requests`.
 */
export function declareRouterMetrics(metrics: MetricsNamespace, router: Router): void {
  metrics.gaugedBy({ name: "outstanding", help: "Requests that wait for their answer" }, () => {
    return router.outstandingRequests;
  });
  metrics.gaugedBy({ name: "longest_running", help: "Age of the oldest request, in nanoseconds" }, () => {
    return nanoseconds(router.longestRunningMs);
  });
  metrics.countedBy({ name: "dropped", help: "Messages dropped because their chain was busy" }, () => {
    return router.dropped.executing;
  });
  metrics.countersBy(
    {
      name: "dropped_messages",
      help: "Messages that went to no chain, by reason; upstream does not count them",
      labelNames: ["reason"],
    },
    () => DROP_REASONS.map((reason) => [{ reason }, router.dropped[reason]]),
  );
}
