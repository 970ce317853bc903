/**
 * Metrics of all chains' handlers, under upstream's names (`snow/networking/handler/metrics.go` and
 * `message_queue_metrics.go`).
 *
 * A message costs a few additions to plain numbers; labels are made at a scrape.
 *
 * @module
 */

import { type LabelledValue, type MetricsNamespace, nanoseconds } from "../../../core/metrics.ts";
import type { OpCounts } from "../op_counts.ts";
import type { ChainHandler } from "./handler.ts";

/** Gives the handlers that are shown. */
export type Handlers = () => Iterable<ChainHandler>;

/**
 * Declares the metrics.
 *
 * @param metrics `avalanche_handler`.
 */
export function declareHandlerMetrics(metrics: MetricsNamespace, handlers: Handlers): void {
  const labelNames = ["chain", "op"] as const;
  const count = (name: string, help: string, read: (handler: ChainHandler) => OpCounts): void => {
    metrics.countersBy({ name, help, labelNames }, () => byOp(handlers, (handler) => read(handler).entries()));
  };
  count("messages", "Messages handled", ({ counts }) => counts.messages);
  count("expired", "Messages dropped because their deadline has passed", ({ counts }) => counts.expired);
  count("unhandled", "Messages that the chain has no part for", ({ counts }) => counts.unhandled);
  const help = "Time spent handling messages, in nanoseconds";
  metrics.gaugesBy({ name: "message_handling_time", help, labelNames }, function* () {
    const times = byOp(handlers, ({ counts }) => counts.handlingTimeMs.entries(counts.messages));
    for (const [labels, ms] of times) yield [labels, nanoseconds(ms)];
  });
  // There is no lock here to wait for: a chain's messages are handled by one thread.
  gauge(metrics, handlers, "locking_time", "Time spent waiting for the chain's lock, in nanoseconds", () => 0);
  for (const name of ["sync", "async"] as const) {
    const prefix = `${name}_unprocessed_msgs`;
    metrics.gaugesBy({ name: `${prefix}_count`, help: "Messages in the queue", labelNames }, () =>
      byOp(handlers, (handler) => handler[name].counts.entries(handler[name].everQueued)),
    );
    gauge(metrics, handlers, `${prefix}_nodes`, "Nodes of which a message waits", (handler) => {
      return handler[name].nodesWithMessages;
    });
    metrics.countersBy(
      {
        name: `${prefix}_excessive_cpu`,
        help: "Messages put off because their node had cost too much",
        labelNames: ["chain"],
      },
      () => byChain(handlers, (handler) => handler[name].excessiveCPU),
    );
  }
}

function gauge(
  metrics: MetricsNamespace,
  handlers: Handlers,
  name: string,
  help: string,
  read: (handler: ChainHandler) => number,
): void {
  metrics.gaugesBy({ name, help, labelNames: ["chain"] }, () => byChain(handlers, read));
}

function* byChain(
  handlers: Handlers,
  read: (handler: ChainHandler) => number,
): Generator<LabelledValue<"chain">, void, undefined> {
  for (const handler of handlers()) yield [{ chain: handler.context.alias }, read(handler)];
}

function* byOp(
  handlers: Handlers,
  read: (handler: ChainHandler) => Iterable<[op: string, count: number]>,
): Generator<LabelledValue<"chain" | "op">, void, undefined> {
  for (const handler of handlers()) {
    for (const [op, count] of read(handler)) yield [{ chain: handler.context.alias, op }, count];
  }
}
