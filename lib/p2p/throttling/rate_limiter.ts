/**
 * A token bucket that may be overdrawn: who asks for more than is there is told how long to wait for it.
 *
 * The rules, and the rounding to whole nanoseconds, are those of `golang.org/x/time/rate` v0.12.0, which upstream's
 * throttlers stand on. Time is handed in; nothing here waits.
 *
 * @module
 */

const NANOSECONDS_PER_SECOND = 1_000_000_000;

/** What {@link RateLimiter.reserve} says when it refuses. */
export const REFUSED = -1;

export class RateLimiter {
  /** Tokens that come back per second. */
  readonly limit: number;
  /** The most tokens that can be there, and the most that can be asked for at once. */
  readonly burst: number;
  #tokens: number;
  #lastNs = 0;
  #lastEventNs = 0;

  /**
   * @param limit Tokens per second, at least 0.
   * @param burst Whole tokens; the bucket begins full.
   */
  constructor(limit: number, burst: number) {
    this.limit = limit;
    this.burst = burst;
    this.#tokens = burst;
  }

  /**
   * Takes tokens, now or from the future.
   *
   * @param tokens How many, at least 0.
   * @param nowNs The time in whole nanoseconds.
   * @param maxWaitNs The longest wait that the caller takes.
   * @returns Nanoseconds to wait before acting, `Infinity` where no token ever comes back; {@link REFUSED} when more is
   *   asked than the burst, or the wait is too long: nothing is taken then.
   */
  reserve(tokens: number, nowNs: number, maxWaitNs = Number.POSITIVE_INFINITY): number {
    const left = this.#advance(nowNs) - tokens;
    const waitNs = left < 0 ? this.#nanosecondsFor(-left) : 0;
    if (tokens > this.burst || waitNs > maxWaitNs) return REFUSED;

    this.#lastNs = nowNs;
    this.#tokens = left;
    this.#lastEventNs = nowNs + waitNs;
    return waitNs;
  }

  /**
   * Gives back a reservation whose time has not come, less what was reserved after it.
   *
   * @param tokens As they were reserved.
   * @param actAtNs When the reservation would have allowed to act: the time of `reserve` plus what it returned.
   */
  cancel(tokens: number, actAtNs: number, nowNs: number): void {
    if (tokens === 0 || actAtNs < nowNs) return;
    const restored = tokens - this.#tokensIn(this.#lastEventNs - actAtNs);
    if (!(restored > 0)) return;

    this.#tokens = Math.min(this.#advance(nowNs) + restored, this.burst);
    this.#lastNs = nowNs;
    if (actAtNs === this.#lastEventNs) {
      const previousEventNs = actAtNs + this.#nanosecondsFor(-tokens);
      if (previousEventNs >= nowNs) this.#lastEventNs = previousEventNs;
    }
  }

  /** The tokens at a time, without taking any. */
  #advance(nowNs: number): number {
    const elapsedNs = Math.max(0, nowNs - this.#lastNs);
    return Math.min(this.#tokens + this.#tokensIn(elapsedNs), this.burst);
  }

  #nanosecondsFor(tokens: number): number {
    if (this.limit <= 0) return Number.POSITIVE_INFINITY;
    return Math.trunc((tokens / this.limit) * NANOSECONDS_PER_SECOND);
  }

  /** Seconds and the rest are converted apart, as Go's `Duration.Seconds` does: the last bit of the result hangs on it. */
  #tokensIn(nanoseconds: number): number {
    if (this.limit <= 0) return 0;
    const seconds = Math.trunc(nanoseconds / NANOSECONDS_PER_SECOND);
    const rest = nanoseconds - seconds * NANOSECONDS_PER_SECOND;
    return (seconds + rest / NANOSECONDS_PER_SECOND) * this.limit;
  }
}
