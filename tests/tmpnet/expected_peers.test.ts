import { expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { NodeID } from "../../lib/core/ids/node_id.ts";
import { expectedPeers } from "../../lib/tmpnet/expected_peers.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const node = (letter: string, isEphemeral = false, dir = "/nowhere") => ({
  nodeID: `NodeID-${letter}` as NodeID,
  dataDir: join(dir, letter),
  isEphemeral,
});

const names = (ids: readonly string[]) => ids.map((id) => id.replace("NodeID-", "")).join("");

test("stakers are expected to know everybody, and everybody them; two that stake nothing need not know each other", () => {
  const [a, b, lasting, passing, other] = [node("A"), node("B"), node("L"), node("E", true), node("F", true)];
  const running = [a, b, lasting, passing, other];
  const stakers = new Set<string>([a.nodeID, b.nodeID]);
  expect(running.map((each) => names(expectedPeers(each, running, stakers)))).toEqual([
    "BLEF",
    "ALEF",
    "AB",
    "AB",
    "AB",
  ]);
});

test("one that stakes nothing is expected by those that were given it to begin with", () => {
  using directory = temporaryDirectory();
  const [a, lasting] = [node("A"), node("L")];
  const [later, earlier] = [node("E", true, directory.path), node("F", true, directory.path)];
  for (const [{ dataDir }, ids] of [[later, "NodeID-A,NodeID-L"] as const, [earlier, "NodeID-A,NodeID-LL"] as const]) {
    mkdirSync(dataDir, { recursive: true });
    writeFileSync(join(dataDir, "flags.json"), JSON.stringify({ "bootstrap-ids": ids }));
  }
  const running = [a, lasting, later, earlier];
  const stakers = new Set<string>([a.nodeID]);
  expect(names(expectedPeers(lasting, running, stakers))).toBe("AE");
  expect(names(expectedPeers(later, running, stakers))).toBe("AL");
  expect(names(expectedPeers(earlier, running, stakers))).toBe("A");
  for (const broken of ["{", "null", '{"bootstrap-ids":7}']) {
    writeFileSync(join(later.dataDir, "flags.json"), broken);
    expect(names(expectedPeers(lasting, running, stakers))).toBe("A");
  }
});

test("where nobody knows who stakes, those that are meant to last are taken for stakers", () => {
  const [a, lasting, passing, other] = [node("A"), node("L"), node("E", true), node("F", true)];
  const running = [a, lasting, passing, other];
  expect(running.map((each) => names(expectedPeers(each, running, undefined)))).toEqual(["LEF", "AEF", "AL", "AL"]);
});
