/**
 * How much of the recent past something was running: an average that forgets with a half-life (upstream
 * `utils/math/meter/continuous_meter.go`).
 *
 * @module
 */

export class Meter {
  /** Milliseconds in which the value falls to 1/e. */
  readonly #decayMs: number;
  #value = 0;
  #running = 0;
  #updatedAtMs = Number.NEGATIVE_INFINITY;

  /** @param halflifeMs Milliseconds after which a time counts half, above 0. */
  constructor(halflifeMs: number) {
    this.#decayMs = halflifeMs / Math.LN2;
  }

  /** How many run at the moment. */
  get running(): number {
    return this.#running;
  }

  /** One more runs from now on. */
  increment(nowMs: number): void {
    this.read(nowMs);
    this.#running++;
  }

  /** One less runs from now on. */
  decrement(nowMs: number): void {
    this.read(nowMs);
    this.#running--;
  }

  /** The average number that ran recently. A time before the last one reads as the last one. */
  read(nowMs: number): number {
    const elapsedMs = nowMs - this.#updatedAtMs;
    if (elapsedMs > 0) {
      this.#updatedAtMs = nowMs;
      const factor = Math.exp(-elapsedMs / this.#decayMs);
      this.#value = this.#value * factor + this.#running * (1 - factor);
    }
    return this.#value;
  }

  /**
   * How long until the value has fallen to `value`, if nothing runs.
   *
   * @returns Milliseconds; 0 when it is there already, `Infinity` for a value of 0.
   */
  timeUntil(nowMs: number, value: number): number {
    const current = this.read(nowMs);
    return current <= value ? 0 : Math.log(current / value) * this.#decayMs;
  }
}
