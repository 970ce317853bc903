/**
 * Metrics of all chains' senders, under upstream's name (`snow/networking/sender/sender.go`).
 *
 * @module
 */

import type { MetricsNamespace } from "../../../core/metrics.ts";
import type { Sender } from "./sender.ts";

/**
 * Declares the metrics.
 *
 * @param metrics `avalanche_handler`: upstream registers the sender's metric with those of its chain.
 * @param senders Gives the chains' names and senders.
 */
export function declareSenderMetrics(
  metrics: MetricsNamespace,
  senders: () => Iterable<{ readonly alias: string; readonly sender: Sender }>,
): void {
  metrics.countersBy(
    {
      name: "failed_benched",
      help: "Requests that failed at once because their node was benched",
      labelNames: ["chain", "op"],
    },
    function* () {
      for (const { alias: chain, sender } of senders()) {
        for (const [op, count] of sender.failedDueToBench.entries()) yield [{ chain, op }, count];
      }
    },
  );
}
