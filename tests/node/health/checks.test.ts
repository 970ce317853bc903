import { expect, test } from "bun:test";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { ValidatorManager } from "../../../lib/core/validators/manager.ts";
import {
  blsCheck,
  bootstrappedCheck,
  connectedStakeCheck,
  diskSpaceCheck,
  requiredConnectedStake,
} from "../../../lib/node/health/checks.ts";

function node(i: number): NodeID {
  return nodeIDFromBytes(new Uint8Array(20).fill(i));
}

test("the default quorum needs four fifths of the stake", () => {
  expect(requiredConnectedStake(15, 20)).toBeCloseTo(0.8, 12);
  expect(requiredConnectedStake(20, 20)).toBe(1);
});

test("stake is enough at exactly what is required, and not below", async () => {
  const at = (connected: bigint, total: bigint) =>
    connectedStakeCheck(() => ({ connected, total, disconnected: [node(2), node(1)] }), 0.8)();
  expect(await at(80n, 100n)).toEqual({
    details: { disconnectedValidators: [node(2), node(1)].sort(), percentConnected: 0.8 },
  });
  expect((await at(79n, 100n)).error).toBe(
    "not connected to enough stake: connected to 79.000000%; required at least 80.000000%",
  );
  expect((await at(0n, 0n)).error).toBeUndefined();
});

test("the BLS key is compared with the one that is registered", async () => {
  const validators = new ValidatorManager();
  const key = new Uint8Array(48).fill(1);
  const check = blsCheck(validators, node(1), key);
  expect(await check()).toEqual({ details: "node is not a validator" });
  const staker = { nodeID: node(1), txID: PRIMARY_NETWORK_ID, weight: 1n };
  validators.addStaker(PRIMARY_NETWORK_ID, { ...staker, publicKey: undefined });
  expect(await check()).toEqual({ details: "validator doesn't have a BLS key" });
  validators.removeWeight(PRIMARY_NETWORK_ID, node(1), 1n);
  validators.addStaker(PRIMARY_NETWORK_ID, { ...staker, publicKey: key });
  expect(await check()).toEqual({ details: "node has the correct BLS key" });
  validators.removeWeight(PRIMARY_NETWORK_ID, node(1), 1n);
  validators.addStaker(PRIMARY_NETWORK_ID, { ...staker, publicKey: new Uint8Array(48).fill(2) });
  expect((await check()).error).toMatch(/^node has BLS key 0x0101.* registered to the validator set with 0x0202/);
});

test("little disk space is unhealthy, too little stops the node", async () => {
  let stopped = 0;
  const at = (percent: number) =>
    diskSpaceCheck(
      async () => ({ availableBytes: 1_000, availablePercentage: percent }),
      { required: 3, warning: 10 },
      () => stopped++,
    )();
  expect(await at(10)).toEqual({ details: { availableDiskBytes: 1_000, availableDiskPercentage: 10 } });
  expect((await at(9)).error).toContain("warning threshold available space percentage (10%)");
  expect(stopped).toBe(0);
  expect((await at(2)).error).toContain("minimum required available space percentage (3%)");
  expect(stopped).toBe(1);
});

test("a node is bootstrapped once it has found its network", async () => {
  expect(await bootstrappedCheck(() => true)()).toEqual({ details: [] });
  expect(await bootstrappedCheck(() => false)()).toEqual({
    details: [PRIMARY_NETWORK_ID],
    error: "subnets not bootstrapped",
  });
});
