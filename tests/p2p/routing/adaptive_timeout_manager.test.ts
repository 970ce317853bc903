import { expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { RoutingError } from "../../../lib/p2p/routing/errors.ts";
import {
  AdaptiveTimeoutManager,
  type AdaptiveTimeoutOptions,
  PendingTimeout,
} from "../../../lib/p2p/routing/timeout/adaptive_timeout_manager.ts";

class Waiting extends PendingTimeout {
  readonly measureLatency: boolean;
  readonly #passed: () => void;

  constructor(passed: () => void = () => {}, measureLatency = true) {
    super();
    this.measureLatency = measureLatency;
    this.#passed = passed;
  }

  onTimeout(): void {
    this.#passed();
  }
}

const OPTIONS = {
  initialTimeoutMs: 1_000,
  minimumTimeoutMs: 500,
  maximumTimeoutMs: 4_000,
  timeoutCoefficient: 2,
  timeoutHalflifeMs: 10_000,
};

function manager(options: AdaptiveTimeoutOptions = OPTIONS) {
  const clock = new ManualClock();
  return { clock, timeouts: new AdaptiveTimeoutManager({ clock }, options) };
}

test("a deadline passes once, in its turn, and not before its time", () => {
  const { clock, timeouts } = manager();
  const passed: string[] = [];
  timeouts.put(new Waiting(() => passed.push("first")));
  clock.advance(400);
  timeouts.put(new Waiting(() => passed.push("second")));
  clock.advance(599);
  expect(passed).toEqual([]);
  clock.advance(1);
  expect(passed).toEqual(["first"]);
  clock.advance(10_000);
  expect(passed).toEqual(["first", "second"]);
  expect(timeouts.timeouts).toBe(2);
  expect(timeouts.pendingTimeouts).toBe(0);
});

test("what was done in time has no deadline any more", () => {
  const { clock, timeouts } = manager();
  let passed = 0;
  const waiting = new Waiting(() => passed++);
  timeouts.put(waiting);
  clock.advance(999);
  timeouts.remove(waiting);
  timeouts.remove(waiting);
  clock.advance(60_000);
  expect(passed).toBe(0);
});

test("quick answers shorten the time-out down to its minimum, and slow ones lengthen it up to its maximum", () => {
  const { clock, timeouts } = manager();
  const answerAfter = (ms: number) => {
    const waiting = new Waiting();
    timeouts.put(waiting);
    clock.advance(ms);
    timeouts.remove(waiting);
  };
  answerAfter(100);
  // The average of the initial time-out, which weighs as one observation, and 100 ms; twice that is the time-out.
  const kept = Math.exp(-100 / (10_000 / Math.LN2));
  expect(timeouts.averageLatencyMs).toBeCloseTo((100 + kept * 1_000) / (1 + kept), 9);
  expect(timeouts.timeoutDurationMs).toBeCloseTo(2 * timeouts.averageLatencyMs, 9);
  for (let i = 0; i < 200; i++) answerAfter(10);
  expect(timeouts.timeoutDurationMs).toBe(500);
  for (let i = 0; i < 200; i++) timeouts.observeLatency(60_000);
  expect(timeouts.timeoutDurationMs).toBe(4_000);
});

test("a deadline that passes counts as an answer that took so long; what is not measured does not count", () => {
  const { clock, timeouts } = manager({ ...OPTIONS, initialTimeoutMs: 600 });
  timeouts.put(new Waiting(() => {}, false));
  clock.advance(600);
  expect(timeouts.timeoutDurationMs).toBe(600);
  timeouts.put(new Waiting());
  clock.advance(600);
  expect(timeouts.timeoutDurationMs).toBeCloseTo(1_200, 6);
});

test("what is put again waits from then on", () => {
  const { clock, timeouts } = manager();
  let passed = 0;
  const waiting = new Waiting(() => passed++, false);
  timeouts.put(waiting);
  clock.advance(900);
  timeouts.put(waiting);
  clock.advance(900);
  expect(passed).toBe(0);
  clock.advance(100);
  expect(passed).toBe(1);
});

test("one timer serves many deadlines, and none is left when all is stopped", () => {
  const { clock, timeouts } = manager();
  for (let i = 0; i < 1_000; i++) timeouts.put(new Waiting());
  expect(clock.pendingTimers).toBe(1);
  timeouts[Symbol.dispose]();
  expect(clock.pendingTimers).toBe(0);
  let passed = 0;
  timeouts.put(new Waiting(() => passed++));
  clock.advance(60_000);
  expect(passed).toBe(0);
});

test.each([
  [{ initialTimeoutMs: 5_000 }, "initial timeout cannot be greater than maximum timeout"],
  [{ initialTimeoutMs: 100 }, "initial timeout cannot be less than minimum timeout"],
  [{ timeoutCoefficient: 0.9 }, "timeout coefficient must be >= 1"],
  [{ timeoutHalflifeMs: 0 }, "timeout halflife must be positive"],
])("%p is refused", (wrong, message) => {
  const make = () => manager({ ...OPTIONS, ...wrong });
  expect(make).toThrow(RoutingError);
  expect(make).toThrow(message);
});
