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
    const messages = metrics.counter({
      name: "messages",
      help: "Answers to requests",
      labelNames,
      collect: () => {
        messages.reset();
        this.#each((chain, counts) => counts.messages.each((op, count) => messages.inc({ chain, op }, count)));
      },
    });
    const latencies = metrics.gauge({
      name: "message_latencies",
      help: "Time that answers took, in nanoseconds",
      labelNames,
      collect: () => {
        latencies.reset();
        this.#each((chain, { latenciesMs, messages: ever }) => {
          latenciesMs.each((op, ms) => latencies.set({ chain, op }, nanoseconds(ms)), ever);
        });
      },
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

  #each(fn: (alias: string, responses: ChainResponses) => void): void {
    for (const responses of this.#chains.values()) fn(responses.alias, responses);
  }
}
