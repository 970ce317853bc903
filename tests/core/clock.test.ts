import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { ManualClock, type Timer } from "../../lib/core/clock.ts";

describe("a manual clock", () => {
  test("fires timers in the order of their times, and of their making where those are equal", () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    for (const [name, at] of [
      ["c", 30],
      ["a", 10],
      ["b1", 20],
      ["b2", 20],
      ["b3", 20],
    ] as const) {
      clock.setTimeout(() => fired.push(`${name}@${clock.monotonic()}`), at);
    }
    clock.advance(25);
    expect(fired).toEqual(["a@10", "b1@20", "b2@20", "b3@20"]);
    expect(clock.monotonic()).toBe(25);
    expect(clock.nextTimerAt).toBe(30);
    expect(clock.pendingTimers).toBe(1);
  });

  test("fires what a timer starts, on the same way, also at the same time", () => {
    const clock = new ManualClock();
    const fired: number[] = [];
    clock.setTimeout(() => {
      clock.setTimeout(() => fired.push(clock.monotonic()), 0);
      clock.setTimeout(() => fired.push(clock.monotonic()), 5);
    }, 10);
    clock.advance(20);
    expect(fired).toEqual([10, 15]);
  });

  test("an interval keeps its place among timers of equal times, and ends when it is cancelled", () => {
    const clock = new ManualClock();
    const fired: string[] = [];
    const interval = clock.setInterval(() => fired.push(`interval@${clock.monotonic()}`), 10);
    clock.setTimeout(() => fired.push("timeout"), 20);
    clock.advance(20);
    expect(fired).toEqual(["interval@10", "interval@20", "timeout"]);
    interval.cancel();
    interval.cancel();
    clock.advance(100);
    expect(fired).toHaveLength(3);
    expect(clock.pendingTimers).toBe(0);
  });

  test("an interval that cancels itself does not come again", () => {
    const clock = new ManualClock();
    let fired = 0;
    const interval = clock.setInterval(() => {
      fired++;
      interval.cancel();
    }, 1);
    clock.advance(10);
    expect(fired).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test("cancelling a timer that has fired, or twice, takes no other away", () => {
    const clock = new ManualClock();
    let fired = 0;
    const first = clock.setTimeout(() => fired++, 1);
    clock.advance(1);
    clock.setTimeout(() => fired++, 1);
    first.cancel();
    first[Symbol.dispose]();
    clock.advance(1);
    expect(fired).toBe(2);
  });

  test("runs what waits for promises before the next timer", async () => {
    const clock = new ManualClock();
    const order: string[] = [];
    clock.setTimeout(async () => {
      for (let i = 0; i < 5; i++) await undefined;
      order.push("promise");
      clock.setTimeout(() => order.push("started by a promise"), 1);
    }, 10);
    clock.setTimeout(() => order.push("next timer"), 12);
    await clock.runFor(20);
    expect(order).toEqual(["promise", "started by a promise", "next timer"]);
    expect(clock.monotonic()).toBe(20);
  });

  test("wall time can be set while timers go on", () => {
    const clock = new ManualClock(1_000);
    let fired = false;
    clock.setTimeout(() => {
      fired = true;
    }, 50);
    clock.step(10);
    clock.advance(50);
    expect(fired).toBe(true);
    expect(clock.now()).toBe(60);
    expect(clock.monotonic()).toBe(50);
  });

  test("whatever is started, cancelled and awaited fires as a sorted list would have it", () => {
    const action = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant("timeout" as const), ms: fc.integer({ min: 0, max: 20 }) }) },
      {
        weight: 1,
        arbitrary: fc.record({ do: fc.constant("interval" as const), ms: fc.integer({ min: 1, max: 20 }) }),
      },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("cancel" as const), ms: fc.nat(50) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.integer({ min: 0, max: 15 }) }) },
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const clock = new ManualClock();
        const timers: Timer[] = [];
        const fired: string[] = [];
        let waiting: { id: number; at: number; periodMs: number | undefined }[] = [];
        const expected: string[] = [];
        let now = 0;
        for (const { do: what, ms } of actions) {
          const id = timers.length;
          if (what === "timeout") {
            timers.push(clock.setTimeout(() => fired.push(`${id}@${clock.monotonic()}`), ms));
            waiting.push({ id, at: now + ms, periodMs: undefined });
          } else if (what === "interval") {
            timers.push(clock.setInterval(() => fired.push(`${id}@${clock.monotonic()}`), ms));
            waiting.push({ id, at: now + ms, periodMs: ms });
          } else if (what === "cancel") {
            timers[ms]?.cancel();
            waiting = waiting.filter((timer) => timer.id !== ms);
          } else {
            clock.advance(ms);
            for (;;) {
              const [next] = waiting.toSorted((a, b) => a.at - b.at || a.id - b.id);
              if (next === undefined || next.at > now + ms) break;
              expected.push(`${next.id}@${next.at}`);
              if (next.periodMs === undefined) waiting = waiting.filter((timer) => timer !== next);
              else next.at += next.periodMs;
            }
            now += ms;
          }
          expect(clock.pendingTimers).toBe(waiting.length);
        }
        expect(fired).toEqual(expected);
      }),
    );
  });
});
