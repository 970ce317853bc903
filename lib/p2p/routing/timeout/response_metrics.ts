/**
 * How many answers came and how long they took, by chain (upstream `snow/networking/timeout/metrics.go`).
 *
 * @module
 */

import type { ID } from "../../../core/ids/id.ts";
import { type MetricsNamespace, nanoseconds } from "../../../core/metrics.ts";
import type { Op } from "../../message/ops.ts";
import { OpCounts } from "../op_counts.ts";

interface ChainResponses {
  readonly alias: string;
  readonly messages: OpCounts;
  readonly latenciesMs: OpCounts;
}

export class ResponseMetrics {
  readonly #chains = new Map<ID, ChainResponses>();

  /** @param metrics `avalanche_responses`. */
  constructor(metrics: MetricsNamespace) {
    const labelNames = ["chain", "op"] as const;
    const chains = this.#chains;
    metrics.countersBy({ name: "messages", help: "Answers to requests", labelNames }, function* () {
      for (const { alias: chain, messages } of chains.values()) {
        for (const [op, count] of messages.entries()) yield [{ chain, op }, count];
      }
    });
    const help = "Time that answers took, in nanoseconds";
    metrics.gaugesBy({ name: "message_latencies", help, labelNames }, function* () {
      for (const { alias: chain, latenciesMs, messages: ever } of chains.values()) {
        for (const [op, ms] of latenciesMs.entries(ever)) yield [{ chain, op }, nanoseconds(ms)];
      }
    });
  }

  registerChain(chainID: ID, alias: string): void {
    this.#chains.set(chainID, { alias, messages: new OpCounts(), latenciesMs: new OpCounts() });
  }

  unregisterChain(chainID: ID): void {
    this.#chains.delete(chainID);
  }

  observe(chainID: ID, op: Op, latencyMs: number): void {
    const chain = this.#chains.get(chainID);
    chain?.messages.add(op);
    chain?.latenciesMs.add(op, latencyMs);
  }
}
