import { expect, test } from "bun:test";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import type { InboundMessage } from "../../../lib/p2p/message/inbound.ts";
import { Op } from "../../../lib/p2p/message/ops.ts";
import type { Engine } from "../../../lib/p2p/routing/engine/engine.ts";
import { TestRouting, testChain, testChainID } from "../../support/routing.ts";
import { node } from "../../support/throttling.ts";

const gossip = (text: string) => ({ content: { appBytes: new TextEncoder().encode(text) } });
const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A promise for the test to end. */
function gate() {
  const { promise, reject, resolve } = Promise.withResolvers<void>();
  return { promise, open: resolve, fail: reject };
}

test("a message that nothing waits before is handled in the call that brings it", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  t.addChain(() => ({ appGossip: (nodeID, bytes) => void heard.push(`${nodeID}: ${read(bytes)}`) }));
  const number = t.inbound(Op.AppGossip, "a", gossip("hello"));
  expect(heard).toEqual(["a: hello"]);
  expect(t.released[number]).toBe(1);
});

test("consensus messages are handled one at a time, and app messages do not wait for them", async () => {
  await using t = new TestRouting();
  const begun: string[] = [];
  const gates = [gate(), gate()];
  t.addChain(() => ({
    get: (nodeID) => {
      begun.push(`get ${nodeID}`);
      return gates[begun.length - 1]?.promise;
    },
    appGossip: (_, bytes) => void begun.push(read(bytes)),
  }));
  t.inbound(Op.Get, "a");
  const second = t.inbound(Op.Get, "b");
  t.inbound(Op.AppGossip, "c", gossip("gossip"));
  expect(begun).toEqual(["get a", "gossip"]);
  expect(t.released[second]).toBe(0);
  gates[0]?.open();
  await t.clock.runFor(0);
  expect(begun).toEqual(["get a", "gossip", "get b"]);
  expect(t.released[second]).toBe(1);
});

test("so many app messages are handled at one time as are allowed", async () => {
  await using t = new TestRouting();
  const gates: ReturnType<typeof gate>[] = [];
  const { handler } = t.addChain(
    () => ({
      appGossip: () => {
        const next = gate();
        gates.push(next);
        return next.promise;
      },
    }),
    testChain(),
    { appConcurrency: 3 },
  );
  for (let i = 0; i < 5; i++) t.inbound(Op.AppGossip, "a");
  expect(gates.length).toBe(3);
  expect(handler.async.length).toBe(2);
  gates[1]?.open();
  await t.clock.runFor(0);
  expect(gates.length).toBe(4);
  for (const { open } of gates) open();
  await t.clock.runFor(0);
  for (const { open } of gates) open();
  await t.clock.runFor(0);
  expect(t.released).toEqual([1, 1, 1, 1, 1]);
});

test("a message that nobody waits for any more is dropped and counted", async () => {
  await using t = new TestRouting();
  let asked = 0;
  const { handler } = t.addChain(() => ({ appRequest: () => void asked++ }));
  t.inbound(Op.AppRequest, "a", { expiration: t.clock.monotonic() - 1 });
  t.inbound(Op.AppRequest, "a", { expiration: t.clock.monotonic() });
  expect(asked).toBe(1);
  expect(handler.counts.expired.get(Op.AppRequest)).toBe(1);
  expect(t.released).toEqual([1, 1]);
});

test("what waits is not dropped because the clock is set meanwhile", async () => {
  await using t = new TestRouting();
  const first = gate();
  let asked = 0;
  const { handler } = t.addChain(
    () => ({
      appGossip: () => first.promise,
      appRequest: () => void asked++,
    }),
    testChain(),
    { appConcurrency: 1 },
  );
  t.inbound(Op.AppGossip, "a");
  t.inbound(Op.AppRequest, "a", { expiration: t.clock.monotonic() + 5_000 });
  t.clock.step(t.clock.now() + 3_600_000);
  first.open();
  await t.clock.runFor(0);
  expect(asked).toBe(1);
  expect(handler.counts.expired.get(Op.AppRequest)).toBe(0);
});

