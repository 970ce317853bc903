import { expect, test } from "bun:test";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { AVX_APPLICATION } from "../../../lib/core/version/constants.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import type { Engine } from "../../../lib/p2p/routing/engine/engine.ts";
import { TestRouting, testChain, testChainID } from "../../support/routing.ts";
import { node } from "../../support/throttling.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const CONTAINER = testChainID(9);

/** Writes down what becomes of app requests and queries. */
function outcomes(heard: string[]): Engine {
  return {
    appResponse: (nodeID, requestID) => void heard.push(`response ${nodeID} ${requestID}`),
    appRequestFailed: (nodeID, requestID, { code, message }) =>
      void heard.push(`failed ${nodeID} ${requestID} ${code} ${message}`),
    chits: (nodeID, requestID) => void heard.push(`chits ${nodeID} ${requestID}`),
    queryFailed: (nodeID, requestID) => void heard.push(`query failed ${nodeID} ${requestID}`),
  };
}

test("chains come and go while messages come in", async () => {
  await using t = new TestRouting();
  let heard = 0;
  t.inbound(Op.AppGossip, "a");
  t.addChain(() => ({ appGossip: () => void heard++ }));
  t.inbound(Op.AppGossip, "a");
  await t.routing.removeChain(testChainID(1));
  t.inbound(Op.AppGossip, "a");
  expect(heard).toBe(1);
  expect(t.router.dropped["unknown-chain"]).toBe(2);
  expect(t.released).toEqual([1, 1, 1]);
});

test("two chains of one ID are refused", async () => {
  await using t = new TestRouting();
  t.addChain(() => ({}));
  expect(() => t.addChain(() => ({}))).toThrow("runs already");
});

test("chains whose IDs begin alike are told apart", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  const context = testChain(1);
  t.addChain(() => ({ appGossip: () => void heard.push("one") }), context);
  t.inbound(Op.AppGossip, "a", { content: { chainId: new Uint8Array([...new Uint8Array(31).fill(1), 2]) } });
  t.inbound(Op.AppGossip, "a", { content: { chainId: new Uint8Array(31).fill(1) } });
  t.inbound(Op.AppGossip, "a");
  expect(heard).toEqual(["one"]);
  expect(t.router.dropped).toMatchObject({ "unknown-chain": 1, "invalid-chain": 1 });
});

test("an answer ends its request, and a second one is dropped", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  const { sender } = t.addChain(() => outcomes(heard));
  sender.sendAppRequest([node("a"), node("b")], 1, BYTES);
  expect(t.router.outstandingRequests).toBe(2);
  t.inbound(Op.AppResponse, "a", { requestID: 1 });
  t.inbound(Op.AppResponse, "a", { requestID: 1 });
  expect(heard).toEqual(["response a 1"]);
  expect(t.router.outstandingRequests).toBe(1);
  expect(t.router.dropped.unrequested).toBe(1);
  await t.clock.runFor(10_000);
  expect(heard).toEqual(["response a 1", "failed b 1 -1 timed out"]);
  expect(t.router.outstandingRequests).toBe(0);
});

test("an answer of the wrong kind, number, node or chain ends nothing", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  const { sender } = t.addChain(() => outcomes(heard));
  t.addChain(() => outcomes(heard), testChain(2));
  sender.sendPullQuery([node("a")], 1, CONTAINER, 0n);
  t.inbound(Op.Put, "a", { requestID: 1 });
  t.inbound(Op.AppError, "a", { requestID: 1 });
  t.inbound(Op.Chits, "a", { requestID: 2 });
  t.inbound(Op.Chits, "b", { requestID: 1 });
  t.inbound(Op.Chits, "a", { requestID: 1, chain: testChainID(2) });
  expect(heard).toEqual([]);
  expect(t.router.dropped.unrequested).toBe(5);
  t.inbound(Op.Chits, "a", { requestID: 1 });
  expect(heard).toEqual(["chits a 1"]);
  expect(t.released.every((times) => times === 1)).toBe(true);
});

