import { expect, test } from "bun:test";
import { toHex } from "../../lib/core/bytes.ts";
import { EMPTY_ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { EMPTY_NODE_ID, nodeIDFromBytes } from "../../lib/core/ids/node_id.ts";
import type { Validator } from "../../lib/core/validators/manager.ts";
import {
  type CurrentL1Validator,
  type CurrentStaker,
  networkValidators,
} from "../../lib/platform/current_validators.ts";
import { PlatformError } from "../../lib/platform/errors.ts";
import { readCurrentValidators } from "../../lib/platform/rpc/current_validators_reply.ts";
import { RECORDED, RECORDED_L1, RECORDED_SUBNET } from "../support/p_chain.ts";

const node = (n: number) => nodeIDFromBytes(new Uint8Array(20).fill(n));
const id = (n: number) => idFromBytes(new Uint8Array(32).fill(n));

function staker(n: number, weight: bigint, publicKey?: Uint8Array): CurrentStaker {
  return { kind: "staker", nodeID: node(n), txID: id(n), weight, publicKey };
}

function l1(n: number, weight: bigint, active: boolean): CurrentL1Validator {
  return { kind: "l1", nodeID: node(n), txID: id(n), weight, publicKey: new Uint8Array(48).fill(n), active };
}

/** As `platform.getValidatorsAt` shows a set. */
function shown(validators: ReadonlyMap<string, Validator>) {
  return Object.fromEntries(
    [...validators].map(([nodeID, { publicKey, weight }]) => [
      nodeID,
      { publicKey: publicKey === undefined ? null : `0x${toHex(publicKey)}`, weight: String(weight) },
    ]),
  );
}

test("the recorded validators are those of the reference's own validator manager", () => {
  const primary = networkValidators(readCurrentValidators(RECORDED.current[PRIMARY_NETWORK_ID]));
  expect(shown(primary)).toEqual(RECORDED.at[PRIMARY_NETWORK_ID]!);
  for (const subnetID of [RECORDED_SUBNET, RECORDED_L1]) {
    const validators = networkValidators(readCurrentValidators(RECORDED.current[subnetID]), primary);
    expect(shown(validators)).toEqual(RECORDED.at[subnetID]!);
  }
});

test("a subnet's staker has its Primary Network's key, whatever it names itself, and none where that has none", () => {
  const primary = networkValidators([staker(1, 5n, new Uint8Array(48).fill(9)), staker(2, 5n)]);
  const validators = networkValidators([staker(1, 1n), staker(2, 1n, new Uint8Array(48)), staker(3, 1n)], primary);
  expect(validators.get(node(1))?.publicKey).toEqual(new Uint8Array(48).fill(9));
  expect(validators.get(node(2))?.publicKey).toBeUndefined();
  expect(validators.get(node(3))?.publicKey).toBeUndefined();
});

test("what an L1's inactive validators weigh is nobody's, and counts", () => {
  const validators = networkValidators([l1(1, 2n ** 63n, false), l1(2, 4n, true), l1(3, 2n ** 63n, false)], new Map());
  expect([...validators.keys()]).toEqual([EMPTY_NODE_ID, node(2)]);
  expect(validators.get(EMPTY_NODE_ID)).toEqual({
    nodeID: EMPTY_NODE_ID,
    publicKey: undefined,
    txID: EMPTY_ID,
    weight: 2n ** 64n,
  });
});

test("a node that is there twice is refused", () => {
  expect(() => networkValidators([staker(1, 1n), l1(1, 1n, true)], new Map())).toThrow(PlatformError);
});
