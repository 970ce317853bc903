import { expect, test } from "bun:test";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import type { LogEntry } from "../../../lib/tmpnet/logs/entry.ts";
import { mergeByTime } from "../../../lib/tmpnet/logs/merge.ts";

const entry = (time: number, said: string): LogEntry => {
  return { time, nodeID: "NodeID-a" as NodeID, log: "main.log", logger: "", file: "", said };
};

/** Gives entries one at a time, and counts how many were taken. */
function source(entries: readonly LogEntry[]) {
  const taken = { count: 0 };
  const batches = (async function* () {
    for (const each of entries) {
      taken.count++;
      yield [each];
    }
  })();
  return { batches, taken };
}

test("logs of huge entries are handed on piece by piece: not more is read than was asked for", async () => {
  const huge = "x".repeat(2 ** 20);
  const a = source(Array.from({ length: 50 }, (_, i) => entry(2 * i, huge)));
  const b = source(Array.from({ length: 50 }, (_, i) => entry(2 * i + 1, huge)));
  const times: number[] = [];
  for await (const batch of mergeByTime([a.batches, b.batches])) {
    expect(batch.length).toBeLessThanOrEqual(2);
    times.push(...batch.map(({ time }) => time));
    expect(a.taken.count + b.taken.count).toBeLessThanOrEqual(times.length + 3);
  }
  expect(times).toEqual(Array.from({ length: 100 }, (_, i) => i));
});
