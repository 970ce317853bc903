/**
 * An average that forgets: an observation counts half after one half-life.
 *
 * @module
 */

/** An exponentially weighted average over time (upstream `utils/math/continuous_averager.go`). */
export class Averager {
  readonly #decayMs: number;
  #weightedSum: number;
  #normalizer = 1;
  #lastUpdated: number;

  /**
   * @param initial What is read before anything was observed; it weighs as one observation.
   * @param halflifeMs After this many milliseconds an observation weighs half.
   * @param nowMs Milliseconds, of any clock that the observations share.
   */
  constructor(initial: number, halflifeMs: number, nowMs: number) {
    this.#decayMs = halflifeMs / Math.LN2;
    this.#weightedSum = initial;
    this.#lastUpdated = nowMs;
  }

  /** Takes a value seen at `nowMs`. One that is older than the last weighs as much as it would have kept by now. */
  observe(value: number, nowMs: number): void {
    const elapsed = nowMs - this.#lastUpdated;
    if (elapsed >= 0) {
      const kept = Math.exp(-elapsed / this.#decayMs);
      this.#weightedSum = value + kept * this.#weightedSum;
      this.#normalizer = 1 + kept * this.#normalizer;
      this.#lastUpdated = nowMs;
    } else {
      const weight = Math.exp(elapsed / this.#decayMs);
      this.#weightedSum += weight * value;
      this.#normalizer += weight;
    }
  }

  /** The average as of the last observation. */
  read(): number {
    return this.#weightedSum / this.#normalizer;
  }
}
