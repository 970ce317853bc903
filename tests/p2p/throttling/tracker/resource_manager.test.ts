import { describe, expect, test } from "bun:test";
import process from "node:process";
import { Registry } from "prom-client";
import { ManualClock } from "../../../../lib/core/clock.ts";
import { MetricsNamespace } from "../../../../lib/core/metrics.ts";
import { readDiskSpace, readProcessUsage } from "../../../../lib/p2p/throttling/tracker/process_usage.ts";
import { ResourceManager } from "../../../../lib/p2p/throttling/tracker/resource_manager.ts";

function watched() {
  const clock = new ManualClock();
  const sums = { cpuSeconds: 3, reads: 1, readBytes: 100, writes: 2, writeBytes: 200 };
  const space: { now: { availableBytes: number; availablePercentage: number } | undefined } = { now: undefined };
  const registry = new Registry();
  const manager = new ResourceManager(
    {
      clock,
      metrics: new MetricsNamespace(registry, "avalanche_system_resources"),
      readUsage: () => ({ ...sums }),
      readSpace: () => space.now,
    },
    { diskPath: ".", processID: 7, frequencyMs: 500, cpuHalflifeMs: 500, diskHalflifeMs: 1_000 },
  );
  return { clock, sums, space, registry, manager };
}

describe("ResourceManager", () => {
  test("what was used before it began does not count", () => {
    const { clock, manager } = watched();
    clock.advance(10_000);
    expect(manager.cpuUsage()).toBe(0);
    expect(manager.diskReadUsage()).toBe(0);
  });

  test("use comes up and goes down with the half-life", () => {
    const { clock, sums, manager } = watched();
    sums.cpuSeconds += 1;
    sums.readBytes += 500;
    clock.advance(500);
    expect(manager.cpuUsage()).toBeCloseTo(1, 12);
    expect(manager.diskReadUsage()).toBeCloseTo(1_000 * (1 - Math.SQRT1_2), 9);
    expect(manager.diskWriteUsage()).toBe(0);
    clock.advance(500);
    expect(manager.cpuUsage()).toBeCloseTo(0.5, 12);
  });

  test("a sample that comes late counts for the time it stands for", () => {
    const clock = new ManualClock();
    let cpuSeconds = 0;
    let tick = (): void => {};
    const late = Object.assign(Object.create(clock), {
      monotonic: () => clock.monotonic(),
      setInterval: (fn: () => void) => {
        tick = fn;
        return { cancel: () => {}, [Symbol.dispose]: () => {} };
      },
    }) as ManualClock;
    const readUsage = () => ({ cpuSeconds, reads: 0, readBytes: 0, writes: 0, writeBytes: 0 });
    using manager = new ResourceManager(
      { clock: late, readUsage, readSpace: () => undefined },
      { diskPath: ".", processID: 1, frequencyMs: 500, cpuHalflifeMs: 1 },
    );
    clock.advance(4_000);
    cpuSeconds = 4;
    tick();
    expect(manager.cpuUsage()).toBeCloseTo(1, 9);
  });

  test("room on the disk is unlimited until it is known, and stays known", () => {
    const { clock, space, manager } = watched();
    expect(manager.availableDiskBytes()).toBe(Number.POSITIVE_INFINITY);
    expect(manager.availableDiskPercentage()).toBe(100);
    space.now = { availableBytes: 5, availablePercentage: 3 };
    clock.advance(500);
    space.now = undefined;
    clock.advance(500);
    expect(manager.availableDiskBytes()).toBe(5);
    expect(manager.availableDiskPercentage()).toBe(3);
  });

  test("disposing of it leaves no timer", () => {
    const { clock, manager } = watched();
    manager[Symbol.dispose]();
    manager[Symbol.dispose]();
    expect(clock.pendingTimers).toBe(0);
  });

  test("metrics have upstream's names and the process's label", async () => {
    const { registry } = watched();
    const text = await registry.metrics();
    for (const [name, value] of [
      ["num_cpu_cycles", 3],
      ["num_disk_reads", 1],
      ["num_disk_read_bytes", 100],
      ["num_disk_writes", 2],
      ["num_disk_write_bytes", 200],
    ]) {
      expect(text).toContain(`avalanche_system_resources_${name}{processID="7"} ${value}\n`);
    }
  });
});

describe("the process's own figures", () => {
  test("processor time grows with work", () => {
    const before = readProcessUsage().cpuSeconds;
    let sum = 0;
    for (let i = 0; i < 5_000_000; i++) sum += Math.sqrt(i);
    expect(sum).toBeGreaterThan(0);
    expect(readProcessUsage().cpuSeconds).toBeGreaterThan(before);
  });

  test.skipIf(process.platform !== "linux")("Linux tells of the disk", () => {
    expect(readProcessUsage().reads).toBeGreaterThan(0);
  });

  test("room is told of a path that is there, and not of one that is not", () => {
    const space = readDiskSpace(".");
    expect(space?.availableBytes).toBeGreaterThan(0);
    expect(space?.availablePercentage).toBeLessThanOrEqual(100);
    expect(readDiskSpace("./no/such/path")).toBeUndefined();
  });
});
