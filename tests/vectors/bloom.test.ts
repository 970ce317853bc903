/** Bloom filters against facts recorded from avalanchego: `utils/bloom`. */

import { describe, expect, test } from "bun:test";
import { BloomFilter, EMPTY_FILTER_BYTES, hash, ReadFilter } from "../../lib/core/bloom/filter.ts";
import { HASH_ROTATION, MAX_HASHES, MIN_ENTRIES, MIN_HASHES } from "../../lib/core/bloom/limits.ts";
import { estimateCount, optimalEntries, optimalHashes, optimalParameters } from "../../lib/core/bloom/optimal.ts";
import { toHex } from "../../lib/core/bytes.ts";
import { type Random, systemRandom } from "../../lib/core/random.ts";
import { loadVectors } from "../support/vectors.ts";
import { bytesOf, outcome, type Verdict } from "../support/verdict.ts";

interface BloomVectors {
  readonly constants: {
    readonly hashRotation: number;
    readonly maxHashes: number;
    readonly minEntries: number;
    readonly minHashes: number;
  };
  readonly hash: readonly { readonly key: string; readonly salt: string; hash: string; hashHex: string }[];
  readonly optimalParameters: readonly {
    readonly count: number | string;
    readonly falsePositiveProbability: number;
    readonly numHashes: number;
    readonly numEntries: number | string;
  }[];
  readonly optimalHashes: readonly {
    readonly numEntries: number | string;
    readonly count: number | string;
    readonly numHashes: number;
  }[];
  readonly estimateCount: readonly {
    readonly numHashes: number;
    readonly numEntries: number;
    readonly falsePositiveProbability: number;
    readonly count: string;
  }[];
  readonly filters: readonly {
    readonly kind: string;
    readonly numHashes: number;
    readonly numEntries: number;
    readonly hashSeeds: readonly string[];
    readonly salt: string;
    readonly emptyBytes: string;
    readonly adds: readonly { readonly key: string; readonly added: boolean }[];
    readonly count: number;
    readonly bytes: string;
    readonly probes: readonly { readonly key: string; readonly contains: boolean }[];
  }[];
  readonly parse: readonly (Verdict & {
    readonly kind: string;
    readonly bytes: string;
    readonly numHashes?: number;
    readonly numEntries?: number;
    readonly containsKey_6b6579_noSalt?: boolean;
    readonly remarshalEqual?: boolean;
  })[];
  readonly new: readonly (Verdict & { readonly numHashes: number; readonly numEntries: number })[];
}

const vectors = loadVectors<BloomVectors>("bloom");

const NO_SALT = new Uint8Array(0);

/** Chance that gives these seeds. */
function seeds(values: readonly string[]): Random {
  const bytes = bytesOf(values.map((value) => BigInt(value).toString(16).padStart(16, "0")).join(""));
  return { ...systemRandom, bytes: () => bytes };
}

test("constants", () => {
  expect({
    hashRotation: HASH_ROTATION,
    maxHashes: MAX_HASHES,
    minEntries: MIN_ENTRIES,
    minHashes: MIN_HASHES,
  }).toEqual(vectors.constants);
});

test("the empty filter is upstream's", () => {
  expect(toHex(EMPTY_FILTER_BYTES)).toBe("01000000000000000000");
});

describe("hash", () => {
  test.each(vectors.hash.map((entry) => [`${entry.key}, ${entry.salt}`, entry] as const))("%s", (_, entry) => {
    const value = hash(bytesOf(entry.key), bytesOf(entry.salt));
    expect(value.toString()).toBe(entry.hash);
    expect(value.toString(16).padStart(16, "0")).toBe(entry.hashHex);
  });
});

// Integers may pass 2^53; as numbers they are what Go's conversions to and from float64 make of them.
test.each(vectors.optimalParameters.map((entry) => [entry.count, entry.falsePositiveProbability, entry] as const))(
  "optimalParameters of %s at %s",
  (count, probability, entry) => {
    const expected = { numHashes: entry.numHashes, numEntries: Number(entry.numEntries) };
    expect(optimalParameters(Number(count), probability)).toEqual(expected);
    expect(optimalEntries(Number(count), probability)).toBe(expected.numEntries);
  },
);

test.each(vectors.optimalHashes.map((entry) => [entry.numEntries, entry.count, entry] as const))(
  "optimalHashes of %s bytes for %s",
  (numEntries, count, entry) => {
    expect(optimalHashes(Number(numEntries), Number(count))).toBe(entry.numHashes);
  },
);

test.each(
  vectors.estimateCount.map(
    (entry) => [entry.numHashes, entry.numEntries, entry.falsePositiveProbability, entry] as const,
  ),
)("estimateCount of %s hashes, %s bytes, %s", (numHashes, numEntries, probability, entry) => {
  expect(estimateCount(numHashes, Number(numEntries), probability)).toBe(Number(entry.count));
});

describe("filters", () => {
  test.each(vectors.filters.map((entry) => [entry.kind, entry] as const))("%s", (_, entry) => {
    const salt = bytesOf(entry.salt);
    const filter = BloomFilter.create(entry.numHashes, entry.numEntries, seeds(entry.hashSeeds));
    expect(filter.numHashes).toBe(entry.numHashes);
    expect(filter.numEntries).toBe(entry.numEntries);
    expect(toHex(filter.bytes())).toBe(entry.emptyBytes);
    for (const [i, { key, added }] of entry.adds.entries()) {
      expect(filter.add(bytesOf(key), salt), `add ${i}: ${key}`).toBe(added);
    }
    expect(filter.count).toBe(entry.count);
    expect(toHex(filter.bytes())).toBe(entry.bytes);

    const read = ReadFilter.parse(bytesOf(entry.bytes));
    expect(toHex(read.bytes())).toBe(entry.bytes);
    for (const [i, { key, contains }] of entry.probes.entries()) {
      expect(filter.contains(bytesOf(key), salt), `probe ${i}: ${key}`).toBe(contains);
      expect(read.contains(bytesOf(key), salt), `probe ${i} of what was sent: ${key}`).toBe(contains);
    }
  });
});

describe("parse", () => {
  test.each(vectors.parse.map((entry, i) => [`${i}: ${entry.kind}`, entry] as const))("%s", (_, entry) => {
    const bytes = bytesOf(entry.bytes);
    const result = outcome(() => {
      const filter = ReadFilter.parse(bytes);
      return {
        numHashes: filter.numHashes,
        numEntries: filter.numEntries,
        contains: filter.contains(new TextEncoder().encode("key"), NO_SALT),
        remarshalEqual: toHex(filter.bytes()) === entry.bytes,
      };
    });
    expect(result).toEqual(
      entry.ok
        ? {
            ok: true,
            value: {
              numHashes: entry.numHashes as number,
              numEntries: entry.numEntries as number,
              contains: entry.containsKey_6b6579_noSalt as boolean,
              remarshalEqual: entry.remarshalEqual as boolean,
            },
          }
        : { ok: false, error: entry.error },
    );
  });
});

describe("new", () => {
  test.each(vectors.new.map((entry) => [`${entry.numHashes} hashes, ${entry.numEntries} bytes`, entry] as const))(
    "%s",
    (_, entry) => {
      const result = outcome(() => BloomFilter.create(entry.numHashes, entry.numEntries, systemRandom).count);
      expect(result).toEqual(entry.ok ? { ok: true, value: 0 } : { ok: false, error: entry.error });
    },
  );
});
