/**
 * Stakes that are not all the same.
 *
 * avalanchego's genesis gives all its validators equal shares (upstream `genesis/genesis.go`, `splitAllocations`), so a
 * node that is to have another stake is none of them: it becomes a validator by a transaction, as soon as the network
 * runs. The transactions are made with the genesis, like those of subnets.
 *
 * @module
 */

import { PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import type { Secp256k1PrivateKey } from "../core/secp256k1/private_key.ts";
import type { ProofOfPossession } from "../core/staking/proof_of_possession.ts";
import type { GenesisInfo } from "../platform/genesis/info.ts";
import { AVAX } from "../platform/units.ts";
import type { SignedTx } from "../platform/wallet/marshal.ts";
import { WalletState } from "../platform/wallet/wallet_state.ts";
import { GENESIS_GAS_PRICE } from "./defaults.ts";
import { TmpnetError } from "./errors.ts";
import type { FlagsMap } from "./flags_map.ts";

/** The least and the most that one node may stake on a network of its own (upstream `genesis/genesis_local.go`). */
const DEFAULT_MIN_STAKE = 2_000n * AVAX;
const DEFAULT_MAX_STAKE = 3_000_000n * AVAX;

/** What a validator keeps of its delegators' rewards, in millionths: the least that is allowed. */
const DELEGATION_FEE = 20_000;

/** A node and what it is to stake. */
export interface Staker {
  readonly nodeID: NodeID;
  readonly signer: ProofOfPossession;
  /** nAVAX. */
  readonly stake: bigint;
}

/** What is to be staked once the network runs. */
export interface StakePlan {
  readonly txs: readonly SignedTx[];
  /** Until when each of the nodes validates, Unix seconds. */
  readonly endTimes: ReadonlyMap<NodeID, bigint>;
}

/**
 * Plans stakes.
 *
 * @param keys Keys that the genesis funds, as many as there are stakers at least: each pays for one.
 * @param flags Of the network: they may set other limits.
 * @throws {TmpnetError} `option` for a stake that no node may have; {@link WalletError} where a key has too little.
 */
export function planStakes(
  genesis: GenesisInfo,
  stakers: readonly Staker[],
  keys: readonly Secp256k1PrivateKey[],
  flags: FlagsMap,
): StakePlan {
  const [{ endTime: end } = { endTime: 0n }] = genesis.validators;
  const limit = (name: string, otherwise: bigint) => BigInt(flags[name] ?? otherwise);
  const [least, most] = [
    limit("min-validator-stake", DEFAULT_MIN_STAKE),
    limit("max-validator-stake", DEFAULT_MAX_STAKE),
  ];
  const txs = stakers.map(({ nodeID, signer, stake }, i) => {
    if (stake < least || stake > most) {
      const message = `A node may stake ${avax(least)} to ${avax(most)} AVAX, and ${avax(stake)} were asked for`;
      throw new TmpnetError({ code: "option", option: "stake" }, message);
    }
    const key = keys[i];
    if (key === undefined) {
      const message = `Each node with a stake of its own needs a pre-funded key, and there are ${keys.length}`;
      throw new TmpnetError({ code: "option", option: "stake" }, message);
    }
    const wallet = WalletState.ofGenesis(genesis, [key], GENESIS_GAS_PRICE);
    const { avaxAssetID, ownOwner } = wallet;
    const owners = { validationRewards: ownOwner, delegationRewards: ownOwner };
    const validator = { nodeID, start: genesis.timestamp, end, weight: stake, subnetID: PRIMARY_NETWORK_ID };
    return wallet.make(
      (builder, options) =>
        builder.newAddPermissionlessValidatorTx(validator, signer, avaxAssetID, owners, DELEGATION_FEE, options),
      { minIssuanceTime: genesis.timestamp, gasPrice: GENESIS_GAS_PRICE },
    );
  });
  return { txs, endTimes: new Map(stakers.map(({ nodeID }) => [nodeID, end])) };
}

function avax(nAVAX: bigint): string {
  const fraction = String(nAVAX % AVAX)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${nAVAX / AVAX}${fraction === "" ? "" : `.${fraction}`}`;
}
