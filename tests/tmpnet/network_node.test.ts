import { expect, setDefaultTimeout, test } from "bun:test";
import { homeForEachTest } from "./home.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();

test("a node is started, stopped and restarted by itself, with flags that last", async () => {
  await using network = await home.start({ nodeCount: 2 });
  const [node, other] = [network.node(0), network.node(1)];
  const pid = () => [node, other].map((one) => (one.inspect() as { pid?: number }).pid);
  const before = pid();
  const told: string[] = [];
  await node.restart({ flags: { "log-level": "debug" }, onProgress: ({ kind }) => told.push(kind) });
  expect(pid()[0]).not.toBe(before[0]);
  expect(pid()[1]).toBe(before[1]);
  expect(told).toContain("node");
  expect(network.node(node.nodeID).flags["log-level"]).toBe("debug");

  await node.stop();
  expect([node.uri, node.inspect().status]).toEqual([undefined, "stopped"]);
  await node.start();
  expect(node.uri).toStartWith("http://127.0.0.1:");
  expect(network.nodeUris()).toHaveLength(2);
  const added = await network.addNode();
  expect(added.uri).toStartWith("http://");
  expect(() => network.node(3)).toThrow('called "3"');
});