test("an error that the peer sends ends the request with its code", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  const { sender } = t.addChain(() => outcomes(heard));
  sender.sendAppRequest([node("a")], 1, BYTES);
  t.inbound(Op.AppError, "a", { requestID: 1, content: { errorCode: -3, errorMessage: "not a validator" } });
  await t.clock.runFor(10_000);
  expect(heard).toEqual(["failed a 1 -3 not a validator"]);
});

test("a request to a node that is not there fails at once, after the call that makes it", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  const { sender } = t.addChain(() => outcomes(heard));
  sender.sendAppRequest([node("nobody")], 1, BYTES);
  expect(heard).toEqual([]);
  await Promise.resolve();
  expect(heard).toEqual(["failed nobody 1 -1 timed out"]);
  expect(t.router.outstandingRequests).toBe(1);
  await t.clock.runFor(10_000);
  expect(heard.length).toBe(1);
  expect(t.router.outstandingRequests).toBe(0);
});

/** A chain that has benched the node `a`, by queries that it left without an answer. */
async function withBenched(t: TestRouting, heard: string[]) {
  const chain = t.addChain(() => outcomes(heard));
  for (const requestID of [1, 2, 3]) chain.sender.sendPullQuery([node("a")], requestID, CONTAINER, 0n);
  await t.clock.runFor(10_000);
  heard.length = 0;
  return chain;
}

test("a node that leaves queries unanswered is benched: it is still asked, but fails at once for the caller", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  const { sender } = await withBenched(t, heard);
  expect(t.router.benchedOn(node("a"))).toEqual([testChainID(1)]);
  const { length } = t.sent;
  sender.sendPullQuery([node("a"), node("b")], 4, CONTAINER, 0n);
  await Promise.resolve();
  expect(heard).toEqual(["query failed a 4"]);
  expect([...(t.sent[length]?.to.nodeIDs ?? [])]).toEqual([node("a"), node("b")]);
  expect(sender.failedDueToBench.get(Op.PullQuery)).toBe(1);
});

test("what a benched node answers late counts for it, and it is taken back", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  const { sender } = await withBenched(t, heard);
  for (let requestID = 10; t.router.benchedOn(node("a")).length > 0; requestID++) {
    expect(requestID).toBeLessThan(40);
    sender.sendPullQuery([node("a")], requestID, CONTAINER, 0n);
    await t.clock.runFor(10);
    t.inbound(Op.Chits, "a", { requestID });
  }
  expect(heard.every((outcome) => outcome.startsWith("query failed a"))).toBe(true);
  expect(t.router.dropped.late).toBe(heard.length);
  sender.sendPullQuery([node("a")], 50, CONTAINER, 0n);
  t.inbound(Op.Chits, "a", { requestID: 50 });
  expect(heard.at(-1)).toBe("chits a 50");
});

test("nobody is benched for app requests without an answer", async () => {
  await using t = new TestRouting();
  const { sender } = t.addChain(() => ({}));
  for (let requestID = 0; requestID < 10; requestID++) sender.sendAppRequest([node("a")], requestID, BYTES);
  await t.clock.runFor(20_000);
  expect(t.router.benchedOn(node("a"))).toEqual([]);
});

test("chains hear who is there by their subnet, and a benched node is gone for all of them", async () => {
  await using t = new TestRouting();
  const subnet = testChainID(7);
  const heard: string[] = [];
  const listen = (name: string) => (): Engine => ({
    connected: (nodeID) => void heard.push(`${name}+${nodeID}`),
    disconnected: (nodeID) => void heard.push(`${name}-${nodeID}`),
  });
  t.router.connected(node("a"), AVX_APPLICATION, PRIMARY_NETWORK_ID);
  t.addChain(listen("P"));
  t.addChain(listen("S"), testChain(2, subnet));
  expect(heard.splice(0).sort()).toEqual(["P+a", "P+me"]);
  t.router.connected(node("a"), AVX_APPLICATION, subnet);
  t.router.connected(node("b"), AVX_APPLICATION, PRIMARY_NETWORK_ID);
  expect(heard.splice(0)).toEqual(["S+a", "P+b"]);

  t.router.benched(testChainID(1), node("a"));
  t.router.benched(testChainID(2), node("a"));
  expect(heard.splice(0).sort()).toEqual(["P-a", "S-a"]);
  t.router.unbenched(testChainID(1), node("a"));
  expect(heard).toEqual([]);
  t.router.unbenched(testChainID(2), node("a"));
  expect(heard.splice(0).sort()).toEqual(["P+a", "S+a"]);
  t.router.disconnected(node("a"));
  t.router.disconnected(node("b"));
  t.router.disconnected(node("never there"));
  expect(heard.splice(0).sort()).toEqual(["P-a", "P-b", "S-a"]);
});

