import { describe, expect, test } from "bun:test";
import { ManualClock } from "../../../lib/core/clock.ts";
import { InboundMsgBufferThrottler } from "../../../lib/p2p/throttling/inbound_msg_buffer_throttler.ts";
import { node, TestRequest } from "../../support/throttling.ts";

describe("InboundMsgBufferThrottler", () => {
  test("a released place goes to the node's waiting message, first come first served", () => {
    const throttler = new InboundMsgBufferThrottler({ clock: new ManualClock() }, { maxProcessingMsgsPerNode: 1 });
    const woken: string[] = [];
    const first = new TestRequest("a", 1);
    const second = new TestRequest("a", 1, () => woken.push("second"));
    const third = new TestRequest("a", 1, () => woken.push("third"));
    expect(throttler.acquire(first)).toBe(true);
    expect(throttler.acquire(second)).toBe(false);
    expect(throttler.acquire(third)).toBe(false);
    throttler.release(first);
    expect(woken).toEqual(["second"]);
    expect(throttler.state()).toEqual({ nodeToNumProcessingMsgs: { a: 1 }, waitingNodes: [node("a")] });
    throttler.release(second);
    expect(woken).toEqual(["second", "third"]);
    throttler.release(third);
    expect(throttler.state()).toEqual({ nodeToNumProcessingMsgs: {}, waitingNodes: [] });
  });

  test("releasing twice, or what was cancelled, gives nothing", () => {
    const throttler = new InboundMsgBufferThrottler({ clock: new ManualClock() }, { maxProcessingMsgsPerNode: 1 });
    const held = new TestRequest("a", 1);
    const waiting = new TestRequest("a", 1);
    throttler.acquire(held);
    throttler.acquire(waiting);
    throttler.cancel(waiting);
    throttler.release(waiting);
    expect(throttler.state()).toEqual({ nodeToNumProcessingMsgs: { a: 1 }, waitingNodes: [] });
    throttler.release(held);
    throttler.release(held);
    expect(throttler.acquire(new TestRequest("a", 1))).toBe(true);
    expect(throttler.acquire(new TestRequest("a", 1))).toBe(false);
  });
});