test("the engine is told until when the peer waits", async () => {
  await using t = new TestRouting();
  let until = 0;
  t.addChain(() => ({
    appRequest: (_nodeID, _requestID, deadlineMs) => {
      until = deadlineMs;
    },
  }));
  t.inbound(Op.AppRequest, "a", { expiration: t.clock.monotonic() + 321 });
  expect(until).toBe(t.clock.now() + 321);
});

test("a node that has cost too much processor time waits for the others", async () => {
  await using t = new TestRouting();
  const order: string[] = [];
  const first = gate();
  const { handler } = t.addChain(() => ({
    get: (nodeID) => {
      order.push(nodeID);
      if (order.length === 1) return first.promise;
    },
  }));
  // One message of it runs for seconds: all that the process uses is on its account.
  t.inbound(Op.Get, "a", { chain: testChainID(1) });
  await t.clock.runFor(5_000);
  t.inbound(Op.Get, "a");
  t.inbound(Op.Get, "b");
  t.inbound(Op.Get, "c");
  first.open();
  await t.clock.runFor(0);
  expect(order).toEqual(["a", "b", "c", "a"]);
  expect(handler.sync.excessiveCPU).toBeGreaterThan(0);
});

test("what an engine throws stops its chain alone, and shows in its health", async () => {
  await using t = new TestRouting();
  let ended = 0;
  let other = 0;
  const { handler } = t.addChain(() => ({
    appGossip: () => {
      throw new Error("a fault");
    },
    shutdown: () => void ended++,
  }));
  t.addChain(() => ({ appGossip: () => void other++ }), testChain(2));
  expect(handler.healthCheck().error).toBeUndefined();
  t.inbound(Op.AppGossip, "a");
  t.inbound(Op.AppGossip, "a");
  t.inbound(Op.AppGossip, "a", { chain: testChainID(2) });
  await t.clock.runFor(0);
  expect(handler.state).toBe("stopped");
  expect(handler.healthCheck().error).toContain("a fault");
  expect(t.routing.healthCheck()).toMatchObject({
    details: { "chain-1": { state: "stopped" }, "chain-2": { state: "running" } },
    error: expect.stringContaining("chain-1: the chain has stopped: a fault"),
  });
  expect(ended).toBe(1);
  expect(other).toBe(1);
  expect(t.released).toEqual([1, 1, 1]);
  expect(t.router.dropped["unknown-chain"]).toBe(1);
});

test("a promise that is rejected is a fault too", async () => {
  await using t = new TestRouting();
  const waiting = gate();
  const { handler } = t.addChain(() => ({ get: () => waiting.promise }));
  t.inbound(Op.Get, "a");
  t.inbound(Op.Get, "a");
  waiting.fail(new Error("a late fault"));
  await t.clock.runFor(0);
  expect(handler.failure).toContain("a late fault");
  expect(t.released).toEqual([1, 1]);
});

test("stopping releases what waits, and waits for what is being handled", async () => {
  await using t = new TestRouting();
  const waiting = gate();
  const { handler } = t.addChain(() => ({ get: () => waiting.promise }));
  t.inbound(Op.Get, "a");
  t.inbound(Op.Get, "a");
  void t.routing.removeChain(testChainID(1));
  expect(t.released).toEqual([0, 1]);
  expect(t.router.handler(testChainID(1))).toBeUndefined();
  await t.clock.runFor(1_000);
  expect(handler.state).toBe("stopping");
  waiting.open();
  await t.clock.runFor(0);
  expect(handler.state).toBe("stopped");
  expect(t.released).toEqual([1, 1]);
});

