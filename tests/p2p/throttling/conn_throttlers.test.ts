import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { DialThrottler } from "../../../lib/p2p/throttling/dial_throttler.ts";
import { ThrottlingError } from "../../../lib/p2p/throttling/errors.ts";
import { InboundConnThrottler } from "../../../lib/p2p/throttling/inbound_conn_throttler.ts";
import {
  CooldownInboundConnUpgradeThrottler,
  maxRecentConnsUpgraded,
} from "../../../lib/p2p/throttling/inbound_conn_upgrade_throttler.ts";

/** Lets promises that are settled be noticed. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}

/** Counts how many of some promises have come, and keeps what the others threw. */
function watch(promises: readonly Promise<void>[]) {
  const seen = { done: 0, errors: [] as unknown[] };
  for (const promise of promises) {
    promise.then(
      () => seen.done++,
      (error) => seen.errors.push(error),
    );
  }
  return seen;
}

describe("DialThrottler", () => {
  test("so many dials begin at once, and so many in each second after", async () => {
    const clock = new ManualClock();
    const throttler = new DialThrottler({ clock }, { throttleRps: 5 });
    const seen = watch(Array.from({ length: 12 }, () => throttler.acquire()));
    await settle();
    expect(seen.done).toBe(5);
    clock.advance(1_000);
    await settle();
    expect(seen.done).toBe(10);
    clock.advance(1_000);
    await settle();
    expect(seen.done).toBe(12);
    expect(throttler.waiting).toBe(0);
  });

  test("an aborted wait gives its turn back and leaves nothing behind", async () => {
    const clock = new ManualClock();
    const throttler = new DialThrottler({ clock }, { throttleRps: 1 });
    await throttler.acquire();
    const abort = new AbortController();
    const aborted = watch([throttler.acquire(abort.signal)]);
    await settle();
    expect(throttler.waiting).toBe(1);
    abort.abort(new Error("closing"));
    await settle();
    expect(aborted.errors).toEqual([new Error("closing")]);
    expect(clock.pendingTimers).toBe(0);
    const next = watch([throttler.acquire()]);
    clock.advance(1_000);
    await settle();
    expect(next.done).toBe(1);
    expect(throttler.acquire(abort.signal)).rejects.toThrow("closing");
  });

  test("with 0 dials are not limited", async () => {
    const throttler = new DialThrottler({ clock: new ManualClock() }, { throttleRps: 0 });
    for (let i = 0; i < 1_000; i++) await throttler.acquire();
  });
});

describe("InboundConnThrottler", () => {
  test("one more than the rate passes at once, the rest in turn", async () => {
    const clock = new ManualClock();
    const throttler = new InboundConnThrottler({ clock }, { maxConnsPerSec: 4 });
    const seen = watch(Array.from({ length: 9 }, () => throttler.acquire()));
    await settle();
    expect(seen.done).toBe(5);
    clock.advance(250);
    await settle();
    expect(seen.done).toBe(6);
    clock.advance(750);
    await settle();
    expect(seen.done).toBe(9);
  });

  test("no more wait than may, and the one too many is told so", async () => {
    const clock = new ManualClock();
    const throttler = new InboundConnThrottler({ clock }, { maxConnsPerSec: 0, maxWaiting: 2 });
    const abort = new AbortController();
    const seen = watch(Array.from({ length: 4 }, () => throttler.acquire(abort.signal)));
    await settle();
    expect(seen.done).toBe(1);
    expect(throttler.waiting).toBe(2);
    expect((seen.errors[0] as ThrottlingError).type).toEqual({ code: "too-many-waiting", waiting: 2 });
    expect(seen.errors[0]).toBeInstanceOf(ThrottlingError);
    expect(clock.pendingTimers).toBe(0);
    abort.abort();
    await settle();
    expect(throttler.waiting).toBe(0);
    expect(seen.errors.length).toBe(3);
  });

  test("tryAcquire takes a turn or says no", () => {
    const clock = new ManualClock();
    const throttler = new InboundConnThrottler({ clock }, { maxConnsPerSec: 1 });
    expect([throttler.tryAcquire(), throttler.tryAcquire(), throttler.tryAcquire()]).toEqual([true, true, false]);
    clock.advance(1_000);
    expect([throttler.tryAcquire(), throttler.tryAcquire()]).toEqual([true, false]);
  });
});

describe("CooldownInboundConnUpgradeThrottler", () => {
  test("a thousand connections from one IP get one handshake per cool-down", () => {
    const clock = new ManualClock();
    const throttler = new CooldownInboundConnUpgradeThrottler({ clock });
    const upgraded = () => Array.from({ length: 1_000 }, () => throttler.shouldUpgrade("1.2.3.4")).filter(Boolean);
    expect(upgraded().length).toBe(1);
    clock.advance(9_999);
    expect(upgraded().length).toBe(0);
    clock.advance(1);
    expect(upgraded().length).toBe(1);
  });

  test("wall time that is set back does not prolong a cool-down", () => {
    const clock = new ManualClock(1_000_000);
    const throttler = new CooldownInboundConnUpgradeThrottler({ clock });
    throttler.shouldUpgrade("1.2.3.4");
    clock.step(0);
    clock.advance(10_000);
    expect(throttler.shouldUpgrade("1.2.3.4")).toBe(true);
  });

  test("as many IPs are remembered as can be accepted in a cool-down", () => {
    expect(maxRecentConnsUpgraded(256, 10_000)).toBe(2_560);
    expect(maxRecentConnsUpgraded(0.5, 1_000)).toBe(1);
    const throttler = new CooldownInboundConnUpgradeThrottler({ clock: new ManualClock() });
    let upgraded = 0;
    for (let i = 0; i < 5_000; i++) if (throttler.shouldUpgrade(`10.0.${i >> 8}.${i & 255}`)) upgraded++;
    expect(upgraded).toBe(2_561);
  });
});
