/**
 * How many messages of chains that run here came to nothing: plain numbers, and the share as an average that forgets.
 *
 * @module
 */

/** Counts, for whoever routes or handles a message to raise. */
export interface MessageTally {
  /** Messages for chains that run here, those that were dropped included. */
  routed: number;
  /** Those that no engine saw: it was busy, or nobody waited for the answer any more. */
  dropped: number;
}

/** The share of messages that were dropped lately. */
export class DropRate {
  readonly #tally: MessageTally;
  readonly #decayMs: number;
  #seenRouted = 0;
  #seenDropped = 0;
  #routed = 0;
  #dropped = 0;
  #lastReadMs: number;

  /**
   * @param halflifeMs After this many milliseconds a message counts half.
   * @param nowMs Of any clock that the readings share.
   */
  constructor(tally: MessageTally, halflifeMs: number, nowMs: number) {
    this.#tally = tally;
    this.#decayMs = halflifeMs / Math.LN2;
    this.#lastReadMs = nowMs;
  }

  /** From 0 to 1. What happened since the last reading counts as having happened now. */
  read(nowMs: number): number {
    const kept = Math.exp(-Math.max(0, nowMs - this.#lastReadMs) / this.#decayMs);
    this.#lastReadMs = nowMs;
    this.#routed = kept * this.#routed + (this.#tally.routed - this.#seenRouted);
    this.#dropped = kept * this.#dropped + (this.#tally.dropped - this.#seenDropped);
    this.#seenRouted = this.#tally.routed;
    this.#seenDropped = this.#tally.dropped;
    return this.#routed === 0 ? 0 : Math.min(1, this.#dropped / this.#routed);
  }
}
