/**
 * Prometheus' text format, version 0.0.4, laid out as avalanchego's is: families by name, series by label, labels by
 * name, and no family without a series.
 *
 * @module
 */

import type { MetricObjectWithValues, MetricValue, Registry } from "prom-client";
import { formatGoFloat } from "./go_float.ts";

/** A series' value, and for a histogram what is behind its family's name. */
type Sample = MetricValue<string> & {
  readonly metricName?: string;
  readonly sharedLabels?: MetricValue<string>["labels"];
};

/**
 * Asks all metrics of a registry for their values and writes them down.
 *
 * @example
 * ```ts
 * const registry = new Registry();
 * new MetricsNamespace(registry, "avalanche_network").gaugedBy({ name: "peers", help: "connected peers" }, () => 4);
 * await exposeMetrics(registry); // "# HELP avalanche_network_peers connected peers\n…"
 * ```
 */
export async function exposeMetrics(registry: Registry): Promise<string> {
  const families = await registry.getMetricsAsJSON();
  const ofAll = families.map((family) => family as MetricObjectWithValues<Sample>);
  const shown = ofAll.filter(({ values }) => values.length > 0);
  return shown
    .sort((a, b) => compareText(a.name, b.name))
    .map(exposeFamily)
    .join("");
}

function exposeFamily({ name, help, type, values }: MetricObjectWithValues<Sample>): string {
  // prom-client says the type as a word, and as a number within an enum of its types.
  const typeName = String(type);
  const series = values.map((sample) => ({ labels: labelText(sample), sample }));
  // The series of a histogram are in the order of its buckets, which is that of numbers.
  if (typeName !== "histogram") series.sort((a, b) => compareText(a.labels, b.labels));
  const lines = series.map(
    ({ labels, sample }) => `${sample.metricName ?? name}${labels} ${formatGoFloat(sample.value)}\n`,
  );
  return `# HELP ${name} ${escaped(help)}\n# TYPE ${name} ${typeName}\n${lines.join("")}`;
}

function labelText({ labels, sharedLabels }: Sample): string {
  const pairs = Object.entries({ ...sharedLabels, ...labels });
  if (pairs.length === 0) return "";
  // Upstream has the bound of a bucket last.
  pairs.sort(([a], [b]) => Number(a === "le") - Number(b === "le") || compareText(a, b));
  return `{${pairs.map(([name, value]) => `${name}="${escaped(String(value)).replaceAll('"', '\\"')}"`).join(",")}}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");
}

/** By code units: all names here are ASCII. */
function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
