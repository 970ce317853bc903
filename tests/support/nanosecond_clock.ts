/**
 * A clock that stands on a whole nanosecond, for facts that were recorded to the nanosecond.
 *
 * @module
 */

import type { Clock, Timer } from "../../lib/core/clock.ts";

const NANOSECONDS_PER_MS = 1_000_000;

interface Pending {
  readonly fn: () => void;
  readonly atNs: number;
}

export class NanosecondClock implements Clock {
  #nowNs = 0;
  #pending: Pending[] = [];

  get nowNs(): number {
    return this.#nowNs;
  }

  now(): number {
    return this.monotonic();
  }

  monotonic(): number {
    return this.#nowNs / NANOSECONDS_PER_MS;
  }

  setTimeout(fn: () => void, delayMs: number): Timer {
    const pending = { fn, atNs: this.#nowNs + Math.round(delayMs * NANOSECONDS_PER_MS) };
    this.#pending.push(pending);
    const cancel = (): void => {
      this.#pending = this.#pending.filter((other) => other !== pending);
    };
    return { cancel, [Symbol.dispose]: cancel };
  }

  setInterval(): Timer {
    throw new Error("This clock has no intervals");
  }

  /** Fires what falls due up to a time, each at its own time, and stands there. */
  advanceTo(ns: number): void {
    for (let next = this.#next(); next !== undefined && next.atNs <= ns; next = this.#next()) this.#fire(next);
    this.#nowNs = Math.max(this.#nowNs, ns);
  }

  /** Fires all that waits. */
  finish(): void {
    for (let next = this.#next(); next !== undefined; next = this.#next()) this.#fire(next);
  }

  #fire(pending: Pending): void {
    this.#pending = this.#pending.filter((other) => other !== pending);
    this.#nowNs = pending.atNs;
    pending.fn();
  }

  #next(): Pending | undefined {
    return this.#pending.toSorted((a, b) => a.atNs - b.atNs)[0];
  }
}
