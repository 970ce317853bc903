import { expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { createLogger } from "../../../lib/core/log.ts";
import {
  type FailedPeer,
  Isolation,
  MIN_WORDLESS,
  MIN_WORDLESS_MS,
  SAY_AGAIN_MS,
} from "../../../lib/p2p/network/isolation.ts";

const A = node(1);
const B = node(2);
const C = node(3);

function node(n: number): NodeID {
  return nodeIDFromBytes(new Uint8Array(20).fill(n));
}

function lone({ connectedPeers = 0, wanted = [A, B, C] } = {}) {
  const clock = new ManualClock();
  const lines: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const log = createLogger((_level, message, fields) => lines.push({ message, fields }));
  const wants = (nodeID: NodeID): boolean => wanted.includes(nodeID);
  const isolation = new Isolation({ clock, log, connectedPeers: () => connectedPeers, wants });
  const fail = (nodeID: NodeID, what: Partial<FailedPeer> = {}): void =>
    isolation.failed({
      nodeID,
      isIngress: false,
      hasSpoken: false,
      closeReason: "remote-closed",
      clockAhead: undefined,
      ...what,
    });
  const offBy = (nodeID: NodeID, clockAhead: number): void =>
    fail(nodeID, { hasSpoken: true, closeReason: "malformed-message", clockAhead });
  return { clock, lines, isolation, fail, offBy };
}

test("a connection too many that is closed without a word is told, and then every ten minutes", () => {
  const { clock, lines, isolation, fail } = lone();
  fail(A);
  clock.advance(MIN_WORDLESS_MS);
  for (let i = 2; i < MIN_WORDLESS; i++) fail(A);
  expect(isolation.reason).toBeUndefined();
  fail(B);
  expect(isolation.reason).toStartWith("2 node(s) close connections without a word: another node may run with");
  fail(A);
  expect(lines).toHaveLength(1);
  expect(lines[0]?.fields).toMatchObject({ connections: MIN_WORDLESS, nodeIDs: [A, B] });
  clock.advance(SAY_AGAIN_MS);
  fail(A);
  expect(lines).toHaveLength(2);
});

test("connections that end as nodes start together are no riddle", () => {
  const { clock, lines, isolation, fail } = lone();
  for (const nodeID of [A, B, C, A, B]) fail(nodeID);
  clock.advance(MIN_WORDLESS_MS - 1);
  fail(A);
  expect([isolation.reason, lines]).toEqual([undefined, []]);
});

test.each([
  ["was dialled by the other", { isIngress: true }],
  ["brought a word", { hasSpoken: true }],
  ["this node has closed", { closeReason: "shutdown" }],
] as const)("a connection that %s is no riddle", (_what, what) => {
  const { clock, lines, isolation, fail } = lone();
  for (let i = 0; i < 10; i++) {
    fail(A, what);
    clock.advance(MIN_WORDLESS_MS);
  }
  expect(isolation.reason).toBeUndefined();
  expect(lines).toEqual([]);
});

test("strangers, and a few among many, cannot have it said", () => {
  const strangers = lone({ wanted: [] });
  for (let i = 0; i < 10; i++) {
    strangers.fail(A);
    strangers.clock.advance(MIN_WORDLESS_MS);
  }
  strangers.offBy(B, 3600);
  expect(strangers.lines).toEqual([]);
  const wellConnected = lone({ connectedPeers: 3 });
  for (let i = 0; i < 10; i++) {
    wellConnected.fail(A);
    wellConnected.clock.advance(MIN_WORDLESS_MS);
  }
  expect(wellConnected.lines).toEqual([]);
  expect(wellConnected.isolation.reason).toBeUndefined();
});

test("a handshake that is done wipes the slate", () => {
  const { clock, isolation, fail, offBy } = lone();
  for (let i = 1; i < MIN_WORDLESS; i++) fail(A);
  clock.advance(MIN_WORDLESS_MS);
  fail(A);
  expect(isolation.reason).toContain("without a word");
  offBy(B, 3600);
  expect(isolation.reason).toContain("clock");
  isolation.accepted();
  expect(isolation.reason).toBeUndefined();
  fail(A);
  expect(isolation.reason).toBeUndefined();
});

test("the majority's clocks are right, and the middle of what they tell is how far this one is off", () => {
  const { lines, isolation, offBy } = lone({ connectedPeers: 2 });
  offBy(A, -90);
  offBy(B, -3600);
  expect(isolation.reason).toBeUndefined();
  expect(lines.map(({ fields }) => fields)).toEqual([{ nodeID: A, itIsBehindBy: "1m30s" }]);
  offBy(C, -100);
  expect(isolation.reason).toBe("this node's clock is 1m40s ahead of those of 3 node(s), which refuse it");
  expect(lines.at(-1)?.fields).toMatchObject({ by: "1m40s", nodes: 3 });
});

test("the same node counts once, and the wildest time can be told", () => {
  const { isolation, offBy } = lone({ connectedPeers: 1 });
  offBy(A, 70);
  offBy(A, 80);
  expect(isolation.reason).toBeUndefined();
  offBy(B, Number(2n ** 64n - 1n));
  expect(isolation.reason).toMatch(/^this node's clock is \S+ behind those of 2 node\(s\)/);
});
