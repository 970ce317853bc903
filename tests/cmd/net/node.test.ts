/** `avx net node` as it is typed: which nodes are meant, and what is said of them. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { type AvxResult, runAvx } from "../../support/cli.ts";
import { homeForEachTest } from "../../tmpnet/home.ts";
import { nodeProcessesIn } from "../../tmpnet/support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();

function net(...args: string[]): Promise<AvxResult> {
  return runAvx(["net", ...args], { env: { ...home.env, AVALANCHEGO_PATH: home.program } });
}

test("nodes are named by their places, stopped, started and removed; a staker's removal is warned of", async () => {
  expect((await net("start", "--node-count", "3")).code).toBe(0);
  const ids = async () => {
    const { nodes } = JSON.parse((await net("status", "--json")).stdout) as { nodes: { nodeID: string }[] };
    return nodes.map(({ nodeID }) => nodeID);
  };
  const before = await ids();
  const stopped = await net("node", "stop", "2", "0", "--json");
  const { nodes } = JSON.parse(stopped.stdout) as { nodes: { nodeID: string }[] };
  expect(nodes.map(({ nodeID }) => nodeID).sort()).toEqual([before[0], before[2]].sort() as string[]);
  expect(nodeProcessesIn(home.root)).toHaveLength(1);
  expect(await net("node", "start", "0")).toMatchObject({ code: 0 });

  const removed = await net("node", "remove", "1");
  expect(removed.stdout).toStartWith(`Removed ${before[1]}; 2 nodes left: `);
  expect(removed.stderr).toContain("Warning: it was one of the 3 nodes that stake in the genesis");
  expect(await ids()).toEqual([before[0], before[2]] as string[]);

  const unknown = await net("node", "stop", "2");
  expect(unknown).toMatchObject({ code: 2, stdout: "" });
  expect(unknown.stderr).toContain(`No node of this network is called "2"; they are\n  0  ${before[0]}\n`);
});

test("of two commands that remove the same place at once, none removes another node", async () => {
  expect((await net("start", "--node-count", "4")).code).toBe(0);
  const results = await Promise.all([net("node", "remove", "1"), net("node", "remove", "1")]);
  const { nodes } = JSON.parse((await net("status", "--json")).stdout) as { nodes: unknown[] };
  const removals = results.filter(({ code }) => code === 0).length;
  // The second may have begun after the first had ended: then it meant the node that has the place now.
  expect(nodes).toHaveLength(4 - removals);
  for (const { code, stderr } of results) if (code !== 0) expect(stderr).toContain("No node of this network is called");
});
