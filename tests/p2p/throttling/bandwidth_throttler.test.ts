import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { BandwidthThrottler } from "../../../lib/p2p/throttling/bandwidth_throttler.ts";
import { node, TestRequest } from "../../support/throttling.ts";

function bandwidth() {
  const clock = new ManualClock();
  const throttler = new BandwidthThrottler({ clock }, { refillRate: 100, maxBurstSize: 200 });
  throttler.addNode(node("a"));
  const ask = (name: string, size: number) => {
    const asked = { granted: false, room: 0, request: undefined as unknown as TestRequest };
    asked.request = new TestRequest(name, size, () => asked.room++, clock.monotonic());
    asked.granted = throttler.acquire(asked.request);
    return asked;
  };
  return { clock, throttler, ask };
}

describe("BandwidthThrottler", () => {
  test("a burst passes at once and what follows waits for its bytes", () => {
    const { clock, ask } = bandwidth();
    expect(ask("a", 200).granted).toBe(true);
    const next = ask("a", 50);
    expect(next.granted).toBe(false);
    clock.advance(499);
    expect(next.room).toBe(0);
    clock.advance(1);
    expect(next.room).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test("a cancelled wait gives its bytes back and is never told", () => {
    const { clock, throttler, ask } = bandwidth();
    ask("a", 200);
    const cancelled = ask("a", 100);
    throttler.cancel(cancelled.request);
    throttler.cancel(cancelled.request);
    const next = ask("a", 50);
    clock.advance(500);
    expect(next.room).toBe(1);
    clock.advance(10_000);
    expect(cancelled.room).toBe(0);
  });

  test("a node that was not added and a message over the burst are not throttled", () => {
    const { ask } = bandwidth();
    expect(ask("stranger", 1_000).granted).toBe(true);
    expect(ask("a", 201).granted).toBe(true);
    expect(ask("a", 200).granted).toBe(true);
  });

  test("a node that comes back begins with a full burst; adding it twice changes nothing", () => {
    const { throttler, ask } = bandwidth();
    ask("a", 200);
    throttler.addNode(node("a"));
    expect(ask("a", 1).granted).toBe(false);
    throttler.removeNode(node("a"));
    throttler.removeNode(node("a"));
    throttler.addNode(node("a"));
    expect(ask("a", 200).granted).toBe(true);
  });

  test("where no bandwidth comes back a wait holds no timer and can be cancelled", () => {
    const clock = new ManualClock();
    const throttler = new BandwidthThrottler({ clock }, { refillRate: 0, maxBurstSize: 1 });
    throttler.addNode(node("a"));
    expect(throttler.acquire(new TestRequest("a", 1))).toBe(true);
    const request = new TestRequest("a", 1);
    expect(throttler.acquire(request)).toBe(false);
    expect(clock.pendingTimers).toBe(0);
    throttler.cancel(request);
  });
});
