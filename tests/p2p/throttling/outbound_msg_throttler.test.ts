import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { SybilOutboundMsgThrottler } from "../../../lib/p2p/throttling/outbound_msg_throttler.ts";
import { node, setWeight, validatorsOf } from "../../support/throttling.ts";

describe("SybilOutboundMsgThrottler", () => {
  test("whatever the history, after all releases both pools are full and no node has a remainder", () => {
    const names = fc.constantFrom("a", "b", "c", "d");
    const step = fc.oneof(
      fc.record({ op: fc.constant("acquire" as const), name: names, size: fc.nat(300), bypass: fc.boolean() }),
      fc.record({ op: fc.constant("release" as const), pick: fc.nat() }),
      fc.record({ op: fc.constant("weight" as const), name: names, weight: fc.bigInt(0n, 2n ** 60n) }),
    );
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 80 }),
        fc.nat(600),
        fc.nat(600),
        fc.nat(600),
        (steps, vdrAllocSize, atLargeAllocSize, most) => {
          const validators = validatorsOf({ a: 5, b: 1 });
          const nodeMaxAtLargeBytes = Math.min(most, atLargeAllocSize);
          const throttler = new SybilOutboundMsgThrottler(
            { validators },
            { vdrAllocSize, atLargeAllocSize, nodeMaxAtLargeBytes },
          );
          const held: (readonly [number, ReturnType<typeof node>, boolean])[] = [];
          for (const s of steps) {
            if (s.op === "weight") setWeight(validators, s.name, s.weight);
            else if (s.op === "acquire") {
              const message = [s.size, node(s.name), s.bypass] as const;
              if (throttler.acquire(...message)) held.push(message);
            } else if (held.length > 0) {
              throttler.release(...(held.splice(s.pick % held.length, 1)[0] as (typeof held)[number]));
            }
            const { remainingAtLargeBytes, remainingVdrBytes, nodeToAtLargeBytesUsed } = throttler.state();
            expect(remainingAtLargeBytes).toBeGreaterThanOrEqual(0);
            expect(remainingVdrBytes).toBeGreaterThanOrEqual(0);
            for (const used of Object.values(nodeToAtLargeBytesUsed)) {
              expect(used).toBeLessThanOrEqual(nodeMaxAtLargeBytes);
            }
          }
          for (const message of held) throttler.release(...message);
          expect(throttler.state()).toEqual({
            remainingAtLargeBytes: atLargeAllocSize,
            remainingVdrBytes: vdrAllocSize,
            nodeToAtLargeBytesUsed: {},
            nodeToVdrBytesUsed: {},
          });
        },
      ),
    );
  });
});
