/**
 * What a scrape would show.
 *
 * @module
 */

import type { MetricsNamespace } from "../../lib/core/metrics.ts";

/**
 * The value of one time series.
 *
 * @param name Without the namespace.
 * @param labels All that the series has.
 * @returns 0 for a series that is not there yet.
 */
export async function metricValue(
  { prefix, registry }: MetricsNamespace,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const metric = registry.getSingleMetric(`${prefix}_${name}`);
  if (metric === undefined) throw new Error(`there is no metric ${prefix}_${name}`);
  const { values } = await metric.get();
  const wanted = Object.entries(labels);
  return values.find((series) => wanted.every(([label, value]) => series.labels[label] === value))?.value ?? 0;
}
