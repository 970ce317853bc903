import { expect, test } from "bun:test";
import fc from "fast-check";
import { type ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { applyValidators } from "../../../lib/core/validators/apply.ts";
import { type Validator, ValidatorManager } from "../../../lib/core/validators/manager.ts";

const node = (n: number): NodeID => nodeIDFromBytes(new Uint8Array(20).fill(n));
const id = (n: number): ID => idFromBytes(new Uint8Array(32).fill(n));
const key = (n: number): Uint8Array => new Uint8Array(48).fill(n);

function validator(n: number, weight: bigint, txID = n, publicKey: Uint8Array | undefined = undefined): Validator {
  return { nodeID: node(n), weight, txID: id(txID), publicKey };
}

function byNodeID(...validators: Validator[]): Map<NodeID, Validator> {
  return new Map(validators.map((entry) => [entry.nodeID, entry]));
}

/** A manager with these validators, and what its listeners hear from then on. */
function managerOf(...validators: Validator[]) {
  const manager = new ValidatorManager();
  for (const entry of validators) manager.addStaker(PRIMARY_NETWORK_ID, entry);
  const heard: string[] = [];
  const name = (nodeID: NodeID) => [1, 2, 3, 4].find((n) => node(n) === nodeID);
  manager.subscribe({
    onValidatorAdded: (_, { nodeID, weight }) => heard.push(`+${name(nodeID)}:${weight}`),
    onValidatorRemoved: (_, nodeID, weight) => heard.push(`-${name(nodeID)}:${weight}`),
    onValidatorWeightChanged: (_, nodeID, before, after) => heard.push(`${name(nodeID)}:${before}>${after}`),
  });
  heard.length = 0;
  return { manager, heard };
}

test("what is the same is left alone", () => {
  const { manager, heard } = managerOf(validator(1, 5n, 1, key(1)));
  const changes = applyValidators(manager, PRIMARY_NETWORK_ID, byNodeID(validator(1, 5n, 1, key(1))));
  expect(changes).toEqual({ added: 0, removed: 0, reweighted: 0, replaced: 0 });
  expect(heard).toEqual([]);
});

test("weights go up and down in place; who leaves goes before who comes", () => {
  const { manager, heard } = managerOf(validator(1, 5n), validator(2, 7n), validator(3, 1n));
  const huge = 2n ** 64n - 1n;
  const desired = byNodeID(validator(4, 9n), validator(1, huge), validator(2, 1n));
  expect(applyValidators(manager, PRIMARY_NETWORK_ID, desired)).toEqual({
    added: 1,
    removed: 1,
    reweighted: 2,
    replaced: 0,
  });
  expect(heard).toEqual(["-3:1", "+4:9", `1:5>${huge}`, "2:7>1"]);
  expect(manager.totalWeight(PRIMARY_NETWORK_ID)).toBe(huge + 10n);
});

test.each([
  ["another transaction", validator(1, 5n, 9, key(1))],
  ["another BLS key", validator(1, 5n, 1, key(2))],
  ["no BLS key any more", validator(1, 5n, 1)],
])("%s is another validator under the same name", (_, next) => {
  const { manager, heard } = managerOf(validator(1, 5n, 1, key(1)));
  expect(applyValidators(manager, PRIMARY_NETWORK_ID, byNodeID(next))).toMatchObject({ replaced: 1, added: 0 });
  expect(heard).toEqual(["-1:5", "+1:5"]);
  expect(manager.getValidator(PRIMARY_NETWORK_ID, node(1))).toEqual(next);
});

test("other subnets are left alone", () => {
  const { manager } = managerOf(validator(1, 5n));
  applyValidators(manager, id(7), byNodeID(validator(2, 3n)));
  applyValidators(manager, id(7), new Map());
  expect(manager.numValidators(PRIMARY_NETWORK_ID)).toBe(1);
  expect([...manager.subnetIDs()]).toEqual([PRIMARY_NETWORK_ID]);
});

test("whatever was there, afterwards there is what was asked for, and listeners can tell", () => {
  const set = fc
    .uniqueArray(fc.record({ n: fc.integer({ min: 1, max: 6 }), weight: fc.bigInt(1n, 4n), tx: fc.nat(2) }), {
      selector: ({ n }) => n,
    })
    .map((entries) => entries.map(({ n, weight, tx }) => validator(n, weight, tx)));
  fc.assert(
    fc.property(set, set, (before, after) => {
      const { manager } = managerOf(...before);
      const followed = new Map<NodeID, bigint>();
      manager.subscribe({
        onValidatorAdded: (_, { nodeID, weight }) => followed.set(nodeID, weight),
        onValidatorRemoved: (_, nodeID) => followed.delete(nodeID),
        onValidatorWeightChanged: (_, nodeID, __, weight) => followed.set(nodeID, weight),
      });
      applyValidators(manager, PRIMARY_NETWORK_ID, byNodeID(...after));
      const now = [...manager.validators(PRIMARY_NETWORK_ID)];
      expect(byNodeID(...now)).toEqual(byNodeID(...after));
      expect(followed).toEqual(new Map(after.map(({ nodeID, weight }) => [nodeID, weight])));
      expect(manager.totalWeight(PRIMARY_NETWORK_ID)).toBe(after.reduce((sum, { weight }) => sum + weight, 0n));
    }),
  );
});
