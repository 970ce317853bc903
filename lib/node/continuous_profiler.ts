/**
 * Profiles a node all the time, so that what happened can be looked at afterwards (upstream
 * `utils/profiler/continuous.go`).
 *
 * @module
 */

import { existsSync, renameSync } from "node:fs";
import { join } from "node:path";
import type { Clock, Timer } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import type { Logger } from "../core/log.ts";
import { CPU_PROFILE_FILE, HEAP_PROFILE_FILE, Profiler } from "./profiler.ts";

/** How often, and how much is kept. */
export interface ContinuousProfilerOptions {
  readonly directory: string;
  readonly frequencyMs: number;
  /** Files that were put aside, of each kind: `cpu.profile.1` is the newest. */
  readonly maxFiles: number;
}

/** Begins a new profile again and again, until it is disposed of or fails. */
export class ContinuousProfiler implements AsyncDisposable {
  readonly #modules: { readonly clock: Clock; readonly log: Logger };
  readonly #options: ContinuousProfilerOptions;
  readonly #profiler: Profiler;
  #timer: Timer | undefined;
  #working: Promise<void>;

  constructor(modules: { readonly clock: Clock; readonly log: Logger }, options: ContinuousProfilerOptions) {
    this.#modules = modules;
    this.#options = options;
    this.#profiler = new Profiler(options.directory);
    this.#working = this.#guard(() => this.#profiler.startCPU());
    this.#timer = modules.clock.setInterval(() => {
      this.#working = this.#working.then(() => this.#guard(() => this.#turn()));
    }, options.frequencyMs);
  }

  /** Writes the profile that is under way, and begins none. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#working;
    if (this.#timer === undefined) return;
    this.#timer.cancel();
    this.#timer = undefined;
    await this.#guard(() => this.#finish());
  }

  async #turn(): Promise<void> {
    if (this.#timer === undefined) return;
    await this.#finish();
    for (const name of [CPU_PROFILE_FILE, HEAP_PROFILE_FILE]) this.#putAside(join(this.#options.directory, name));
    await this.#profiler.startCPU();
  }

  async #finish(): Promise<void> {
    await this.#profiler.stopCPU();
    await this.#profiler.writeHeap();
  }

  #putAside(path: string): void {
    for (let i = this.#options.maxFiles - 1; i > 0; i--) {
      if (existsSync(`${path}.${i}`)) renameSync(`${path}.${i}`, `${path}.${i + 1}`);
    }
    renameSync(path, `${path}.1`);
  }

  /** A node is not worse for what cannot be measured: the first failure ends it, with a line in the log. */
  async #guard(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#timer?.cancel();
      this.#timer = undefined;
      this.#profiler[Symbol.dispose]();
      this.#modules.log.error("continuous profiler failed", { error: errorMessage(error) });
    }
  }
}
