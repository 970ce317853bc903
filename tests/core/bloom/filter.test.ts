import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { BloomFilter, hash, ReadFilter } from "../../../lib/core/bloom/filter.ts";
import { estimateCount, optimalParameters } from "../../../lib/core/bloom/optimal.ts";
import { seededRandom } from "../../../lib/core/random.ts";

const key = fc.uint8Array({ maxLength: 40 });

/** Where a key's bits are, by 64-bit integers. */
function bitsByBigInts(filter: BloomFilter, numHashes: number, numBits: bigint, key: Uint8Array, salt: Uint8Array) {
  const seeds = new DataView(filter.bytes().buffer);
  let value = hash(key, salt);
  return Array.from({ length: numHashes }, (_, i) => {
    const turned = BigInt.asUintN(64, (value << 17n) | (value >> 47n));
    value = turned ^ seeds.getBigUint64(1 + i * 8);
    return Number(value % numBits);
  });
}

describe("a filter", () => {
  test("never forgets a key", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 16 }),
        fc.integer({ min: 1, max: 300 }),
        fc.array(key, { maxLength: 50 }),
        key,
        fc.integer(),
        (numHashes, numEntries, keys, salt, seed) => {
          const filter = BloomFilter.create(numHashes, numEntries, seededRandom(seed));
          let added = 0;
          for (const key of keys) if (filter.add(key, salt)) added++;
          expect(filter.count).toBe(added);
          const sent = ReadFilter.parse(filter.bytes());
          for (const key of keys) {
            expect(filter.contains(key, salt)).toBe(true);
            expect(sent.contains(key, salt)).toBe(true);
            expect(filter.add(key, salt)).toBe(false);
          }
          expect(sent.bytes()).toEqual(filter.bytes());
        },
      ),
    );
  });

  test("sets the bits that 64-bit integers give, in small filters and in huge ones", () => {
    const numHashes = 16;
    for (const numEntries of [1, 7, 230, 65_537, 2 ** 23, 2 ** 23 + 1]) {
      const filter = BloomFilter.create(numHashes, numEntries, seededRandom(numEntries));
      const salt = Uint8Array.of(numEntries & 0xff);
      const expected = bitsByBigInts(filter, numHashes, BigInt(numEntries) * 8n, Uint8Array.of(1, 2), salt);
      filter.add(Uint8Array.of(1, 2), salt);
      const entries = filter.bytes().subarray(1 + numHashes * 8);
      for (const bit of expected) expect((entries[bit >> 3] as number) & (1 << (bit & 7)), `${numEntries}`).not.toBe(0);
      const set = entries.reduce((sum, byte) => sum + byte.toString(2).replaceAll("0", "").length, 0);
      expect(set).toBe(new Set(expected).size);
    }
  });

  test("of the best size is wrong about as often as was asked", () => {
    const count = 2_000;
    const probability = 0.01;
    const { numHashes, numEntries } = optimalParameters(count, probability);
    const filter = BloomFilter.create(numHashes, numEntries, seededRandom(5));
    const salt = new Uint8Array(32);
    const numbered = (i: number) => new Uint8Array(new Uint32Array([i]).buffer);
    for (let i = 0; i < count; i++) filter.add(numbered(i), salt);
    let wrong = 0;
    const probes = 20_000;
    for (let i = count; i < count + probes; i++) if (filter.contains(numbered(i), salt)) wrong++;
    expect(wrong / probes).toBeGreaterThan(probability / 2);
    expect(wrong / probes).toBeLessThan(probability * 2);
    expect(estimateCount(numHashes, numEntries, probability)).toBeCloseTo(count, -2);
  });

  test("is wrong about other keys under another salt", () => {
    const filter = BloomFilter.create(1, 1, seededRandom(1));
    filter.add(Uint8Array.of(1), Uint8Array.of(1));
    const mistaken = (salt: number) =>
      Array.from({ length: 64 }, (_, i) => filter.contains(Uint8Array.of(i), Uint8Array.of(salt)));
    expect(mistaken(1)).not.toEqual(mistaken(2));
  });

  test("that is sent is a copy", () => {
    const filter = BloomFilter.create(1, 4, seededRandom(1));
    filter.bytes().fill(0xff);
    expect(filter.contains(Uint8Array.of(1), Uint8Array.of())).toBe(false);
  });
});
