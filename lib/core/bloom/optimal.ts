/**
 * How large a bloom filter must be, and how much it can take (upstream `utils/bloom/optimal.go`).
 *
 * Upstream's answers are 64-bit integers, and where there is no sensible answer it is the largest of them. Here they
 * are numbers, and that one is {@link MAX_INT}.
 *
 * @module
 */

import { MAX_HASHES, MIN_ENTRIES, MIN_HASHES } from "./limits.ts";

/** Go's `math.MaxInt`, 2^63 - 1, as near as a number comes to it. */
export const MAX_INT = 2 ** 63;

const BITS_PER_BYTE = 8;
/** ln(2)², rounded once: the square of the rounded logarithm is another number. */
const LN2_SQUARED = 0.4804530139182014;

/** The size of a filter. */
export interface BloomParameters {
  /** Bits that are set for each addition. */
  readonly numHashes: number;
  /** Bytes of the filter. */
  readonly numEntries: number;
}

/**
 * The smallest filter that holds `count` keys and mistakes another for one of them with this probability.
 *
 * @param falsePositiveProbability From 0 to 1.
 */
export function optimalParameters(count: number, falsePositiveProbability: number): BloomParameters {
  const numEntries = optimalEntries(count, falsePositiveProbability);
  return { numHashes: optimalHashes(numEntries, count), numEntries };
}

/** The number of hashes that serves a filter of `numEntries` bytes best once it holds `count` keys: 1 to 16. */
export function optimalHashes(numEntries: number, count: number): number {
  if (numEntries < MIN_ENTRIES) return MIN_HASHES;
  if (count <= 0) return MAX_HASHES;
  const numHashes = Math.ceil((numEntries * BITS_PER_BYTE * Math.LN2) / count);
  return Math.min(Math.max(numHashes, MIN_HASHES), MAX_HASHES);
}

/** Bytes that a filter takes for `count` keys at this probability, with the best number of hashes. */
export function optimalEntries(count: number, falsePositiveProbability: number): number {
  if (count <= 0 || falsePositiveProbability >= 1) return MIN_ENTRIES;
  if (falsePositiveProbability <= 0) return MAX_INT;
  const bits = (-count * Math.log(falsePositiveProbability)) / LN2_SQUARED;
  const entries = Math.trunc((bits + BITS_PER_BYTE - 1) / BITS_PER_BYTE);
  return Math.min(Math.max(entries, MIN_ENTRIES), MAX_INT);
}

/**
 * About how many keys a filter holds when it begins to mistake others for them with this probability.
 *
 * @param falsePositiveProbability From 0 to 1.
 */
export function estimateCount(numHashes: number, numEntries: number, falsePositiveProbability: number): number {
  if (numHashes < MIN_HASHES || numEntries < MIN_ENTRIES || falsePositiveProbability <= 0) return 0;
  if (falsePositiveProbability >= 1) return MAX_INT;
  const perHash = 1 / numHashes;
  const numBits = numEntries * BITS_PER_BYTE;
  const unset = 1 - falsePositiveProbability ** perHash;
  return Math.min(Math.ceil(-Math.log(unset) * numBits * perHash), MAX_INT);
}
