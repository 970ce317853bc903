import { expect, test } from "bun:test";
import { EMPTY_ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { ValidatorError, ValidatorManager } from "../../../lib/core/validators/manager.ts";

const node = (n: number): NodeID => nodeIDFromBytes(new Uint8Array(20).fill(n));
const subnet = idFromBytes(new Uint8Array(32).fill(7));
const staker = (n: number, weight: bigint) => ({ nodeID: node(n), publicKey: undefined, txID: EMPTY_ID, weight });

function codeOf(act: () => void): string {
  try {
    act();
  } catch (error) {
    if (error instanceof ValidatorError) return error.type.code;
    throw error;
  }
  return "none";
}

test("each subnet has its own validators", () => {
  const manager = new ValidatorManager();
  manager.addStaker(PRIMARY_NETWORK_ID, staker(1, 5n));
  manager.addStaker(subnet, staker(1, 3n));
  manager.addStaker(subnet, staker(2, 4n));
  expect(manager.getWeight(PRIMARY_NETWORK_ID, node(1))).toBe(5n);
  expect(manager.getWeight(subnet, node(1))).toBe(3n);
  expect(manager.totalWeight(subnet)).toBe(7n);
  expect(manager.numValidators(subnet)).toBe(2);
  expect([...manager.validators(subnet)].map(({ nodeID }) => nodeID)).toEqual([node(1), node(2)]);
  expect(manager.getWeight(subnet, node(3))).toBe(0n);
});

test("a change that cannot be made says why and changes nothing", () => {
  const manager = new ValidatorManager();
  manager.addStaker(subnet, staker(1, 5n));
  expect(codeOf(() => manager.addStaker(subnet, staker(2, 0n)))).toBe("zero-weight");
  expect(codeOf(() => manager.addStaker(subnet, staker(1, 1n)))).toBe("duplicate-validator");
  expect(codeOf(() => manager.addWeight(subnet, node(1), 0n))).toBe("zero-weight");
  expect(codeOf(() => manager.addWeight(subnet, node(2), 1n))).toBe("missing-validator");
  expect(codeOf(() => manager.removeWeight(PRIMARY_NETWORK_ID, node(1), 1n))).toBe("missing-validator");
  expect(codeOf(() => manager.removeWeight(subnet, node(1), 6n))).toBe("negative-weight");
  expect(manager.totalWeight(subnet)).toBe(5n);
  expect(manager.numValidators(subnet)).toBe(1);
});

test("a listener is told of who is there, of every change at once, and of nothing once it stops", () => {
  const manager = new ValidatorManager();
  manager.addStaker(subnet, staker(1, 5n));
  const seen: bigint[] = [];
  const subscription = manager.subscribe({
    onValidatorAdded: (_, { weight }) => seen.push(weight),
    onValidatorWeightChanged: (_, __, before, after) => seen.push(before, after),
    onValidatorRemoved: (_, __, weight) => seen.push(-weight),
  });
  manager.addWeight(subnet, node(1), 2n);
  manager.removeWeight(subnet, node(1), 7n);
  expect(seen).toEqual([5n, 5n, 7n, -7n]);
  subscription[Symbol.dispose]();
  manager.addStaker(subnet, staker(2, 1n));
  expect(seen).toHaveLength(4);
});
