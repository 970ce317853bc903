/**
 * What a simulation is measured by.
 *
 * @module
 */

import process from "node:process";
import { type Op, opName } from "../../lib/p2p/message/ops.ts";
import type { Volume } from "./node.ts";
import type { SimulationOptions } from "./options.ts";
import type { Simulation } from "./simulation.ts";

/** One stretch of a simulation. Times are milliseconds, traffic is the mean of what a node sent. */
export interface Phase {
  readonly name: string;
  /** Virtual. */
  readonly virtualMs: number;
  /** Whether the network was whole at its end. */
  readonly whole: boolean;
  readonly messagesPerNode: number;
  readonly bytesPerNode: number;
  /** What it took of the machine's processor. */
  readonly cpuMs: number;
}

export interface Report {
  readonly options: SimulationOptions;
  readonly phases: readonly Phase[];
  /** When nodes had found all validators, virtual milliseconds since the beginning. */
  readonly foundAllMs: { readonly median: number; readonly p99: number; readonly last: number };
  /** What all nodes sent in all, by operation. */
  readonly traffic: Readonly<Record<string, Volume>>;
  readonly packets: { readonly sent: number; readonly lost: number };
  readonly virtualMs: number;
  readonly realMs: number;
  readonly cpuMs: number;
  /** The most memory that the process held when it was looked at, bytes. */
  readonly peakMemoryBytes: number;
  readonly log: { readonly lines: number; readonly sha256: string; readonly events: Readonly<Record<string, number>> };
  /** What should not be. */
  readonly faults: readonly string[];
}

interface Reading {
  readonly virtualMs: number;
  readonly cpuMs: number;
  readonly traffic: Volume;
}

export class Meter {
  readonly #simulation: Simulation;
  readonly #phases: Phase[] = [];
  readonly #unfound: string[] = [];
  #peakMemoryBytes = 0;
  #last: Reading;

  constructor(simulation: Simulation) {
    this.#simulation = simulation;
    this.#last = this.#read();
  }

  /** Measures what happens meanwhile. */
  async during(name: string, act: () => Promise<void>): Promise<void> {
    await act();
    this.#end(name, this.#simulation.now - this.#last.virtualMs);
  }

  /**
   * Measures until the network is whole.
   *
   * @param since The time is counted from here, virtual milliseconds.
   */
  async untilWhole(name: string, since: number): Promise<void> {
    const wholeAt = await this.#simulation.untilWhole();
    if (wholeAt === undefined) this.#unfound.push(name);
    this.#end(name, Math.max(0, (wholeAt ?? this.#simulation.now) - since));
  }

  report(faults: readonly string[]): Report {
    const { nodes, options, world } = this.#simulation;
    const { cpuMs, virtualMs } = this.#read();
    const foundAll = world.acquaintances.foundAllAt.sort((a, b) => a - b);
    const at = (share: number): number => foundAll[Math.ceil(share * foundAll.length) - 1] ?? Number.NaN;
    const traffic: Record<string, Volume> = {};
    for (const node of nodes) {
      for (const [op, { bytes, messages }] of node.traffic()) {
        traffic[opName(op as Op)] ??= { messages: 0, bytes: 0 };
        const sum = traffic[opName(op as Op)] as Volume;
        sum.messages += messages;
        sum.bytes += bytes;
      }
    }
    return {
      options,
      phases: this.#phases,
      foundAllMs: { median: at(0.5), p99: at(0.99), last: at(1) },
      traffic,
      packets: { sent: world.link.packets, lost: world.link.lost },
      virtualMs,
      realMs: performance.now() - this.#simulation.madeAt,
      cpuMs,
      peakMemoryBytes: this.#peakMemoryBytes,
      log: { lines: world.log.lines, sha256: world.log.digest(), events: world.log.counts },
      faults: [...this.#unfound.map((name) => `the network did not become whole: ${name}`), ...faults],
    };
  }

  #end(name: string, virtualMs: number): void {
    const { nodes, world } = this.#simulation;
    const now = this.#read();
    const { cpuMs, traffic } = this.#last;
    this.#last = now;
    const whole = world.acquaintances.wholeSince !== undefined;
    this.#phases.push({
      name,
      virtualMs,
      whole,
      messagesPerNode: (now.traffic.messages - traffic.messages) / nodes.length,
      bytesPerNode: (now.traffic.bytes - traffic.bytes) / nodes.length,
      cpuMs: now.cpuMs - cpuMs,
    });
    world.log.say("net", "measured", { phase: name, virtualMs: virtualMs.toFixed(3), whole });
  }

  #read(): Reading {
    const { nodes, now } = this.#simulation;
    const traffic: Volume = { messages: 0, bytes: 0 };
    for (const node of nodes) {
      for (const { bytes, messages } of node.traffic().values()) {
        traffic.messages += messages;
        traffic.bytes += bytes;
      }
    }
    const { system, user } = process.cpuUsage();
    this.#peakMemoryBytes = Math.max(this.#peakMemoryBytes, process.memoryUsage.rss());
    return { virtualMs: now, cpuMs: (user + system) / 1_000, traffic };
  }
}
