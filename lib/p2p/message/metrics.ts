/**
 * Metrics of compression, under upstream's names (`message/messages.go`).
 *
 * @module
 */

import { type LabelledValue, type MetricsNamespace, nanoseconds } from "../../core/metrics.ts";
import { ALL_OPS, type Op, opName } from "./ops.ts";

type Direction = "compression" | "decompression";

/** Counts what is compressed and decompressed. */
export interface MessageMetrics {
  /** @param durationMs How long it took. */
  compressed(op: Op, durationMs: number): void;
  /** @param durationMs How long it took. */
  decompressed(op: Op, durationMs: number): void;
}

/** What was counted for one direction: by operation. */
interface Counts {
  readonly direction: Direction;
  readonly counts: number[];
  readonly durationsMs: number[];
}

/**
 * Declares the metrics. One message costs two additions; labels are made at a scrape.
 *
 * @param namespace Upstream's is `avalanche_network`.
 */
export function createMessageMetrics(namespace: MetricsNamespace): MessageMetrics {
  const compression = makeCounts("compression");
  const decompression = makeCounts("decompression");
  const labelNames = ["type", "op", "direction"] as const;

  const all = [compression, decompression];
  namespace.countersBy({ name: "codec_compressed_count", help: "number of compressed messages", labelNames }, () =>
    seen(all, ({ counts }, op) => counts[op] as number),
  );
  const help = "time spent handling compressed messages";
  namespace.gaugesBy({ name: "codec_compressed_duration", help, labelNames }, () =>
    seen(all, ({ durationsMs }, op) => nanoseconds(durationsMs[op] as number)),
  );

  return {
    compressed: (op, durationMs) => add(compression, op, durationMs),
    decompressed: (op, durationMs) => add(decompression, op, durationMs),
  };
}

function makeCounts(direction: Direction): Counts {
  return { direction, counts: ALL_OPS.map(() => 0), durationsMs: ALL_OPS.map(() => 0) };
}

function add({ counts, durationsMs }: Counts, op: Op, durationMs: number): void {
  counts[op] = (counts[op] as number) + 1;
  durationsMs[op] = (durationsMs[op] as number) + durationMs;
}

/** What was counted at least once. */
function* seen(
  all: readonly Counts[],
  read: (counts: Counts, op: Op) => number,
): Generator<LabelledValue<"type" | "op" | "direction">, void, undefined> {
  for (const counts of all) {
    for (const op of ALL_OPS) {
      const labels = { type: "zstd", op: opName(op), direction: counts.direction };
      if ((counts.counts[op] as number) > 0) yield [labels, read(counts, op)];
    }
  }
}