test("without sybil protection every chain hears of every peer, once", async () => {
  await using t = new TestRouting({ sybilProtectionEnabled: false });
  const subnet = testChainID(7);
  const heard: string[] = [];
  t.addChain(() => ({ connected: (nodeID) => void heard.push(nodeID) }), testChain(2, subnet));
  t.router.connected(node("a"), AVX_APPLICATION, PRIMARY_NETWORK_ID);
  t.router.connected(node("a"), AVX_APPLICATION, subnet);
  expect(heard as string[]).toEqual(["me", "a"]);
});

test("a busy chain takes nothing, and what it was sent counts as dropped", async () => {
  await using t = new TestRouting({ health: { maxDropRate: 0.4 } });
  const engine: { executing: boolean } & Engine = { executing: true, appGossip: () => {} };
  t.addChain(() => engine);
  t.inbound(Op.AppGossip, "a");
  expect(t.router.dropped.executing).toBe(1);
  expect(t.router.healthCheck().error).toContain("drop rate 1 > 0.4");
  engine.executing = false;
  for (let i = 0; i < 3; i++) t.inbound(Op.AppGossip, "a");
  expect(t.router.healthCheck()).toMatchObject({ details: { dropRate: 0.25 }, error: undefined });
});

test("only those whom a chain allows are heard", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  t.addChain(() => ({ appGossip: (nodeID) => void heard.push(nodeID) }), testChain(), {
    allower: (_, isValidator) => isValidator,
  });
  t.inbound(Op.AppGossip, "a");
  t.inbound(Op.AppGossip, "stranger");
  expect(heard).toEqual(["a"]);
  expect(t.router.dropped["not-allowed"]).toBe(1);
});

test("too many requests, and requests that are too old, show in health under upstream's keys", async () => {
  await using t = new TestRouting({
    health: { maxOutstandingRequests: 1, maxOutstandingDurationMs: 1_000 },
  });
  const { sender } = t.addChain(() => ({}));
  expect(t.router.healthCheck()).toEqual({
    details: { longestRunningRequest: "0s", outstandingRequests: 0 },
    error: undefined,
  });
  sender.sendAppRequest([node("a")], 1, BYTES);
  await t.clock.runFor(1_500);
  sender.sendAppRequest([node("b")], 1, BYTES);
  expect(t.router.healthCheck()).toEqual({
    details: { longestRunningRequest: "1.5s", outstandingRequests: 2 },
    error:
      "the router is not healthy reason: number of outstanding requests 2 > 1, " +
      "time for outstanding requests 1.5s > 1s",
  });
});

test("once it is closed, a router takes nothing, and waits for nothing", async () => {
  const t = new TestRouting();
  const heard: string[] = [];
  const { sender } = t.addChain(() => outcomes(heard));
  sender.sendAppRequest([node("a"), node("me")], 1, BYTES);
  await t[Symbol.asyncDispose]();
  t.inbound(Op.AppResponse, "a", { requestID: 1 });
  sender.sendAppRequest([node("a")], 2, BYTES);
  await t.clock.runFor(60_000);
  expect(heard).toEqual([]);
  expect(t.router.outstandingRequests).toBe(0);
  expect(t.router.dropped.closing).toBe(2);
  expect(t.clock.pendingTimers).toBe(0);
  expect(() => t.addChain(() => ({}), testChain(2))).toThrow("shutting down");
});
