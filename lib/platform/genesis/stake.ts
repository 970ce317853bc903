/**
 * How the funds that a genesis stakes fall to its stakers: in equal shares, allocation by allocation.
 *
 * Source: upstream `genesis/genesis.go`, `splitAllocations`.
 *
 * @module
 */

import { compareBytes } from "../../core/bytes.ts";

/** An amount with its owner. */
export interface Stake {
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** nAVAX; may be 0 where a share was full before the amount began. */
  readonly amount: bigint;
  /** Unix seconds. */
  readonly locktime: bigint;
}

/**
 * Cuts amounts into as many shares as there are stakers. The last share takes what division leaves over.
 *
 * @param stakes In the order of the genesis.
 * @param shares At least 1.
 * @returns One list for each staker, each sorted as it is written; trailing ones may be empty.
 */
export function splitStake(stakes: readonly Stake[], shares: number): Stake[][] {
  const total = stakes.reduce((sum, { amount }) => sum + amount, 0n);
  const perShare = total / BigInt(shares);

  const result: Stake[][] = [[]];
  let current = result[0] as Stake[];
  let held = 0n;
  for (const stake of stakes) {
    let left = stake.amount;
    while (held + left > perShare && result.length < shares) {
      const added = perShare - held;
      current.push({ ...stake, amount: added });
      left -= added;
      current = [];
      result.push(current);
      held = 0n;
    }
    if (left === 0n) continue;
    current.push({ ...stake, amount: left });
    held += left;
  }
  while (result.length < shares) result.push([]);
  for (const share of result) share.sort(compareStakes);
  return result;
}

function compareStakes(a: Stake, b: Stake): number {
  if (a.locktime !== b.locktime) return a.locktime < b.locktime ? -1 : 1;
  if (a.amount !== b.amount) return a.amount < b.amount ? -1 : 1;
  return compareBytes(a.address, b.address);
}
