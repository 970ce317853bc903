/**
 * Metrics of all chains' handlers, under upstream's names (`snow/networking/handler/metrics.go` and
 * `message_queue_metrics.go`).
 *
 * A message costs a few additions to plain numbers; labels are made at a scrape.
 *
 * @module
 */

import { type MetricsNamespace, nanoseconds } from "../../../core/metrics.ts";
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
  counterByOp(metrics, handlers, "messages", "Messages handled", ({ counts }) => counts.messages);
  counterByOp(metrics, handlers, "expired", "Messages dropped because their deadline has passed", ({ counts }) => {
    return counts.expired;
  });
  counterByOp(metrics, handlers, "unhandled", "Messages that the chain has no part for", ({ counts }) => {
    return counts.unhandled;
  });
  gaugeByOp(metrics, handlers, "message_handling_time", "Time spent handling messages, in nanoseconds", {
    read: ({ counts }) => counts.handlingTimeMs,
    ever: ({ counts }) => counts.messages,
    show: nanoseconds,
  });
  // There is no lock here to wait for: a chain's messages are handled by one thread.
  gauge(metrics, handlers, "locking_time", "Time spent waiting for the chain's lock, in nanoseconds", () => 0);
  for (const name of ["sync", "async"] as const) {
    const prefix = `${name}_unprocessed_msgs`;
    gaugeByOp(metrics, handlers, `${prefix}_count`, "Messages in the queue", {
      read: (handler) => handler[name].counts,
      ever: (handler) => handler[name].everQueued,
      show: (count) => count,
    });
    gauge(metrics, handlers, `${prefix}_nodes`, "Nodes of which a message waits", (handler) => {
      return handler[name].nodesWithMessages;
    });
    counter(metrics, handlers, `${prefix}_excessive_cpu`, "Messages put off because their node had cost too much", {
      read: (handler) => handler[name].excessiveCPU,
    });
  }
}

function counterByOp(
  metrics: MetricsNamespace,
  handlers: Handlers,
  name: string,
  help: string,
  read: (handler: ChainHandler) => OpCounts,
): void {
  const family = metrics.counter({
    name,
    help,
    labelNames: ["chain", "op"],
    collect: () => {
      family.reset();
      for (const handler of handlers()) {
        const chain = handler.context.alias;
        read(handler).each((op, count) => family.inc({ chain, op }, count));
      }
    },
  });
}

function gaugeByOp(
  metrics: MetricsNamespace,
  handlers: Handlers,
  name: string,
  help: string,
  {
    ever,
    read,
    show,
  }: {
    readonly read: (handler: ChainHandler) => OpCounts;
    /** What decides which operations are shown. */
    readonly ever: (handler: ChainHandler) => OpCounts;
    readonly show: (value: number) => number;
  },
): void {
  const family = metrics.gauge({
    name,
    help,
    labelNames: ["chain", "op"],
    collect: () => {
      family.reset();
      for (const handler of handlers()) {
        const chain = handler.context.alias;
        read(handler).each((op, count) => family.set({ chain, op }, show(count)), ever(handler));
      }
    },
  });
}

function gauge(
  metrics: MetricsNamespace,
  handlers: Handlers,
  name: string,
  help: string,
  read: (handler: ChainHandler) => number,
): void {
  const family = metrics.gauge({
    name,
    help,
    labelNames: ["chain"],
    collect: () => {
      family.reset();
      for (const handler of handlers()) family.set({ chain: handler.context.alias }, read(handler));
    },
  });
}

function counter(
  metrics: MetricsNamespace,
  handlers: Handlers,
  name: string,
  help: string,
  { read }: { readonly read: (handler: ChainHandler) => number },
): void {
  const family = metrics.counter({
    name,
    help,
    labelNames: ["chain"],
    collect: () => {
      family.reset();
      for (const handler of handlers()) family.inc({ chain: handler.context.alias }, read(handler));
    },
  });
}
