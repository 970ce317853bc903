import { expect, test } from "bun:test";
import type { NodeID } from "../../lib/core/ids/node_id.ts";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { findNode, findNodes } from "../../lib/tmpnet/node_names.ts";
import { madeNodeID } from "./made_networks.ts";

const node = (letter: string, directory: string = madeNodeID(letter)) => ({
  nodeID: madeNodeID(letter) as NodeID,
  dataDir: `/n/${directory}`,
});
const [a, b, twin] = [node("A"), node("B"), node("B", `${madeNodeID("B")}-second`)];
const nodes = [a, b, twin];

test("a node is named by its place from 0, as a number and in digits, its ID, its directory, or the beginning of one", () => {
  for (const name of [0, "0", a.nodeID, "NodeID-A", "A"]) expect(findNode(nodes, name)).toBe(a);
  for (const name of [1, "1", b.nodeID]) expect(findNode(nodes, name)).toBe(b);
  for (const name of [2, "2", `${b.nodeID}-second`, `${b.nodeID}-s`]) expect(findNode(nodes, name)).toBe(twin);
});

test.each(["NodeID-", "NodeID", "", "3", 3, -1, 0.5, "Z", "00000000", "/n/A"])("%j names no node", (name) => {
  const error = (() => {
    try {
      return findNode(nodes, name);
    } catch (thrown) {
      return thrown as TmpnetError;
    }
  })();
  expect(error).toBeInstanceOf(TmpnetError);
  expect((error as TmpnetError).type).toEqual({ code: "no-node", node: `${name}` });
  expect((error as TmpnetError).message).toContain(`called "${name}"; they are\n  0  ${a.nodeID}\n  1  ${b.nodeID}\n`);
});

test("digits alone are a place, and never the beginning of an ID", () => {
  const digits = [{ nodeID: "NodeID-2abc" as NodeID, dataDir: "/n/NodeID-2abc" }];
  for (const name of ["2a", "NodeID-2"]) expect(findNode(digits, name)).toBe(digits[0] as (typeof digits)[0]);
  expect(() => findNode(digits, "2")).toThrow('called "2"');
  expect(() => findNode([], "x")).toThrow("it has none");
});

test("of many names none means all, nodes keep their order, and nodes of one identity are one", () => {
  expect(findNodes(nodes, [])).toBe(nodes);
  expect(findNodes(nodes, ["1", "A", 0])).toEqual([a, b]);
  expect(findNodes(nodes, ["B"])).toEqual([b, twin]);
  expect(() => findNodes(nodes, ["A", "NodeID-"])).toThrow('More than one node of this network is called "NodeID-"');
});
