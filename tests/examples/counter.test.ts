import { expect, setDefaultTimeout, test } from "bun:test";
import counter from "../../examples/counter.ts";
import { appChainID } from "../../mod.ts";
import { appHealth, startAppNodes } from "../support/app_nodes.ts";
import { eventually } from "../support/eventually.ts";

// Several nodes in one process: on a busy machine that takes its time.
setDefaultTimeout(60_000);

test("the counters of five nodes come to the same sum", async () => {
  await using net = await startAppNodes(5, () => [counter]);
  const found = () => net.nodes.map((node) => appHealth(node, "counter"));
  await eventually("all have counted to the end", () => found().every(({ sum }) => sum === 50));
  const chainID = appChainID("counter");
  expect(found()).toEqual(new Array(5).fill({ chainID, state: "running", sum: 50, nodes: 5 }));
});
