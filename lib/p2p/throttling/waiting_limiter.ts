/**
 * A token bucket at which callers wait for their turn, one token each.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { toNanoseconds } from "../../core/duration.ts";
import { RateLimiter } from "./rate_limiter.ts";

const NANOSECONDS_PER_MS = 1_000_000;

export class WaitingLimiter {
  readonly #clock: Clock;
  readonly #limiter: RateLimiter;
  #waiting = 0;

  /**
   * @param perSecond Turns per second, at least 0.
   * @param burst Turns that can be taken at once after a pause.
   */
  constructor(clock: Clock, perSecond: number, burst: number) {
    this.#clock = clock;
    this.#limiter = new RateLimiter(perSecond, burst);
  }

  /** How many wait. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Takes a turn if there is one now. */
  tryAcquire(): boolean {
    return this.#limiter.reserve(1, this.#nowNs(), 0) === 0;
  }

  /**
   * Takes the next turn and waits for it.
   *
   * @param signal Ends the wait and gives the turn back.
   * @throws The signal's reason, when it was aborted.
   */
  async acquire(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    const nowNs = this.#nowNs();
    const waitNs = this.#limiter.reserve(1, nowNs);
    if (waitNs <= 0) return;

    this.#waiting++;
    try {
      await this.#sleep(waitNs / NANOSECONDS_PER_MS, signal);
    } catch (reason) {
      this.#limiter.cancel(1, nowNs + waitNs, this.#nowNs());
      throw reason;
    } finally {
      this.#waiting--;
    }
  }

  #nowNs(): number {
    return toNanoseconds(this.#clock.monotonic());
  }

  #sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        signal?.removeEventListener("abort", onAbort);
        resolve();
      };
      // Where no turn ever comes there is nothing to wake up for.
      const timer = Number.isFinite(ms) ? this.#clock.setTimeout(end, ms) : undefined;
      const onAbort = (): void => {
        timer?.cancel();
        reject(signal?.reason);
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }
}
