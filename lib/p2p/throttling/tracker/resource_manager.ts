/**
 * Watches what this process uses of processor and disk, as averages that forget with a half-life (upstream
 * `utils/resource/usage.go`).
 *
 * @module
 */

import type { Gauge } from "prom-client";
import type { Clock, Timer } from "../../../core/clock.ts";
import { type Logger, noLog } from "../../../core/log.ts";
import type { MetricsNamespace } from "../../../core/metrics.ts";
import { type DiskSpace, type ProcessUsage, readDiskSpace, readProcessUsage } from "./process_usage.ts";
import type { ResourceUser } from "./resource_user.ts";

/** Milliseconds (upstream `config/flags.go`, `system-tracker-frequency`). */
export const DEFAULT_SYSTEM_TRACKER_FREQUENCY_MS = 500;
/** Milliseconds (upstream `config/flags.go`, `system-tracker-cpu-halflife`). */
export const DEFAULT_SYSTEM_TRACKER_CPU_HALFLIFE_MS = 15_000;
/** Milliseconds (upstream `config/flags.go`, `system-tracker-disk-halflife`). */
export const DEFAULT_SYSTEM_TRACKER_DISK_HALFLIFE_MS = 60_000;

export interface ResourceManagerOptions {
  /** A path on the volume whose room is watched. */
  readonly diskPath: string;
  /** The label of the metrics. */
  readonly processID: number;
  /**
   * Milliseconds between two samples.
   *
   * @default {500}
   */
  readonly frequencyMs?: number;
  /** @default {15000} Milliseconds. */
  readonly cpuHalflifeMs?: number;
  /** @default {60000} Milliseconds. */
  readonly diskHalflifeMs?: number;
}

export interface ResourceManagerModules {
  readonly clock: Clock;
  readonly log?: Logger | undefined;
  /** `avalanche_system_resources`. */
  readonly metrics?: MetricsNamespace | undefined;
  /** The sums to watch: the process's own by default. */
  readonly readUsage?: () => ProcessUsage;
  /** The room to watch: the volume's own by default. */
  readonly readSpace?: (path: string) => DiskSpace | undefined;
}

export class ResourceManager implements ResourceUser, Disposable {
  readonly #modules: Required<Pick<ResourceManagerModules, "clock" | "readUsage" | "readSpace">>;
  readonly #log: Logger;
  readonly #diskPath: string;
  readonly #cpuHalflifeMs: number;
  readonly #diskHalflifeMs: number;
  readonly #timer: Timer;
  #last: ProcessUsage;
  #lastMs: number;
  #cpuUsage = 0;
  #readUsage = 0;
  #writeUsage = 0;
  #space: DiskSpace = { availableBytes: Number.POSITIVE_INFINITY, availablePercentage: 100 };

  /** Begins to watch; disposing of it ends that. */
  constructor(modules: ResourceManagerModules, options: ResourceManagerOptions) {
    const { clock, readUsage = readProcessUsage, readSpace = readDiskSpace } = modules;
    this.#modules = { clock, readUsage, readSpace };
    this.#log = modules.log ?? noLog;
    this.#diskPath = options.diskPath;
    this.#cpuHalflifeMs = options.cpuHalflifeMs ?? DEFAULT_SYSTEM_TRACKER_CPU_HALFLIFE_MS;
    this.#diskHalflifeMs = options.diskHalflifeMs ?? DEFAULT_SYSTEM_TRACKER_DISK_HALFLIFE_MS;
    this.#last = readUsage();
    this.#lastMs = clock.monotonic();
    this.#lookAtSpace();
    this.#timer = clock.setInterval(() => this.#sample(), options.frequencyMs ?? DEFAULT_SYSTEM_TRACKER_FREQUENCY_MS);
    if (modules.metrics !== undefined) this.#declare(modules.metrics, String(options.processID));
  }

  cpuUsage(): number {
    return this.#cpuUsage;
  }

  diskReadUsage(): number {
    return this.#readUsage;
  }

  diskWriteUsage(): number {
    return this.#writeUsage;
  }

  availableDiskBytes(): number {
    return this.#space.availableBytes;
  }

  availableDiskPercentage(): number {
    return this.#space.availablePercentage;
  }

  [Symbol.dispose](): void {
    this.#timer.cancel();
  }

  /**
   * Upstream takes the time between samples to be what was asked for. Here a busy process samples late, and what it used
   * meanwhile would count for too much: the real time is taken.
   */
  #sample(): void {
    const { clock, readUsage } = this.#modules;
    const nowMs = clock.monotonic();
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs <= 0) return;
    const usage = readUsage();
    const last = this.#last;
    this.#last = usage;
    this.#lastMs = nowMs;

    const rate = (sum: number, lastSum: number): number => (Math.max(0, sum - lastSum) * 1_000) / elapsedMs;
    const cpuWeight = oldWeight(elapsedMs, this.#cpuHalflifeMs);
    const diskWeight = oldWeight(elapsedMs, this.#diskHalflifeMs);
    this.#cpuUsage = average(this.#cpuUsage, rate(usage.cpuSeconds, last.cpuSeconds), cpuWeight);
    this.#readUsage = average(this.#readUsage, rate(usage.readBytes, last.readBytes), diskWeight);
    this.#writeUsage = average(this.#writeUsage, rate(usage.writeBytes, last.writeBytes), diskWeight);
    this.#lookAtSpace();
  }

  #lookAtSpace(): void {
    const space = this.#modules.readSpace(this.#diskPath);
    if (space === undefined) this.#log.verbo("room on the disk is not known", { path: this.#diskPath });
    else this.#space = space;
  }

  #declare(metrics: MetricsNamespace, processID: string): void {
    const gauge = (name: string, help: string, read: (usage: ProcessUsage) => number): void => {
      const family: Gauge<"processID"> = metrics.gauge({
        name,
        help,
        labelNames: ["processID"],
        collect: () => family.set({ processID }, read(this.#last)),
      });
    };
    gauge("num_cpu_cycles", "Seconds of processor time", (usage) => usage.cpuSeconds);
    gauge("num_disk_reads", "Reads", (usage) => usage.reads);
    gauge("num_disk_read_bytes", "Bytes read from the disk", (usage) => usage.readBytes);
    gauge("num_disk_writes", "Writes", (usage) => usage.writes);
    gauge("num_disk_write_bytes", "Bytes written to the disk", (usage) => usage.writeBytes);
  }
}

/** What is left of an average's weight after a time. */
function oldWeight(elapsedMs: number, halflifeMs: number): number {
  return 0.5 ** (elapsedMs / halflifeMs);
}

function average(old: number, sample: number, weightOfOld: number): number {
  return weightOfOld * old + (1 - weightOfOld) * sample;
}
