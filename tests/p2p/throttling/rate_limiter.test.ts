import { describe, expect, test } from "bun:test";
import { RateLimiter, REFUSED } from "../../../lib/p2p/throttling/rate_limiter.ts";

const SECOND = 1_000_000_000;

describe("RateLimiter", () => {
  test("begins full, is overdrawn, and fills up no further than its burst", () => {
    const limiter = new RateLimiter(10, 20);
    expect(limiter.reserve(20, 0)).toBe(0);
    expect(limiter.reserve(5, 0)).toBe(SECOND / 2);
    expect(limiter.reserve(20, 100 * SECOND)).toBe(0);
    expect(limiter.reserve(1, 100 * SECOND)).toBe(SECOND / 10);
  });

  test("refuses more than its burst, and waits longer than the caller takes, without taking anything", () => {
    const limiter = new RateLimiter(10, 20);
    expect(limiter.reserve(21, 0)).toBe(REFUSED);
    expect(limiter.reserve(20, 0)).toBe(0);
    expect(limiter.reserve(1, 0, SECOND / 10 - 1)).toBe(REFUSED);
    expect(limiter.reserve(1, 0, SECOND / 10)).toBe(SECOND / 10);
  });

  test("a cancelled reservation comes back, less what was reserved after it", () => {
    const limiter = new RateLimiter(10, 10);
    limiter.reserve(10, 0);
    const first = limiter.reserve(10, 0);
    expect(first).toBe(SECOND);
    expect(limiter.reserve(5, 0)).toBe(1.5 * SECOND);
    limiter.cancel(10, first, 0);
    // Of the ten tokens five stay with the later reservation.
    expect(limiter.reserve(5, 0)).toBe(1.5 * SECOND);
  });

  test("a reservation whose time has come is not given back", () => {
    const limiter = new RateLimiter(10, 10);
    limiter.reserve(10, 0);
    const wait = limiter.reserve(10, 0);
    limiter.cancel(10, wait, 2 * SECOND);
    expect(limiter.reserve(10, 2 * SECOND)).toBe(0);
    expect(limiter.reserve(1, 2 * SECOND)).toBe(SECOND / 10);
  });

  test("with no rate only the burst is ever there", () => {
    const limiter = new RateLimiter(0, 3);
    expect(limiter.reserve(3, 0)).toBe(0);
    const wait = limiter.reserve(2, 1_000 * SECOND);
    expect(wait).toBe(Number.POSITIVE_INFINITY);
    limiter.cancel(2, wait, 1_000 * SECOND);
    expect(limiter.reserve(0, 1_000 * SECOND)).toBe(0);
  });

  test("time that goes back gives nothing", () => {
    const limiter = new RateLimiter(10, 10);
    limiter.reserve(10, SECOND);
    expect(limiter.reserve(1, 0)).toBe(SECOND / 10);
  });
});
