import { describe, expect, test } from "bun:test";
import { DecompressedByteThrottler } from "../../../lib/p2p/throttling/decompressed_byte_throttler.ts";
import { node, TestRequest } from "../../support/throttling.ts";

/** A throttler of 100 bytes, 10 for a node. */
function throttler() {
  const asked: string[] = [];
  const decompressed = new DecompressedByteThrottler({}, { maxBytes: 100, nodeMaxBytes: 10 });
  /** A message that was granted and came to so many bytes more. */
  const held = (name: string, bytes: number): TestRequest => {
    const request = new TestRequest(name, 1);
    expect(decompressed.acquire(request)).toBe(true);
    decompressed.add(request, bytes);
    return request;
  };
  const ask = (name: string): { readonly request: TestRequest; readonly granted: boolean } => {
    const request = new TestRequest(name, 1, () => asked.push(name));
    return { request, granted: decompressed.acquire(request) };
  };
  return { ask, asked, decompressed, held };
}

const NOTHING = { heldBytes: 0, nodeToHeldBytes: {}, waitingNodes: [] };

describe("what decompressed messages hold", () => {
  test("makes the node wait that holds too much, and nobody else", () => {
    const { ask, asked, decompressed, held } = throttler();
    const first = held("a", 4);
    const second = held("a", 50);
    expect(ask("a").granted).toBe(false);
    expect(ask("b").granted).toBe(true);
    decompressed.release(first);
    expect(asked).toEqual([]);
    decompressed.release(second);
    expect(asked).toEqual(["a"]);
    expect(decompressed.state()).toEqual(NOTHING);
  });

  test("makes all wait that hold anything while all together hold too much", () => {
    const { ask, asked, decompressed, held } = throttler();
    const large = held("a", 99);
    const small = held("b", 1);
    expect(ask("b").granted).toBe(false);
    expect(ask("c").granted).toBe(true);
    decompressed.release(large);
    expect(asked).toEqual(["b"]);
    decompressed.release(small);
    expect(decompressed.state()).toEqual(NOTHING);
  });

  test("is given back once, and a wait that was cancelled is not granted", () => {
    const { ask, asked, decompressed, held } = throttler();
    const message = held("a", 10);
    const { request } = ask("a");
    decompressed.cancel(request);
    decompressed.release(message);
    decompressed.release(message);
    expect(asked).toEqual([]);
    expect(decompressed.state()).toEqual(NOTHING);
  });

  test("that is released while another is let go on is seen to in the same round", () => {
    const { ask, asked, decompressed, held } = throttler();
    const other = held("b", 10);
    const message = held("a", 10);
    const waits = new TestRequest("a", 1, () => decompressed.release(other));
    expect(decompressed.acquire(waits)).toBe(false);
    expect(ask("b").granted).toBe(false);
    decompressed.release(message);
    expect(asked).toEqual(["b"]);
    expect(decompressed.state().nodeToHeldBytes[node("b")]).toBeUndefined();
  });
});
