/**
 * Whether a network can start from a genesis. Checks and their order are upstream's (`genesis/genesis.go`).
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import type { Clock } from "../../core/clock.ts";
import { systemClock } from "../../core/clock.ts";
import { isStandardNetwork, networkName } from "../networks.ts";
import type { GenesisConfig } from "./config.ts";
import { GenesisError } from "./errors.ts";
import { formatUnixTime, isAfter } from "./go_time.ts";
import { initialSupply, lockedAmount } from "./supply.ts";
import { formatGenesisAddress } from "./unparsed.ts";

/** 365 days: the most that a staker may stake for on every built-in network (upstream `genesis/genesis_*.go`). */
export const DEFAULT_MAX_STAKE_DURATION_SECONDS = 31_536_000n;

/** What a genesis is measured against. */
export interface ValidateOptions {
  /** @default {31_536_000n} {@link DEFAULT_MAX_STAKE_DURATION_SECONDS}; the flag `max-stake-duration`. */
  readonly maxStakeDurationSeconds?: bigint;
  /** @default The system's clock. */
  readonly clock?: Pick<Clock, "now">;
}

/**
 * Checks a genesis.
 *
 * @param networkID The network that it is to be the genesis of.
 * @throws {GenesisError} The first fault.
 */
export function validateGenesis(networkID: number, config: GenesisConfig, options: ValidateOptions = {}): void {
  const { maxStakeDurationSeconds = DEFAULT_MAX_STAKE_DURATION_SECONDS, clock = systemClock } = options;
  if (networkID !== config.networkID) {
    throw new GenesisError(
      { code: "network-id", expected: networkID, actual: config.networkID },
      `conflicting networkIDs: expected ${networkID} but config contains ${config.networkID}`,
    );
  }
  if (supply(config) === 0n) throw new GenesisError({ code: "no-supply" }, "initial supply must be > 0");
  if (isAfter(config.startTime, clock.now())) {
    throw new GenesisError(
      { code: "future-start", startTime: config.startTime },
      `startTime cannot be in the future: ${formatUnixTime(config.startTime)}`,
    );
  }
  validateStakers(config, maxStakeDurationSeconds);
  validateStakedFunds(config);
  validateLockedAmount(config);
  if (config.cChainGenesis === "") {
    throw new GenesisError({ code: "no-c-chain-genesis" }, "C-Chain genesis cannot be empty");
  }
}

/** @throws {GenesisError} `standard-network` where the network's genesis is built in. */
export function refuseStandardNetwork(networkID: number): void {
  if (!isStandardNetwork(networkID)) return;
  throw new GenesisError(
    { code: "standard-network", networkID },
    `overrides standard network genesis config: ${networkName(networkID)}`,
    { hint: "Choose another network ID, or leave the genesis out" },
  );
}

function supply(config: GenesisConfig): bigint {
  try {
    return initialSupply(config);
  } catch (cause) {
    throw new GenesisError({ code: "supply-overflow" }, "unable to calculate initial supply: overflow", { cause });
  }
}

function validateStakers(config: GenesisConfig, maxSeconds: bigint): void {
  const { initialStakeDuration: seconds, initialStakeDurationOffset: offset, initialStakers } = config;
  if (seconds === 0n) throw new GenesisError({ code: "no-stake-duration" }, "initial stake duration must be > 0");
  if (seconds > maxSeconds) {
    throw new GenesisError(
      { code: "stake-duration-too-high", seconds, maxSeconds },
      "initial stake duration larger than maximum configured",
    );
  }
  if (initialStakers.length === 0) throw new GenesisError({ code: "no-stakers" }, "initial stakers must be > 0");

  // Upstream's product wraps.
  const minSeconds = BigInt.asUintN(64, offset * BigInt(initialStakers.length - 1));
  if (minSeconds > seconds) {
    throw new GenesisError(
      { code: "stake-duration-too-low", seconds, minSeconds },
      `initial stake duration is too low must be at least ${minSeconds}`,
    );
  }
}

function validateStakedFunds({ networkID, allocations, initialStakedFunds }: GenesisConfig): void {
  const preface = "initial staked funds validation failed: ";
  if (initialStakedFunds.length === 0) {
    throw new GenesisError({ code: "no-staked-funds" }, `${preface}initial staked funds cannot be empty`);
  }
  const allocated = new Set(allocations.map(({ avaxAddr }) => toHex(avaxAddr)));
  const staked = new Set<string>();
  for (const bytes of initialStakedFunds) {
    const key = toHex(bytes);
    if (staked.has(key)) {
      const address = formatGenesisAddress(networkID, bytes);
      throw new GenesisError(
        { code: "duplicate-staked-address", address },
        `${preface}duplicate initially staked address: ${address}`,
      );
    }
    staked.add(key);
    if (!allocated.has(key)) {
      const address = formatGenesisAddress(networkID, bytes);
      throw new GenesisError(
        { code: "no-allocation-to-stake", address },
        `${preface}no allocation to stake in address ${address}`,
      );
    }
  }
}

/** At least one locked nAVAX for each staker, wherever it lies. */
function validateLockedAmount({ allocations, initialStakers }: GenesisConfig): void {
  const locked = allocations.reduce((sum, { unlockSchedule }) => sum + lockedAmount(unlockSchedule), 0n);
  const stakers = initialStakers.length;
  if (locked < BigInt(stakers)) {
    throw new GenesisError(
      { code: "locked-too-low", locked, stakers },
      `total allocations locked amount is too low: ${locked} locked < ${stakers} stakers`,
    );
  }
}
