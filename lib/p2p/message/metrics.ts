/**
 * Metrics of compression, under upstream's names (`message/messages.go`).
 *
 * @module
 */

import { type MetricsNamespace, nanoseconds } from "../../core/metrics.ts";
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

  const count = namespace.counter({
    name: "codec_compressed_count",
    help: "number of compressed messages",
    labelNames,
    collect: () => {
      count.reset();
      each([compression, decompression], (labels, total) => count.inc(labels, total));
    },
  });
  const duration = namespace.gauge({
    name: "codec_compressed_duration",
    help: "time spent handling compressed messages",
    labelNames,
    collect: () => {
      each([compression, decompression], (labels, _, ms) => duration.set(labels, nanoseconds(ms)));
    },
  });

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

/** Calls `fn` for what was counted at least once. */
function each(
  all: readonly Counts[],
  fn: (labels: { type: string; op: string; direction: Direction }, count: number, durationMs: number) => void,
): void {
  for (const { direction, counts, durationsMs } of all) {
    for (const op of ALL_OPS) {
      const count = counts[op] as number;
      if (count > 0) fn({ type: "zstd", op: opName(op), direction }, count, durationsMs[op] as number);
    }
  }
}
