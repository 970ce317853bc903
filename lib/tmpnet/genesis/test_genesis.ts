/**
 * A genesis for temporary networks, with tmpnet's values: every node stakes a megaAVAX, every key has plenty.
 *
 * Source: upstream `tests/fixture/tmpnet/genesis.go`.
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import { EMPTY_ID, idToBytes, prefixID } from "../../core/ids/id.ts";
import type { Secp256k1PrivateKey } from "../../core/secp256k1/private_key.ts";
import type { GenesisAllocation, GenesisConfig, GenesisStaker } from "../../platform/genesis/config.ts";
import { formatGoJSON } from "../../platform/go_json/format.ts";
import { isStandardNetwork } from "../../platform/networks.ts";
import { MEGA_AVAX } from "../../platform/units.ts";
import { refused } from "../errors.ts";

/** What each staker stakes, in nAVAX. */
const STAKE = MEGA_AVAX;
/** What each key has on the X-Chain, in nAVAX. */
const X_CHAIN_AMOUNT = 30n * MEGA_AVAX;
/** What each key has free on the P-Chain, in nAVAX. */
const P_CHAIN_AMOUNT = 20n * MEGA_AVAX;
/** What each key has on the C-Chain, in wei: 10^12 AVAX. */
const C_CHAIN_AMOUNT = 10n ** 30n;

const WEEK_SECONDS = 7n * 24n * 60n * 60n;
const YEAR_SECONDS = 365n * 24n * 60n * 60n;
const STAKE_OFFSET_SECONDS = 90n * 60n;

/** In millionths: 1 %. */
const DELEGATION_FEE = 10_000;

const C_CHAIN_GAS_LIMIT = 100_000_000;

/** When a C-Chain begins for which all upgrades are active: 2020-12-05T05:00:00Z, upstream `InitiallyActiveTime`. */
const INITIALLY_ACTIVE_SECONDS = 1_607_144_400;

const ZERO_ETH_ADDRESS = new Uint8Array(20);
const ZERO_HASH = `0x${"0".repeat(64)}`;

/** What a genesis is made from. */
export interface TestGenesisOptions {
  /** Any but mainnet, fuji and local. */
  readonly networkID: number;
  /** At least one. */
  readonly stakers: readonly Pick<GenesisStaker, "nodeID" | "signer">[];
  /** At least one. A key that is there twice counts once. */
  readonly keysToFund: readonly Secp256k1PrivateKey[];
  /** Addresses to fund besides, 20 bytes each, with what keys get: on X and P, or on C. */
  readonly addressesToFund?: readonly FundedAddress[];
  /** The C-Chain's genesis, a JSON text, in place of the one that funds keys. */
  readonly cChainGenesis?: string;
  /** Unix seconds. */
  readonly startTime: bigint;
  /** Who owns the stake, 20 bytes. @default Nobody: the address that upstream's generator gives, too. */
  readonly stakeOwner?: Uint8Array;
  /** Who gets the rewards, 20 bytes. @default Nobody, as above. */
  readonly rewardOwner?: Uint8Array;
}

/** An address of somebody whose key is not at hand. */
export interface FundedAddress {
  readonly chain: "XP" | "C";
  readonly bytes: Uint8Array;
}

/**
 * Makes a genesis.
 *
 * @throws {TmpnetError} `option` when one cannot be made from these.
 */
export function newTestGenesis(options: TestGenesisOptions): GenesisConfig {
  const { networkID, stakers, keysToFund, addressesToFund = [], startTime } = options;
  if (isStandardNetwork(networkID)) {
    throw refused("networkID", `Network ID ${networkID} has a genesis of its own: choose another for a test network`);
  }
  if (stakers.length === 0) throw refused("stakers", "A genesis needs at least one staker");
  if (keysToFund.length === 0) throw refused("keysToFund", "A genesis needs at least one key to fund");

  const { rewardOwner = testAddress(1n), stakeOwner = testAddress(2n) } = options;
  const stake = { amount: STAKE * BigInt(stakers.length), locktime: startTime + WEEK_SECONDS };
  const ofChain = (chain: FundedAddress["chain"]) =>
    addressesToFund.filter((funded) => funded.chain === chain).map(({ bytes }) => bytes);
  const owners = new Map(
    [...keysToFund.map(({ address }) => address), ...ofChain("XP")].map((address) => [toHex(address), address]),
  );
  const ethAddresses = [...keysToFund.map(({ ethAddress }) => ethAddress), ...ofChain("C")];
  const allocations: GenesisAllocation[] = [
    { ethAddr: ZERO_ETH_ADDRESS, avaxAddr: stakeOwner, initialAmount: 0n, unlockSchedule: [stake] },
  ];
  for (const avaxAddr of owners.values()) {
    allocations.push({
      ethAddr: ZERO_ETH_ADDRESS,
      avaxAddr,
      initialAmount: X_CHAIN_AMOUNT,
      unlockSchedule: [{ amount: P_CHAIN_AMOUNT, locktime: 0n }, stake],
    });
  }
  return {
    networkID,
    allocations,
    startTime,
    initialStakeDuration: YEAR_SECONDS,
    initialStakeDurationOffset: STAKE_OFFSET_SECONDS,
    initialStakedFunds: [stakeOwner],
    initialStakers: stakers.map((staker) => ({ ...staker, rewardAddress: rewardOwner, delegationFee: DELEGATION_FEE })),
    cChainGenesis: options.cChainGenesis ?? cChainGenesis(networkID, ethAddresses),
    message: "hello avalanche!",
  };
}

/** The C-Chain's genesis as upstream's encoder writes it: fields in its order, accounts sorted. */
function cChainGenesis(chainId: number, funded: readonly Uint8Array[]): string {
  const balance = `0x${C_CHAIN_AMOUNT.toString(16)}`;
  const addresses = [...new Set(funded.map(toHex))].sort();
  return formatGoJSON({
    config: { chainId },
    nonce: "0x0",
    timestamp: `0x${INITIALLY_ACTIVE_SECONDS.toString(16)}`,
    extraData: "0x",
    gasLimit: `0x${C_CHAIN_GAS_LIMIT.toString(16)}`,
    difficulty: "0x0",
    mixHash: ZERO_HASH,
    coinbase: `0x${toHex(ZERO_ETH_ADDRESS)}`,
    alloc: Object.fromEntries(addresses.map((address) => [address, { balance }])),
    number: "0x0",
    gasUsed: "0x0",
    parentHash: ZERO_HASH,
    baseFeePerGas: null,
    excessBlobGas: null,
    blobGasUsed: null,
  });
}

/** The address that upstream's test generator gives as its `n`th in a process: nobody has its key. */
function testAddress(n: bigint): Uint8Array {
  return idToBytes(prefixID(EMPTY_ID, n)).slice(0, 20);
}
