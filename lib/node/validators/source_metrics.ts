/**
 * What is counted of a source of validators; avx only.
 *
 * @module
 */

import type { MetricsNamespace } from "../../core/metrics.ts";
import type { SourceStatus } from "./source_status.ts";

/**
 * Declares the metrics.
 *
 * @param metrics The namespace `avalanche_validator_source`.
 * @param read Asked at each scrape.
 */
export function declareSourceMetrics(metrics: MetricsNamespace, read: () => SourceStatus): void {
  metrics.countedBy({ name: "answers", help: "polls of the P-Chain API that were answered" }, () => read().answers);
  const failures = metrics.counter({
    name: "failures",
    help: "polls of the P-Chain API that failed, by reason",
    labelNames: ["reason"],
    collect: () => {
      failures.reset();
      for (const [reason, count] of read().failuresByCode) failures.inc({ reason }, count);
    },
  });
  metrics.gaugedBy({ name: "height", help: "height of the P-Chain that the validators are of" }, () => {
    return Number(read().height ?? 0n);
  });
  metrics.gaugedBy({ name: "last_answer", help: "Unix seconds of the last good answer" }, () => {
    return (read().answeredMs ?? 0) / 1_000;
  });
}
