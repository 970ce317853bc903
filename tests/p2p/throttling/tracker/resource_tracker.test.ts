import { describe, expect, test } from "bun:test";
import { Registry } from "prom-client";
import { ManualClock } from "../../../../lib/core/clock.ts";
import { MetricsNamespace } from "../../../../lib/core/metrics.ts";
import { NodeResourceTracker } from "../../../../lib/p2p/throttling/tracker/resource_tracker.ts";
import { NO_USAGE } from "../../../../lib/p2p/throttling/tracker/resource_user.ts";
import { node } from "../../../support/throttling.ts";

const HALFLIFE = 5_000;

function tracked() {
  const clock = new ManualClock();
  const use = { cpu: 1, disk: 1_000 };
  const resources = { ...NO_USAGE, cpuUsage: () => use.cpu, diskReadUsage: () => use.disk };
  const tracker = new NodeResourceTracker({ clock, resources }, { processingHalflifeMs: HALFLIFE });
  const work = (name: string, fromMs: number, toMs: number) => {
    tracker.startProcessing(node(name), fromMs);
    tracker.stopProcessing(node(name), toMs);
  };
  return { clock, use, tracker, work };
}

describe("NodeResourceTracker", () => {
  test("the nodes' parts add up to what the process uses, and recent work counts for more", () => {
    const { tracker, work } = tracked();
    work("a", 0, HALFLIFE);
    work("b", HALFLIFE, 2 * HALFLIFE);
    for (const [resource, total] of [
      [tracker.cpuTracker, 1],
      [tracker.diskTracker, 1_000],
    ] as const) {
      const a = resource.usage(node("a"), 2 * HALFLIFE);
      const b = resource.usage(node("b"), 2 * HALFLIFE);
      expect(b).toBeGreaterThan(a);
      expect(a + b).toBeCloseTo(total, 9);
      expect(resource.totalUsage()).toBe(total);
    }
  });

  test("real use scales every part", () => {
    const { use, tracker, work } = tracked();
    work("a", 0, HALFLIFE);
    use.cpu = 0.5;
    expect(tracker.cpuTracker.usage(node("a"), HALFLIFE)).toBeCloseTo(0.5, 12);
    use.cpu = 0;
    expect(tracker.cpuTracker.usage(node("a"), HALFLIFE)).toBe(0);
  });

  test("among other nodes in a process, peers are charged for the time that is worked for them", () => {
    const clock = new ManualClock();
    const resources = { ...NO_USAGE, cpuUsage: () => 1, diskReadUsage: () => 1_000 };
    const options = { processingHalflifeMs: HALFLIFE, sharesProcess: true };
    const tracker = new NodeResourceTracker({ clock, resources }, options);
    clock.advance(HALFLIFE);
    const now = clock.monotonic();
    tracker.startProcessing(node("a"), now - HALFLIFE / 100);
    tracker.stopProcessing(node("a"), now);
    const usage = tracker.cpuTracker.usage(node("a"), now);
    expect(usage).toBeCloseTo(1 - 0.5 ** 0.01, 6);
    expect(tracker.cpuTracker.totalUsage()).toBeCloseTo(usage, 12);
    expect(tracker.cpuTracker.timeUntilUsage(node("a"), now, usage / 2)).toBeCloseTo(HALFLIFE, 3);
    expect(tracker.diskTracker.usage(node("a"), now)).toBe(0);
  });

  test("who never worked has used nothing", () => {
    const { tracker } = tracked();
    expect(tracker.cpuTracker.usage(node("a"), 1)).toBe(0);
    expect(tracker.cpuTracker.timeUntilUsage(node("a"), 1, 0)).toBe(0);
  });

  test("tells when a node will be down at a use, if the rest of the process keeps as busy", () => {
    const { tracker, work } = tracked();
    work("a", 0, HALFLIFE);
    const usage = tracker.cpuTracker.usage(node("a"), HALFLIFE);
    expect(tracker.cpuTracker.timeUntilUsage(node("a"), HALFLIFE, usage / 4)).toBeCloseTo(2 * HALFLIFE, 6);
    expect(tracker.cpuTracker.timeUntilUsage(node("a"), HALFLIFE, usage)).toBe(0);
    expect(tracker.cpuTracker.timeUntilUsage(node("a"), HALFLIFE, usage + 1)).toBe(0);
  });

  test("meters of strangers that have run out are forgotten, those at work never", () => {
    const { tracker, work } = tracked();
    tracker.startProcessing(node("busy"), 0);
    for (let i = 0; i < 10_000; i++) work(`n${i}`, i * 60_000, i * 60_000 + 1);
    expect(tracker.trackedNodes).toBeLessThan(300);
    const end = 10_000 * 60_000;
    expect(tracker.cpuTracker.usage(node("busy"), end)).toBeGreaterThan(0.9);
  });

  test("metrics have upstream's names", async () => {
    const registry = new Registry();
    const metrics = new MetricsNamespace(registry, "avalanche_resource_tracker");
    const clock = new ManualClock();
    const tracker = new NodeResourceTracker(
      { clock, resources: { ...NO_USAGE, cpuUsage: () => 1.5 }, metrics },
      { processingHalflifeMs: 1_000 },
    );
    tracker.startProcessing(node("a"), 0);
    clock.advance(1_000);
    const families = await registry.getMetricsAsJSON();
    const values = Object.fromEntries(families.map(({ name, type, values: [first] }) => [name, [type, first?.value]]));
    expect(values).toEqual({
      avalanche_resource_tracker_cpu_usage: ["gauge", 1.5],
      avalanche_resource_tracker_disk_available_percentage: ["gauge", 100],
      avalanche_resource_tracker_disk_available_space: ["gauge", Number.POSITIVE_INFINITY],
      avalanche_resource_tracker_disk_reads: ["gauge", 0],
      avalanche_resource_tracker_disk_writes: ["gauge", 0],
      avalanche_resource_tracker_processing_time: ["gauge", 0.5],
    } as unknown as typeof values);
  });
});
