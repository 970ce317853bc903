import { expect, test } from "bun:test";
import { hostCount } from "../../../lib/tmpnet/runtime/node_hosts.ts";

test.each([
  // A host for each processor, where each has some nodes.
  [50, { processors: 2, files: 20_000 }, 2],
  [50, { processors: 16, files: 1_048_576 }, 10],
  [50, { processors: 4, files: Number.POSITIVE_INFINITY }, 4],
  [1, { processors: 8, files: 20_000 }, 1],
  // 10,000 files are planned with; 500 nodes have 520 each: 19 in a host.
  [500, { processors: 2, files: 20_000 }, 27],
  // Where not even one node has room, each has a host to itself.
  [100, { processors: 2, files: 100 }, 100],
])("%p nodes on %p", (nodes, machine, hosts) => {
  expect(hostCount(nodes, machine)).toBe(hosts);
});
