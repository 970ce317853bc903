/**
 * Errors that nobody waits for, in a process that runs apps: the app is stopped whose they are, and the node lives.
 *
 * @module
 */

import type { NodeApps } from "../../lib/node/apps.ts";

/** The process's last resorts. What is no app's ends the process, as it would without. */
const EVENTS = ["unhandledRejection", "uncaughtException"] as const;

/** Listens from its making until it is disposed of. */
export class StrayErrors implements Disposable {
  readonly #hear = (error: unknown): void => this.#onError(error);
  /** What has come before it was known which apps run. */
  #early: unknown[] = [];
  #apps: NodeApps | undefined;

  constructor() {
    for (const event of EVENTS) process.on(event, this.#hear);
  }

  /** From now on it is known which apps run. */
  belongTo(apps: NodeApps): void {
    this.#apps = apps;
    const early = this.#early;
    this.#early = [];
    for (const error of early) queueMicrotask(() => this.#onError(error));
  }

  [Symbol.dispose](): void {
    for (const event of EVENTS) process.off(event, this.#hear);
  }

  #onError(error: unknown): void {
    if (this.#apps === undefined) this.#early.push(error);
    else if (!this.#apps.blame(error)) throw error;
  }
}
