/**
 * A genesis between JSON and value: fields have their types, addresses are still text.
 *
 * The two steps are kept apart because upstream keeps them apart: a fault in the JSON anywhere is told before a fault
 * in the first address. Source: upstream `genesis/unparsed_config.go`.
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import { formatAddress, parseAddress } from "../../core/ids/bech32.ts";
import { requireLength } from "../../core/ids/cb58.ts";
import { SHORT_ID_LENGTH } from "../../core/ids/short_id.ts";
import { type ProofOfPossession, proofOfPossessionToJSON } from "../../core/staking/proof_of_possession.ts";
import type { GoJSONValue } from "../go_json/format.ts";
import { networkHRP } from "../networks.ts";
import type { GenesisAllocation, GenesisConfig, GenesisStaker } from "./config.ts";
import { GenesisError } from "./errors.ts";
import { hexBytesDecode } from "./hex.ts";

/** The chain that stands before the addresses of a genesis. */
const ADDRESS_CHAIN = "X";

/** An allocation whose addresses are text. */
export interface UnparsedAllocation extends Pick<GenesisAllocation, "initialAmount" | "unlockSchedule"> {
  readonly ethAddr: string;
  readonly avaxAddr: string;
}

/** A staker whose address is text. */
export interface UnparsedStaker extends Pick<GenesisStaker, "nodeID" | "delegationFee"> {
  readonly rewardAddress: string;
  readonly signer: ProofOfPossession | undefined;
}

/** A genesis whose addresses are text. */
export interface UnparsedConfig extends Omit<GenesisConfig, "allocations" | "initialStakedFunds" | "initialStakers"> {
  readonly allocations: readonly UnparsedAllocation[];
  readonly initialStakedFunds: readonly string[];
  readonly initialStakers: readonly UnparsedStaker[];
}

/**
 * Reads the addresses.
 *
 * @throws {IdsError} An address that cannot be read or has not 20 bytes.
 * @throws {HexError} An Ethereum address that is no hex.
 * @throws {GenesisError} `config` for an Ethereum address that is too short for its prefix.
 */
export function parseUnparsed(unparsed: UnparsedConfig): GenesisConfig {
  return {
    ...unparsed,
    allocations: unparsed.allocations.map(({ ethAddr, avaxAddr, initialAmount, unlockSchedule }) => ({
      ethAddr: parseEthAddress(ethAddr),
      avaxAddr: parseOwner(avaxAddr),
      initialAmount,
      unlockSchedule,
    })),
    initialStakedFunds: unparsed.initialStakedFunds.map(parseOwner),
    initialStakers: unparsed.initialStakers.map(({ nodeID, rewardAddress, delegationFee, signer }) => ({
      nodeID,
      rewardAddress: parseOwner(rewardAddress),
      delegationFee,
      ...(signer === undefined ? {} : { signer }),
    })),
  };
}

/** Writes the addresses, with the network's prefix, and all in the order in which avalanchego writes it. */
export function unparseConfig(config: GenesisConfig): GoJSONValue {
  const format = (bytes: Uint8Array): string => formatGenesisAddress(config.networkID, bytes);
  return {
    networkID: config.networkID,
    allocations: config.allocations.map(({ ethAddr, avaxAddr, initialAmount, unlockSchedule }) => ({
      ethAddr: `0x${toHex(ethAddr)}`,
      avaxAddr: format(avaxAddr),
      initialAmount,
      unlockSchedule: unlockSchedule.map(({ amount, locktime }) => ({ amount, locktime })),
    })),
    startTime: config.startTime,
    initialStakeDuration: config.initialStakeDuration,
    initialStakeDurationOffset: config.initialStakeDurationOffset,
    initialStakedFunds: config.initialStakedFunds.map(format),
    initialStakers: config.initialStakers.map(({ nodeID, rewardAddress, delegationFee, signer }) => ({
      nodeID,
      rewardAddress: format(rewardAddress),
      delegationFee,
      signer: signer && { ...proofOfPossessionToJSON(signer) },
    })),
    cChainGenesis: config.cChainGenesis,
    message: config.message,
  };
}

/**
 * An address as a genesis and its error texts write it.
 *
 * @param bytes 20 bytes.
 */
export function formatGenesisAddress(networkID: number, bytes: Uint8Array): string {
  return formatAddress(ADDRESS_CHAIN, networkHRP(networkID), bytes);
}

/** Upstream looks neither at the chain nor at the network that an address is for. */
function parseOwner(text: string): Uint8Array {
  const { bytes } = parseAddress(text);
  requireLength(bytes, SHORT_ID_LENGTH);
  return bytes;
}

/** Upstream drops the first two bytes, whatever they are. */
function parseEthAddress(text: string): Uint8Array {
  const written = Buffer.from(text);
  if (written.length < 2) throw new GenesisError({ code: "config" }, "invalid eth address");
  const bytes = hexBytesDecode(written.subarray(2));
  requireLength(bytes, SHORT_ID_LENGTH);
  return bytes;
}
