import { describe, expect, test } from "bun:test";
import { Meter } from "../../../../lib/p2p/throttling/tracker/meter.ts";

describe("Meter", () => {
  test("comes half way up in a half-life and half way down in another", () => {
    const meter = new Meter(1_000);
    meter.increment(0);
    expect(meter.read(1_000)).toBeCloseTo(0.5, 12);
    meter.decrement(1_000);
    expect(meter.read(2_000)).toBeCloseTo(0.25, 12);
  });

  test("how often it is read changes nothing", () => {
    const often = new Meter(1_000);
    often.increment(0);
    for (let ms = 1; ms <= 1_500; ms++) often.read(ms);
    expect(often.read(1_500)).toBeCloseTo(1 - 2 ** -1.5, 12);
  });

  test("counts how many run", () => {
    const meter = new Meter(1_000);
    meter.increment(0);
    meter.increment(0);
    expect(meter.running).toBe(2);
    expect(meter.read(1_000)).toBeCloseTo(1, 12);
  });

  test("tells when it will have fallen to a value", () => {
    const meter = new Meter(1_000);
    meter.increment(0);
    meter.decrement(1_000);
    expect(meter.timeUntil(1_000, 0.125)).toBeCloseTo(2_000, 9);
    expect(meter.timeUntil(1_000, 0.5)).toBe(0);
    expect(meter.timeUntil(1_000, 0.6)).toBe(0);
    expect(meter.timeUntil(1_000, 0)).toBe(Number.POSITIVE_INFINITY);
  });

  test("a time before the last one reads as the last one", () => {
    const meter = new Meter(1_000);
    meter.increment(0);
    const value = meter.read(1_000);
    expect(meter.read(500)).toBe(value);
  });
});
