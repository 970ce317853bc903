import { describe, expect, test } from "bun:test";
import {
  DEFAULT_CPU_TARGETER_OPTIONS,
  DEFAULT_DISK_TARGETER_OPTIONS,
  Targeter,
} from "../../../../lib/p2p/throttling/tracker/targeter.ts";
import { node, setWeight, validatorsOf } from "../../../support/throttling.ts";

describe("Targeter", () => {
  // The cases of upstream's TestTarget: a validator with a tenth of the stake, and a node with none.
  const validators = validatorsOf({ vdr: 1, rest: 9 });
  const targetAt = (total: number, name: string): number =>
    new Targeter(
      { validators, tracker: { totalUsage: () => total } },
      { vdrAlloc: 20, maxNonVdrUsage: 10, maxNonVdrNodeUsage: 5 },
    ).targetUsage(node(name));

  test.each([
    ["a validator has its part by stake and what is left for all", 9, "vdr", 3],
    ["another node has what is left for all", 9, "other", 1],
    ["one node does not get more than its maximum", 0, "other", 5],
    ["nothing is left for all", 10, "other", 0],
    ["more than all is used", 11, "other", 0],
    ["a validator keeps its part when nothing is left for all", 11, "vdr", 2],
  ])("%s", (_name, total, who, target) => {
    expect(targetAt(total, who)).toBe(target);
  });

  test("a weight that changes counts at once", () => {
    setWeight(validators, "vdr", 9n);
    expect(targetAt(10, "vdr")).toBe(10);
  });

  test("the defaults share out the one processor that handles messages as upstream shares out all", () => {
    expect(DEFAULT_CPU_TARGETER_OPTIONS).toEqual({ vdrAlloc: 1, maxNonVdrUsage: 0.8, maxNonVdrNodeUsage: 0.125 });
    expect(DEFAULT_DISK_TARGETER_OPTIONS.vdrAlloc).toBe(1.073741824e12);
  });
});
