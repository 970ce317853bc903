/**
 * Bloom filters as peers send them: what a node knows, in few bytes (upstream `utils/bloom`).
 *
 * On the wire a filter is the number of its hashes, their seeds of 8 bytes each, and its bits. A key goes in under a
 * salt, so that keys which are mistaken for each other in one filter are not in the next.
 *
 * @module
 */

import { sha256OfTwo } from "../hashing.ts";
import type { Random } from "../random.ts";
import { BloomError } from "./errors.ts";
import { HASH_ROTATION, MAX_HASHES, MIN_ENTRIES, MIN_HASHES } from "./limits.ts";

const BYTES_PER_SEED = 8;
const UINT32 = 4_294_967_296;
/** Up to here two indexes multiply exactly as numbers; it is four times the bits of the longest message. */
const MAX_EXACT_BITS = 2 ** 26;

/** A filter that holds nothing: one hash, no bit set. */
export const EMPTY_FILTER_BYTES: Uint8Array = Uint8Array.of(MIN_HASHES, ...new Array(BYTES_PER_SEED).fill(0), 0);

/**
 * The first 8 bytes of sha256 of key and salt: where a key's bits are sought from.
 *
 * @returns A uint64.
 */
export function hash(key: Uint8Array, salt: Uint8Array): bigint {
  const digest = sha256OfTwo(key, salt);
  return new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
}

/** A filter that grows. */
export class BloomFilter {
  readonly #seeds: Uint32Array;
  readonly #entries: Uint8Array;
  #count = 0;

  private constructor(seeds: Uint32Array, entries: Uint8Array) {
    this.#seeds = seeds;
    this.#entries = entries;
  }

  /**
   * Makes an empty filter.
   *
   * @param numHashes Bits for each key, 1 to 16.
   * @param numEntries Bytes for all bits, at least 1.
   * @param random Where the seeds are drawn from, 8 bytes for each hash.
   * @throws {BloomError} `too-few-entries`, `too-few-hashes` or `too-many-hashes`.
   *
   * @example
   * ```ts
   * const { numHashes, numEntries } = optimalParameters(128, 0.001);
   * const filter = BloomFilter.create(numHashes, numEntries, systemRandom);
   * ```
   */
  static create(numHashes: number, numEntries: number, random: Random): BloomFilter {
    if (numEntries < MIN_ENTRIES) throw tooFewEntries();
    requireHashes(numHashes);
    return new BloomFilter(readSeeds(random.bytes(numHashes * BYTES_PER_SEED)), new Uint8Array(numEntries));
  }

  get numHashes(): number {
    return this.#seeds.length / 2;
  }

  /** Bytes. */
  get numEntries(): number {
    return this.#entries.length;
  }

  /** How many additions were new to the filter. */
  get count(): number {
    return this.#count;
  }

