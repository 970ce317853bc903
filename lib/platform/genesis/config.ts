/**
 * A network's genesis as a value: who owns what, who validates, when it starts.
 *
 * Amounts are nAVAX and times Unix seconds, both exact up to 2^64 - 1. The text form is avalanchego's genesis JSON.
 * Source: upstream `genesis/config.go` and `genesis/unparsed_config.go`.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { ProofOfPossession } from "../../core/staking/proof_of_possession.ts";

/** An amount that is free from a time on. */
export interface LockedAmount {
  /** nAVAX. */
  readonly amount: bigint;
  /** Unix seconds; 0 and times before the network's start mean that it is free from the beginning. */
  readonly locktime: bigint;
}

/** What one address owns at the start. */
export interface GenesisAllocation {
  /** 20 bytes; written beside the UTXOs and of no effect otherwise. */
  readonly ethAddr: Uint8Array;
  /** The owner, 20 bytes. */
  readonly avaxAddr: Uint8Array;
  /** nAVAX on the X-Chain. */
  readonly initialAmount: bigint;
  /** What lies on the P-Chain. */
  readonly unlockSchedule: readonly LockedAmount[];
}

/** Who validates from the start. */
export interface GenesisStaker {
  readonly nodeID: NodeID;
  /** Who receives rewards, 20 bytes. */
  readonly rewardAddress: Uint8Array;
  /** In millionths: 20,000 is 2 %. */
  readonly delegationFee: number;
  /** The BLS key, where the staker has one. */
  readonly signer?: ProofOfPossession;
}

/** A whole genesis. */
export interface GenesisConfig {
  readonly networkID: number;
  readonly allocations: readonly GenesisAllocation[];
  /** Unix seconds. */
  readonly startTime: bigint;
  /** How long the first staker validates, seconds. */
  readonly initialStakeDuration: bigint;
  /** By how much each further staker ends before the one ahead of it, seconds. */
  readonly initialStakeDurationOffset: bigint;
  /** Addresses, 20 bytes each, whose P-Chain funds are staked for the stakers in equal shares. */
  readonly initialStakedFunds: readonly Uint8Array[];
  readonly initialStakers: readonly GenesisStaker[];
  /** The C-Chain's own genesis: a JSON text. */
  readonly cChainGenesis: string;
  readonly message: string;
}
