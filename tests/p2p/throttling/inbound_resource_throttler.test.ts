import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { SystemThrottler } from "../../../lib/p2p/throttling/inbound_resource_throttler.ts";
import { NodeResourceTracker } from "../../../lib/p2p/throttling/tracker/resource_tracker.ts";
import { NO_USAGE } from "../../../lib/p2p/throttling/tracker/resource_user.ts";
import { Targeter } from "../../../lib/p2p/throttling/tracker/targeter.ts";
import { node, TestRequest, validatorsOf } from "../../support/throttling.ts";

/** A process that uses one whole core, and may use a quarter of one for each stranger. */
function busy(weights: Readonly<Record<string, number>> = {}) {
  const clock = new ManualClock();
  const use = { cpu: 1 };
  const tracker = new NodeResourceTracker({ clock, resources: { ...NO_USAGE, cpuUsage: () => use.cpu } });
  const targeter = new Targeter(
    { validators: validatorsOf(weights), tracker: tracker.cpuTracker },
    { vdrAlloc: 2, maxNonVdrUsage: 1.6, maxNonVdrNodeUsage: 0.25 },
  );
  const throttler = new SystemThrottler(
    "cpu",
    { clock, tracker: tracker.cpuTracker, targeter },
    { maxRecheckDelayMs: 5_000 },
  );
  const work = (name: string, ms: number) => {
    tracker.startProcessing(node(name), clock.monotonic());
    clock.advance(ms);
    tracker.stopProcessing(node(name), clock.monotonic());
  };
  const ask = (name: string) => {
    const asked = { granted: false, room: 0, request: undefined as unknown as TestRequest };
    asked.request = new TestRequest(name, 1, () => asked.room++, clock.monotonic());
    asked.granted = throttler.acquire(asked.request);
    return asked;
  };
  return { clock, use, tracker, throttler, work, ask };
}

describe("SystemThrottler", () => {
  test("a stranger is slowed by its own cost, and an honest one beside it is not", () => {
    const { clock, tracker, work, ask } = busy();
    work("honest", 1);
    work("greedy", 1_000);
    expect(ask("honest").granted).toBe(true);
    const held = ask("greedy");
    expect(held.granted).toBe(false);
    // Only work for others brings its part down.
    while (held.room === 0 && clock.monotonic() < 300_000) work("honest", 100);
    expect(held.room).toBe(1);
    expect(tracker.cpuTracker.usage(node("greedy"), clock.monotonic())).toBeLessThanOrEqual(0.26);
    expect(clock.pendingTimers).toBe(0);
  });

  test("the same cost is within a validator's part", () => {
    const { work, ask } = busy({ greedy: 1 });
    work("greedy", 1_000);
    expect(ask("greedy").granted).toBe(true);
  });

  test("a waiting node is looked at again at least as often as asked for", () => {
    const { clock, use, work, ask } = busy();
    work("greedy", 60_000);
    const held = ask("greedy");
    expect(held.granted).toBe(false);
    use.cpu = 0.1;
    clock.advance(4_999);
    expect(held.room).toBe(0);
    clock.advance(1);
    expect(held.room).toBe(1);
  });

  test("a cancelled wait is over: no timer is left and it is never told", () => {
    const { clock, throttler, work, ask } = busy();
    work("greedy", 1_000);
    const held = ask("greedy");
    throttler.cancel(held.request);
    throttler.cancel(held.request);
    throttler.release(held.request);
    expect(clock.pendingTimers).toBe(0);
    clock.advance(600_000);
    expect(held.room).toBe(0);
  });

  test("a process that uses nothing holds nobody back", () => {
    const { use, work, ask } = busy();
    use.cpu = 0;
    work("greedy", 60_000);
    expect(ask("greedy").granted).toBe(true);
  });
});
