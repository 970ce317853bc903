import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { InboundMsgByteThrottler } from "../../../lib/p2p/throttling/inbound_msg_byte_throttler.ts";
import { node, setWeight, TestRequest, validatorsOf } from "../../support/throttling.ts";

function bytes(
  weights: Readonly<Record<string, number | bigint>>,
  options: { readonly vdrAllocSize: number; readonly atLargeAllocSize: number; readonly nodeMaxAtLargeBytes: number },
) {
  const validators = validatorsOf(weights);
  return { validators, throttler: new InboundMsgByteThrottler({ clock: new ManualClock(), validators }, options) };
}

describe("InboundMsgByteThrottler", () => {
  test("a node's own waiting message takes over its validator bytes, and at-large bytes go to the oldest", () => {
    const { throttler } = bytes({ v: 1 }, { vdrAllocSize: 100, atLargeAllocSize: 20, nodeMaxAtLargeBytes: 20 });
    const woken: string[] = [];
    const held = new TestRequest("v", 120);
    const own = new TestRequest("v", 40, () => woken.push("v"));
    const other = new TestRequest("x", 10, () => woken.push("x"));
    expect(throttler.acquire(held)).toBe(true);
    expect(throttler.acquire(own)).toBe(false);
    expect(throttler.acquire(other)).toBe(false);
    throttler.release(held);
    expect(woken).toEqual(["v"]);
    throttler.release(own);
    expect(woken).toEqual(["v", "x"]);
    throttler.release(other);
    expect(throttler.state()).toEqual({
      remainingAtLargeBytes: 20,
      remainingVdrBytes: 100,
      nodeToAtLargeBytesUsed: {},
      nodeToVdrBytesUsed: {},
      waiting: [],
    });
  });

  test("a weight that changes counts at the next message", () => {
    const { throttler, validators } = bytes(
      { a: 1, b: 1 },
      { vdrAllocSize: 100, atLargeAllocSize: 0, nodeMaxAtLargeBytes: 0 },
    );
    const first = new TestRequest("a", 60);
    expect(throttler.acquire(first)).toBe(false);
    throttler.cancel(first);
    throttler.release(first);
    setWeight(validators, "a", 3n);
    expect(throttler.acquire(new TestRequest("a", 75))).toBe(true);
    setWeight(validators, "c", 6n);
    expect(throttler.acquire(new TestRequest("c", 25))).toBe(true);
    setWeight(validators, "b", 0n);
    expect(throttler.acquire(new TestRequest("b", 1))).toBe(false);
  });

  test("shares are reckoned in doubles, as upstream reckons them", () => {
    // Nearly all of the stake is all of it in a double; in whole numbers the share would be 9.
    const { throttler } = bytes(
      { a: 2n ** 60n - 1n, b: 1n },
      { vdrAllocSize: 10, atLargeAllocSize: 0, nodeMaxAtLargeBytes: 0 },
    );
    expect(throttler.acquire(new TestRequest("a", 10))).toBe(true);
  });

  test("a total weight that no uint64 holds gives nobody a share, as upstream", () => {
    const { throttler, validators } = bytes(
      { a: 2n ** 64n - 1n },
      { vdrAllocSize: 100, atLargeAllocSize: 0, nodeMaxAtLargeBytes: 0 },
    );
    const request = new TestRequest("a", 10);
    expect(throttler.acquire(request)).toBe(true);
    setWeight(validators, "b", 1n);
    expect(throttler.acquire(new TestRequest("a", 1))).toBe(false);
  });

  test("ten thousand nodes that release as they are woken do not nest", () => {
    const { throttler } = bytes({}, { vdrAllocSize: 0, atLargeAllocSize: 10, nodeMaxAtLargeBytes: 10 });
    const order: number[] = [];
    const held = new TestRequest("holder", 10);
    throttler.acquire(held);
    for (let i = 0; i < 10_000; i++) {
      const request: TestRequest = new TestRequest(`n${i}`, 10, () => {
        order.push(i);
        throttler.release(request);
      });
      expect(throttler.acquire(request)).toBe(false);
    }
    throttler.release(held);
    expect(order).toEqual(Array.from({ length: 10_000 }, (_, i) => i));
    expect(throttler.state().remainingAtLargeBytes).toBe(10);
  });

  test("a second message of a node that waits takes nothing and gives nothing", () => {
    const { throttler } = bytes({}, { vdrAllocSize: 0, atLargeAllocSize: 10, nodeMaxAtLargeBytes: 10 });
    const held = new TestRequest("a", 8);
    const waiting = new TestRequest("a", 5);
    const second = new TestRequest("a", 1);
    throttler.acquire(held);
    throttler.acquire(waiting);
    expect(throttler.acquire(second)).toBe(true);
    throttler.release(second);
    expect(throttler.state().waiting).toEqual([{ messageID: 1, node: node("a"), size: 5, bytesNeeded: 3 }]);
    expect(throttler.state().nodeToAtLargeBytesUsed).toEqual({ a: 10 });
  });
});
