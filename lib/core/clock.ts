/**
 * Time as something that is handed in, so that a test can run an hour in a second.
 *
 * Wall time (`now`) is what peers are told and what certificates and logs show; it may jump. Durations are measured
 * with `monotonic`, which never goes back.
 *
 * @module
 */

import { type HeapTimer, NOT_IN_HEAP, TimerHeap } from "./timer_heap.ts";

/** A timer that was started. Cancelling it twice, or after it fired, is harmless. */
export interface Timer extends Disposable {
  cancel(): void;
}

/** Where time comes from. All values are milliseconds. */
export interface Clock {
  /** Wall time since 1970-01-01 UTC. */
  now(): number;
  /** Time since an arbitrary start; never goes back. */
  monotonic(): number;
  /** Calls `fn` once, after `delayMs`. */
  setTimeout(fn: () => void, delayMs: number): Timer;
  /** Calls `fn` every `periodMs`, first after one period. */
  setInterval(fn: () => void, periodMs: number): Timer;
}

/** The longest delay that the runtimes' timers take: 2^31 - 1 ms; a longer one fires at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (fn, delayMs) => {
    const handle = setTimeout(fn, Math.min(delayMs, MAX_TIMER_MS));
    return timer(() => clearTimeout(handle));
  },
  setInterval: (fn, periodMs) => {
    const handle = setInterval(fn, Math.min(periodMs, MAX_TIMER_MS));
    return timer(() => clearInterval(handle));
  },
};

function timer(cancel: () => void): Timer {
  return { cancel, [Symbol.dispose]: cancel };
}

/** The whole seconds since 1970-01-01 UTC, as the protocol's `uint64` timestamps have them. */
export function unixSeconds(clock: Clock): bigint {
  return BigInt(Math.floor(clock.now() / 1000));
}

/** A period of 0 would fire for ever at one time. */
const MIN_PERIOD_MS = 1;

/** Resolves when all that could go on without a timer has done so. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A timer of a {@link ManualClock}: what it calls, and its place among those that wait. */
class ManualTimer implements Timer, HeapTimer {
  at: number;
  place = NOT_IN_HEAP;
  readonly fn: () => void;
  readonly periodMs: number | undefined;
  readonly order: number;
  readonly #pending: TimerHeap<ManualTimer>;

  constructor(
    pending: TimerHeap<ManualTimer>,
    what: {
      readonly fn: () => void;
      readonly at: number;
      readonly periodMs: number | undefined;
      readonly order: number;
    },
  ) {
    this.#pending = pending;
    this.fn = what.fn;
    this.at = what.at;
    this.periodMs = what.periodMs;
    this.order = what.order;
  }

  cancel(): void {
    this.#pending.remove(this);
  }

  [Symbol.dispose](): void {
    this.cancel();
  }
}

/**
 * A clock that stands still until it is told to move: for tests and simulations.
 *
 * Timers fire in the order of their times, and in the order of their making where those are equal.
 *
 * @example
 * ```ts
 * const clock = new ManualClock(1_000);
 * let rang = false;
 * clock.setTimeout(() => { rang = true; }, 50);
 * clock.advance(50);
 * rang; // true
 * ```
 */
export class ManualClock implements Clock {
  #now: number;
  #monotonic = 0;
  #order = 0;
  readonly #pending = new TimerHeap<ManualTimer>();

  /** @param startMs The wall time to begin with, milliseconds since 1970-01-01 UTC. */
  constructor(startMs = 0) {
    this.#now = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#monotonic;
  }

  setTimeout(fn: () => void, delayMs: number): Timer {
    return this.#add(fn, delayMs, undefined);
  }

  setInterval(fn: () => void, periodMs: number): Timer {
    const atLeast = Math.max(MIN_PERIOD_MS, periodMs);
    return this.#add(fn, atLeast, atLeast);
  }

  /** How many timers wait: a test that ends with any has leaked one. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** When the next timer fires, in milliseconds of `monotonic`, or `undefined` where none waits. */
  get nextTimerAt(): number | undefined {
    return this.#pending.first?.at;
  }

  /** Moves both times on by `ms` and fires what falls due on the way, each at its own time. */
  advance(ms: number): void {
    const end = this.#monotonic + ms;
    while (this.#fireNext(end));
    this.#moveTo(end);
  }

  /** As `advance`, and lets what waits for promises run after each timer, so that it can start timers of its own. */
  async runFor(ms: number): Promise<void> {
    const end = this.#monotonic + ms;
    await turn();
    while (this.#fireNext(end)) await turn();
    this.#moveTo(end);
  }

  /** Sets the wall time alone, as an operator or NTP does; timers do not notice. */
  step(toMs: number): void {
    this.#now = toMs;
  }

  #add(fn: () => void, delayMs: number, periodMs: number | undefined): Timer {
    const at = this.#monotonic + Math.max(0, delayMs);
    const timer = new ManualTimer(this.#pending, { fn, at, periodMs, order: this.#order++ });
    this.#pending.add(timer);
    return timer;
  }

  /** @returns Whether a timer was due by `end`. */
  #fireNext(end: number): boolean {
    const next = this.#pending.first;
    if (next === undefined || next.at > end) return false;
    this.#moveTo(next.at);
    this.#pending.remove(next);
    if (next.periodMs !== undefined) {
      next.at += next.periodMs;
      this.#pending.add(next);
    }
    next.fn();
    return true;
  }

  #moveTo(monotonic: number): void {
    this.#now += monotonic - this.#monotonic;
    this.#monotonic = monotonic;
  }
}
