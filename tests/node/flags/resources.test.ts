import { expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { ResourceManager } from "../../../lib/p2p/throttling/tracker/resource_manager.ts";
import { nodeConfig } from "../support.ts";

/** What a node takes its use of the machine to be, once it has used a core and 1,000 bytes a second for some time. */
function averages(flags: Record<string, string>, forMs: number) {
  const clock = new ManualClock(0);
  let samples = 0;
  const readUsage = () => {
    samples++;
    const seconds = clock.monotonic() / 1_000;
    return { cpuSeconds: seconds, reads: 0, readBytes: seconds * 1_000, writes: 0, writeBytes: 0 };
  };
  const readSpace = () => ({ availableBytes: 1, availablePercentage: 50 });
  const { resources } = nodeConfig({ "network-id": "local", ...flags });
  using manager = new ResourceManager({ clock, readUsage, readSpace }, { diskPath: "/", processID: 1, ...resources });
  clock.advance(forMs);
  return { cpu: manager.cpuUsage(), disk: manager.diskReadUsage(), samples };
}

test("the use of the machine is measured every system-tracker-frequency", () => {
  expect(averages({ "system-tracker-frequency": "100ms" }, 10_000).samples).toBe(101);
  expect(averages({ "system-tracker-frequency": "5s" }, 10_000).samples).toBe(3);
});

test("averages of the processor's use have system-tracker-cpu-halflife", () => {
  expect(averages({ "system-tracker-cpu-halflife": "10s" }, 10_000).cpu).toBeCloseTo(0.5);
  expect(averages({ "system-tracker-cpu-halflife": "5s" }, 10_000).cpu).toBeCloseTo(0.75);
});

test("averages of the disk's use have system-tracker-disk-halflife", () => {
  expect(averages({ "system-tracker-disk-halflife": "10s" }, 10_000).disk).toBeCloseTo(500);
  expect(averages({ "system-tracker-disk-halflife": "5s" }, 10_000).disk).toBeCloseTo(750);
});