  /** Puts a key in. `false` when the filter took it for one that it holds. */
  add(key: Uint8Array, salt: Uint8Array): boolean {
    let isNew = false;
    visitBits(this.#seeds, this.#entries.length, key, salt, (byte, bit) => {
      const before = this.#entries[byte] as number;
      isNew ||= (before & bit) === 0;
      this.#entries[byte] = before | bit;
      return true;
    });
    if (isNew) this.#count++;
    return isNew;
  }

  /** Whether a key was put in; now and then `true` for one that was not. */
  contains(key: Uint8Array, salt: Uint8Array): boolean {
    return contains(this.#seeds, this.#entries, key, salt);
  }

  /** The filter as it is sent: a copy. */
  bytes(): Uint8Array {
    return marshal(this.#seeds, this.#entries);
  }
}

/** A filter that a peer sent. */
export class ReadFilter {
  /** Holds nothing: who sends it knows nobody. */
  static readonly EMPTY: ReadFilter = ReadFilter.parse(EMPTY_FILTER_BYTES);

  readonly #seeds: Uint32Array;
  readonly #entries: Uint8Array;

  private constructor(seeds: Uint32Array, entries: Uint8Array) {
    this.#seeds = seeds;
    this.#entries = entries;
  }

  /**
   * Reads a filter.
   *
   * @param bytes Kept, not copied: they must not change while the filter is used.
   * @throws {BloomError}
   */
  static parse(bytes: Uint8Array): ReadFilter {
    const numHashes = bytes[0];
    if (numHashes === undefined) throw new BloomError({ code: "invalid-num-hashes" }, "invalid num hashes");
    requireHashes(numHashes);
    const offset = 1 + numHashes * BYTES_PER_SEED;
    if (bytes.length < offset + MIN_ENTRIES) throw tooFewEntries();
    return new ReadFilter(readSeeds(bytes.subarray(1, offset)), bytes.subarray(offset));
  }

  get numHashes(): number {
    return this.#seeds.length / 2;
  }

  /** Bytes. */
  get numEntries(): number {
    return this.#entries.length;
  }

  /** Whether a key was put in; now and then `true` for one that was not. */
  contains(key: Uint8Array, salt: Uint8Array): boolean {
    return contains(this.#seeds, this.#entries, key, salt);
  }

  /** The filter as it is sent. */
  bytes(): Uint8Array {
    return marshal(this.#seeds, this.#entries);
  }
}

function requireHashes(numHashes: number): void {
  if (numHashes < MIN_HASHES) {
    throw new BloomError({ code: "too-few-hashes", numHashes }, `too few hashes: ${numHashes} < ${MIN_HASHES}`);
  }
  if (numHashes > MAX_HASHES) {
    throw new BloomError({ code: "too-many-hashes", numHashes }, `too many hashes: ${numHashes} > ${MAX_HASHES}`);
  }
}

function tooFewEntries(): BloomError {
  return new BloomError({ code: "too-few-entries" }, "too few entries");
}

/** Seeds as pairs of 32 bits, the higher ones first: 64-bit integers cost ten times as much here. */
function readSeeds(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(i * 4));
}

function marshal(seeds: Uint32Array, entries: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(1 + seeds.length * 4 + entries.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = seeds.length / 2;
  seeds.forEach((half, i) => {
    view.setUint32(1 + i * 4, half);
  });
  bytes.set(entries, 1 + seeds.length * 4);
  return bytes;
}

function contains(seeds: Uint32Array, entries: Uint8Array, key: Uint8Array, salt: Uint8Array): boolean {
  return visitBits(seeds, entries.length, key, salt, (byte, bit) => ((entries[byte] as number) & bit) !== 0);
}

/**
 * Walks the bits that belong to a key, while `visit` says so.
 *
 * 1. The hash is the first 8 bytes of sha256 of key and salt.
 * 2. For each seed it is turned to the left and combined with the seed.
 * 3. What remains of it divided by the number of bits is the bit's index, from the lowest of the first byte.
 *
 * @returns Whether the walk came to its end.
 */
function visitBits(
  seeds: Uint32Array,
  numEntries: number,
  key: Uint8Array,
  salt: Uint8Array,
  visit: (byte: number, bit: number) => boolean,
): boolean {
  const numBits = numEntries * 8;
  const digest = sha256OfTwo(key, salt);
  let high =
    (digest[0] as number) * 0x100_0000 +
    (((digest[1] as number) << 16) | ((digest[2] as number) << 8) | (digest[3] as number));
  let low =
    (digest[4] as number) * 0x100_0000 +
    (((digest[5] as number) << 16) | ((digest[6] as number) << 8) | (digest[7] as number));
  for (let i = 0; i < seeds.length; i += 2) {
    const turnedHigh = (high << HASH_ROTATION) | (low >>> (32 - HASH_ROTATION));
    const turnedLow = (low << HASH_ROTATION) | (high >>> (32 - HASH_ROTATION));
    high = (turnedHigh ^ (seeds[i] as number)) >>> 0;
    low = (turnedLow ^ (seeds[i + 1] as number)) >>> 0;
    const index = remainder(high, low, numBits);
    if (!visit(Math.floor(index / 8), 1 << (index % 8))) return false;
  }
  return true;
}

/** What remains of a 64-bit integer. */
function remainder(high: number, low: number, divisor: number): number {
  if (divisor > MAX_EXACT_BITS) return Number(((BigInt(high) << 32n) | BigInt(low)) % BigInt(divisor));
  return ((high % divisor) * (UINT32 % divisor) + low) % divisor;
}
