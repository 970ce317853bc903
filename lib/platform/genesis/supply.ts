/**
 * How much AVAX a genesis makes.
 *
 * @module
 */

import type { GenesisConfig, LockedAmount } from "./config.ts";
import { GenesisError } from "./errors.ts";

const MAX_UINT64 = 2n ** 64n - 1n;

/**
 * All AVAX that there is at the start, nAVAX.
 *
 * @throws {GenesisError} `supply-overflow` beyond 2^64 - 1.
 */
export function initialSupply(config: GenesisConfig): bigint {
  const total = config.allocations.reduce(
    (sum, { initialAmount, unlockSchedule }) => sum + initialAmount + lockedAmount(unlockSchedule),
    0n,
  );
  if (total > MAX_UINT64) throw new GenesisError({ code: "supply-overflow" }, "overflow");
  return total;
}

/** The sum of a schedule, nAVAX; it may exceed 2^64 - 1. */
export function lockedAmount(schedule: readonly LockedAmount[]): bigint {
  return schedule.reduce((sum, { amount }) => sum + amount, 0n);
}
