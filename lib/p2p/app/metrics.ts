/**
 * What apps' protocols show (upstream `network/p2p/network.go`): how many messages, and how long they took.
 *
 * @module
 */

import type { MetricsNamespace } from "../../core/metrics.ts";

/** Is told of every message that a protocol has handled. */
export type ObserveMessage = (op: string, handlerID: number, tookMs: number) => void;

const NANOSECONDS_PER_MS = 1_000_000;

/**
 * Declares the metrics of all apps of a node.
 *
 * @returns Gives what a chain's protocols are told of by.
 */
export function declareProtocolMetrics(namespace: MetricsNamespace): (chain: string) => ObserveMessage {
  const labelNames = ["chain", "op", "handlerID"] as const;
  const count = namespace.counter({ name: "p2p_msg_count", help: "message count (n)", labelNames });
  const time = namespace.gauge({ name: "p2p_msg_time", help: "message handling time (ns)", labelNames });
  return (chain) => (op, handlerID, tookMs) => {
    const labels = { chain, op, handlerID: String(handlerID) };
    count.inc(labels);
    time.inc(labels, tookMs * NANOSECONDS_PER_MS);
  };
}