test.each([Op.Get, Op.AppGossip] as const)(
  "what is pushed to a chain that stops or has stopped is released, and not handled",
  async (op) => {
    await using t = new TestRouting();
    let handled = 0;
    const count = (): void => void handled++;
    const waiting = gate();
    const { handler } = t.addChain(() => ({ get: count, appGossip: count, put: () => waiting.promise }));
    t.inbound(Op.Put, "a");
    const late = () => {
      const number = t.released.length;
      t.released.push(0);
      const message = { nodeID: node("a"), op, message: {}, expiration: Infinity, bytesSavedCompression: 0 };
      const onFinishedHandling = (): void => void (t.released[number] as number)++;
      handler.push({ ...message, onFinishedHandling } as unknown as InboundMessage);
    };
    const stopped = handler.stop();
    late();
    waiting.open();
    await t.clock.runFor(0);
    await stopped;
    late();
    expect([handled, handler.sync.length, handler.async.length]).toEqual([0, 0, 0]);
    expect([handler.sync.nodesWithMessages, handler.async.nodesWithMessages]).toEqual([0, 0]);
    expect(t.released).toEqual([1, 1, 1]);
  },
);

test("an engine that never ends is given up on, and what it holds is released", async () => {
  await using t = new TestRouting();
  const { handler } = t.addChain(() => ({ get: () => new Promise(() => {}) }), testChain(), {
    shutdownTimeoutMs: 2_000,
  });
  t.inbound(Op.Get, "a");
  void handler.stop();
  await t.clock.runFor(1_999);
  expect(handler.state).toBe("stopping");
  await t.clock.runFor(1);
  expect(handler.state).toBe("stopped");
  expect(t.released).toEqual([1]);
  expect(t.holdsNothing).toBe(true);
});

test("a chain can stop itself while it handles a message", async () => {
  await using t = new TestRouting();
  t.addChain(() => ({ appGossip: () => void t.routing.removeChain(testChainID(1)) }));
  t.inbound(Op.AppGossip, "a");
  await t.clock.runFor(0);
  expect(t.released).toEqual([1]);
  expect(t.routing.chains.size).toBe(0);
});

test("what an engine has no part for is dropped and counted", async () => {
  await using t = new TestRouting();
  const { handler } = t.addChain(() => ({}));
  t.inbound(Op.PullQuery, "a");
  t.inbound(Op.AppGossip, "a");
  expect(handler.counts.unhandled.get(Op.PullQuery)).toBe(1);
  expect(handler.counts.unhandled.get(Op.AppGossip)).toBe(1);
  expect(t.released).toEqual([1, 1]);
});

test("what the node tells its chain takes its turn among consensus messages", async () => {
  await using t = new TestRouting();
  const order: string[] = [];
  const first = gate();
  const engine: Engine = {
    get: (nodeID: NodeID) => {
      order.push(`get ${nodeID}`);
      return nodeID === node("a") ? first.promise : undefined;
    },
    notify: (notification) => void order.push(`notify ${notification}`),
    gossip: () => void order.push("gossip"),
  };
  const { handler } = t.addChain(() => engine, testChain(), { gossipFrequencyMs: 500 });
  t.inbound(Op.Get, "a");
  t.inbound(Op.Get, "b");
  handler.notify(3);
  await t.clock.runFor(500);
  expect(order).toEqual(["get a"]);
  first.open();
  await t.clock.runFor(0);
  expect(order).toEqual(["get a", "notify 3", "gossip", "get b"]);
});

test("an answer whose field is no ID counts as a failure, and a request with such a field is dropped", async () => {
  await using t = new TestRouting();
  const heard: string[] = [];
  const { sender } = t.addChain(() => ({
    chits: () => void heard.push("chits"),
    queryFailed: (nodeID, requestID) => void heard.push(`failed ${nodeID} ${requestID}`),
    get: () => void heard.push("get"),
  }));
  sender.sendPullQuery([node("a")], 5, testChainID(9), 1n);
  t.inbound(Op.Chits, "a", { requestID: 5, content: { acceptedId: new Uint8Array(31) } });
  t.inbound(Op.Get, "a", { content: { containerId: new Uint8Array(33) } });
  expect(heard).toEqual(["failed a 5"]);
  expect(t.released).toEqual([1, 1]);
});
