/**
 * Chance as something that is handed in, so that a run can be repeated from one seed.
 *
 * Keys never come from here: what must be secret is drawn from the runtime's cryptographic source where it is made.
 *
 * @module
 */

import { randomBytes } from "node:crypto";

/** Where chance comes from. */
export interface Random {
  /** A number from 0 up to, not including, 1. */
  float(): number;
  /** `length` bytes. */
  bytes(length: number): Uint8Array;
}

/** The runtime's own chance; its bytes are cryptographically strong. */
export const systemRandom: Random = {
  float: () => Math.random(),
  bytes: (length) => new Uint8Array(randomBytes(length)),
};

/**
 * A repeatable source: the same seed gives the same sequence (mulberry32). For tests and simulations only.
 *
 * @param seed A 32-bit whole number.
 *
 * @example
 * ```ts
 * seededRandom(7).float() === seededRandom(7).float(); // true
 * ```
 */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const uint32 = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  };
  return {
    float: () => uint32() / 2 ** 32,
    bytes: (length) => Uint8Array.from({ length }, () => uint32() >>> 24),
  };
}

/** A whole number from 0 up to, not including, `below`. */
export function randomInt(random: Random, below: number): number {
  return Math.floor(random.float() * below);
}

/**
 * Visits the items in random order, each once, without shuffling more than is asked for.
 *
 * @example
 * ```ts
 * const [first] = shuffled(systemRandom, peers);
 * ```
 */
export function* shuffled<T>(random: Random, items: readonly T[]): Generator<T, void, undefined> {
  const rest = items.slice();
  for (let i = 0; i < rest.length; i++) {
    const j = i + randomInt(random, rest.length - i);
    const picked = rest[j] as T;
    rest[j] = rest[i] as T;
    rest[i] = picked;
    yield picked;
  }
}
