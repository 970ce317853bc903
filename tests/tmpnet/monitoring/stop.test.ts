/** Stops of nodes whose metrics do not come, come without end, or are not wanted. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Network } from "../../../lib/tmpnet/network.ts";
import { homeForEachTest } from "../home.ts";
import { nodeProcessesIn } from "../support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();

const snapshotsOf = (network: Network) =>
  network.nodes.flatMap(({ dataDir }) => {
    const directory = join(dataDir, "metrics");
    return existsSync(directory) ? readdirSync(directory).map((name) => join(directory, name)) : [];
  });

test("each node leaves its metrics", async () => {
  const network = await home.start({ nodeCount: 2 });
  for (const { metricsSnapshot } of await network.stop()) {
    expect(readFileSync(metricsSnapshot as string, "utf8")).toBe("# TYPE fake_up gauge\nfake_up 1\n");
  }
  expect(snapshotsOf(network)).toHaveLength(2);
});

test("metrics that are not wanted are not asked for", async () => {
  const network = await home.start({ nodeCount: 1 });
  expect(await network.stop({ metricsSnapshot: false })).toEqual([
    { nodeID: network.nodes[0]!.nodeID, result: { how: "stopped" } },
  ]);
  expect(snapshotsOf(network)).toEqual([]);
});

test.each(["never", "endless"])("nodes whose metrics come %s are stopped all the same", async (manner) => {
  const network = await home.start({ nodeCount: 2, defaultFlags: { "fake-metrics": manner } });
  const stops = await network.stop();
  expect(stops.map(({ result, metricsSnapshot }) => [result.how, metricsSnapshot])).toEqual([
    ["stopped", undefined],
    ["stopped", undefined],
  ]);
  expect(nodeProcessesIn(home.root)).toEqual([]);
  expect(snapshotsOf(network)).toEqual([]);
});

test("a node that keeps its metrics to itself does not keep the others", async () => {
  const network = await home.start({ nodeCount: 3 });
  const [slow] = network.nodes;
  await network.updateNode(slow!.nodeID, (node) => ({ ...node, flags: { ...node.flags, "fake-metrics": "never" } }));
  await network.restart();
  const told: string[] = [];
  await network.stop({
    onProgress: (progress) => progress.kind === "node" && progress.phase === "stopped" && told.push(progress.nodeID),
  });
  expect(told).toHaveLength(3);
  expect(told.at(-1)).toBe(slow!.nodeID);
});
