/**
 * A small genesis to change.
 *
 * @module
 */

import { nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import type { GenesisConfig, GenesisStaker } from "../../../lib/platform/genesis/config.ts";

export const START = 1_760_000_000n;

/** 20 bytes that all are `byte`. */
export function address(byte: number): Uint8Array {
  return new Uint8Array(20).fill(byte);
}

export function staker(byte: number, changes: Partial<GenesisStaker> = {}): GenesisStaker {
  return { nodeID: nodeIDFromBytes(address(byte)), rewardAddress: address(byte), delegationFee: 10_000, ...changes };
}

/** Address 1 stakes 1,000 nAVAX for one staker, address 2 owns something on both chains. */
export function smallGenesis(changes: Partial<GenesisConfig> = {}): GenesisConfig {
  return {
    networkID: 88_888,
    allocations: [
      {
        ethAddr: address(0),
        avaxAddr: address(1),
        initialAmount: 0n,
        unlockSchedule: [{ amount: 1_000n, locktime: START + 60n }],
      },
      {
        ethAddr: address(9),
        avaxAddr: address(2),
        initialAmount: 5n,
        unlockSchedule: [
          { amount: 7n, locktime: 0n },
          { amount: 8n, locktime: START + 60n },
          { amount: 0n, locktime: 0n },
        ],
      },
    ],
    startTime: START,
    initialStakeDuration: 86_400n,
    initialStakeDurationOffset: 60n,
    initialStakedFunds: [address(1)],
    initialStakers: [staker(1)],
    cChainGenesis: "{}",
    message: "hello",
    ...changes,
  };
}
