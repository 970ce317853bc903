import { expect, test } from "bun:test";
import { BytesCache } from "../../lib/core/bytes_cache.ts";

test("the same bytes have the same value, wherever they lie, and others have their own", () => {
  const cache = new BytesCache<{ readonly made: number }>(10);
  let made = 0;
  const make = () => ({ made: made++ });
  const first = cache.getOrAdd(Uint8Array.of(0, 255, 128), make);
  const within = Uint8Array.of(7, 0, 255, 128, 7).subarray(1, 4);
  expect(cache.getOrAdd(within, make)).toBe(first);
  expect(cache.get(Buffer.from(within))).toBe(first);
  for (const other of [[], [0], [0, 255], [0, 255, 129], [0, 255, 128, 0]]) {
    expect(cache.get(Uint8Array.from(other))).toBeUndefined();
    expect(cache.getOrAdd(Uint8Array.from(other), make)).not.toBe(first);
  }
});

test("no more than the limit is held, and the oldest gives way", () => {
  const cache = new BytesCache<number>(2);
  for (let i = 0; i < 3; i++) expect(cache.getOrAdd(Uint8Array.of(i), () => i)).toBe(i);
  expect([0, 1, 2].map((i) => cache.get(Uint8Array.of(i)))).toEqual([undefined, 1, 2]);
});

test("what cannot be made is not held", () => {
  const cache = new BytesCache<number>(2);
  const fail = () => {
    throw new Error("no value");
  };
  expect(() => cache.getOrAdd(Uint8Array.of(1), fail)).toThrow("no value");
  expect(cache.getOrAdd(Uint8Array.of(1), () => undefined)).toBeUndefined();
  expect(cache.getOrAdd(Uint8Array.of(1), () => 1)).toBe(1);
});
