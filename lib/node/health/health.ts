/**
 * A node's health: is it ready, is it well, must it be restarted.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { Logger } from "../../core/log.ts";
import type { MetricsNamespace } from "../../core/metrics.ts";
import { HealthWorker } from "./worker.ts";

/** What health needs. */
export interface HealthModules {
  readonly clock: Clock;
  readonly log: Logger;
  /** The namespace `avalanche_health`. */
  readonly metrics: MetricsNamespace;
}

/** The three kinds of checks. */
export class Health {
  /** Whether the node has finished starting. Its checks stay good once they were. */
  readonly readiness: HealthWorker;
  /** Whether the node does its work. */
  readonly health: HealthWorker;
  /** Whether the node can go on without a restart. */
  readonly liveness: HealthWorker;

  constructor(modules: HealthModules) {
    this.readiness = new HealthWorker(modules, "readiness");
    this.health = new HealthWorker(modules, "health");
    this.liveness = new HealthWorker(modules, "liveness");
    const failing = modules.metrics.gauge({
      name: "checks_failing",
      help: "number of currently failing health checks",
      labelNames: ["check", "tag"],
      collect: () => {
        for (const worker of [this.readiness, this.health, this.liveness]) {
          for (const [tag, count] of worker.failingByTag()) failing.set({ check: worker.name, tag }, count);
        }
      },
    });
  }

  /** Runs all checks now and then every `frequencyMs`. */
  start(frequencyMs: number): void {
    for (const worker of [this.readiness, this.health, this.liveness]) worker.start(frequencyMs);
  }

  /** Runs no more checks; the last findings stay. */
  stop(): void {
    for (const worker of [this.readiness, this.health, this.liveness]) worker.stop();
  }
}
