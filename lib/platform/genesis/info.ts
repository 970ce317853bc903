/**
 * What follows from a genesis: the P-Chain's first bytes, the chains, the asset, the first validators.
 *
 * Source: upstream `genesis/genesis.go`, `FromConfig`, and `vms/platformvm/genesis/genesis.go`.
 *
 * @module
 */

import { toHex } from "../../core/bytes.ts";
import { sha256 } from "../../core/hashing.ts";
import { EMPTY_ID, type ID, idFromBytes, idToBytes, prefixID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { CODEC_VERSION, CodecError, CodecWriter } from "../codec/writer.ts";
import { AVM_ID, EVM_ID, NFT_FX_ID, PROPERTY_FX_ID, SECP256K1_FX_ID } from "../vm_ids.ts";
import type { GenesisConfig } from "./config.ts";
import { GenesisError } from "./errors.ts";
import { endTime, int64, nanoseconds } from "./go_time.ts";
import { chainTx, type GenesisTx, heapByEndTime, stakerTx, writeOutput } from "./p_chain.ts";
import { type Stake, splitStake } from "./stake.ts";
import { initialSupply } from "./supply.ts";
import { buildXChainGenesis } from "./x_chain.ts";

/** Who validates the Primary Network from the start. */
export interface GenesisValidator {
  readonly nodeID: NodeID;
  /** nAVAX. */
  readonly weight: bigint;
  /** BLS, compressed, 48 bytes; absent where the genesis names none. */
  readonly publicKey?: Uint8Array;
  /** Of the transaction that made it one. */
  readonly txID: ID;
  /** Unix seconds. */
  readonly startTime: bigint;
  /** Unix seconds. */
  readonly endTime: bigint;
  /** What it takes of delegators' rewards, in millionths. */
  readonly delegationShares: number;
  /** How many outputs its stake consists of. */
  readonly stakeOutputs: number;
}

/** A P-Chain UTXO of the genesis. Its ID is {@link genesisUTXOID} of its index. */
export interface GenesisUTXO {
  readonly outputIndex: number;
  /** 20 bytes. */
  readonly address: Uint8Array;
  /** nAVAX. */
  readonly amount: bigint;
  /** Unix seconds; it is locked until then where that is after the network's start. */
  readonly locktime: bigint;
  /** The allocation's Ethereum address, 20 bytes. */
  readonly message: Uint8Array;
}

/** What follows from a genesis. */
export interface GenesisInfo {
  readonly networkID: number;
  /** The P-Chain's genesis, as upstream writes it. */
  readonly bytes: Uint8Array;
  /** sha256 of the bytes. */
  readonly hash: ID;
  readonly avaxAssetID: ID;
  readonly xChainID: ID;
  readonly cChainID: ID;
  readonly xChainGenesis: Uint8Array;
  /** In the order in which the bytes hold them. */
  readonly validators: readonly GenesisValidator[];
  readonly utxos: readonly GenesisUTXO[];
  /** Unix seconds. */
  readonly timestamp: bigint;
  /** nAVAX. */
  readonly initialSupply: bigint;
  readonly message: string;
}

/**
 * Works out what follows from a genesis.
 *
 * It takes about a millisecond for a test network; keep the result, it is worked out anew on every call.
 *
 * @param config Need not be validated; what cannot be built is refused all the same.
 * @throws {GenesisError} `no-weight`, `already-exited`, `supply-overflow` or `text-too-long`.
 *
 * @example
 * ```ts
 * const info = genesisInfo(parseGenesis(text));
 * info.validators.map(({ nodeID, weight }) => [nodeID, weight]);
 * ```
 */
export function genesisInfo(config: GenesisConfig): GenesisInfo {
  const { networkID, startTime, message } = config;
  const supply = initialSupply(config);
  const { bytes: xChainGenesis, avaxAssetID } = buildXChainGenesis(config);
  const { utxos, stakes } = divideFunds(config);
  const stakers = buildStakers(config, stakes, avaxAssetID);
  const xChain = chainTx({
    networkID,
    name: "X-Chain",
    vmID: AVM_ID,
    fxIDs: [SECP256K1_FX_ID, NFT_FX_ID, PROPERTY_FX_ID],
    genesis: xChainGenesis,
  });
  const cChain = chainTx({
    networkID,
    name: "C-Chain",
    vmID: EVM_ID,
    fxIDs: [],
    genesis: new TextEncoder().encode(config.cChainGenesis),
  });

  const writer = new CodecWriter(xChainGenesis.length + utxos.length * UTXO_LENGTH + SLACK).uint16(CODEC_VERSION);
  writeUTXOs(writer, utxos, avaxAssetID, startTime);
  for (const txs of [stakers, [xChain, cChain]]) writer.slice(txs, ({ body }) => writer.fixed(body));
  writer.uint64(startTime).uint64(supply);
  writeMessage(writer, message);

  const bytes = writer.bytes();
  return {
    networkID,
    bytes,
    hash: idFromBytes(sha256(bytes)),
    avaxAssetID,
    xChainID: xChain.id,
    cChainID: cChain.id,
    xChainGenesis,
    validators: stakers.map(({ validator }) => validator),
    utxos,
    timestamp: startTime,
    initialSupply: supply,
    message,
  };
}

/** The ID of the P-Chain UTXO that a genesis has at an index. */
export function genesisUTXOID(outputIndex: number): ID {
  return prefixID(EMPTY_ID, BigInt(outputIndex));
}

/** What follows an upstream error out of `genesis.New`. */
const BUILDING = "problem while building platform chain's genesis state: ";
const SERIALIZING = "problem while serializing platform chain's genesis state: ";

/** Bytes of a UTXO at most, and of all that is no list: to make room with. */
const UTXO_LENGTH = 144;
const SLACK = 8_192;

/** What is staked goes to the stakers, all else becomes UTXOs. Amounts of 0 become nothing. */
function divideFunds({ allocations, initialStakedFunds }: GenesisConfig): { utxos: GenesisUTXO[]; stakes: Stake[] } {
  const staked = new Set(initialStakedFunds.map(toHex));
  const utxos: GenesisUTXO[] = [];
  const stakes: Stake[] = [];
  for (const { avaxAddr: address, ethAddr: message, unlockSchedule } of allocations) {
    if (staked.has(toHex(address))) {
      for (const { amount, locktime } of unlockSchedule) stakes.push({ address, amount, locktime });
      continue;
    }
    for (const { amount, locktime } of unlockSchedule) {
      if (amount > 0n) utxos.push({ outputIndex: utxos.length, address, amount, locktime, message });
    }
  }
  return { utxos, stakes };
}

/** A staker's transaction, and what it says. */
interface BuiltStaker extends GenesisTx {
  readonly endTime: bigint;
  readonly validator: GenesisValidator;
}

function buildStakers(config: GenesisConfig, stakes: readonly Stake[], avaxAssetID: ID): BuiltStaker[] {
  const { networkID, startTime, initialStakeDuration, initialStakeDurationOffset, initialStakers } = config;
  const shares = splitStake(stakes, Math.max(1, initialStakers.length));
  const offset = nanoseconds(initialStakeDurationOffset);
  const built = initialStakers.map((staker, i): BuiltStaker => {
    const { nodeID, rewardAddress, delegationFee: delegationShares, signer } = staker;
    const stake = shares[i] as Stake[];
    const weight = stake.reduce((sum, { amount }) => sum + amount, 0n);
    const end = endTime(startTime, initialStakeDuration, int64(offset * BigInt(i)));
    if (weight === 0n) {
      throw new GenesisError({ code: "no-weight", nodeID }, `${BUILDING}validator has not weight`);
    }
    if (end <= startTime) {
      throw new GenesisError({ code: "already-exited", nodeID }, `${BUILDING}validator would have already unstaked`);
    }
    const times = { startTime, endTime: end };
    const tx = stakerTx({
      ...times,
      networkID,
      avaxAssetID,
      nodeID,
      weight,
      stake,
      rewardAddress,
      delegationShares,
      signer,
    });
    const validator: GenesisValidator = {
      ...times,
      nodeID,
      weight,
      ...(signer === undefined ? {} : { publicKey: signer.publicKey }),
      txID: tx.id,
      delegationShares,
      stakeOutputs: stake.length,
    };
    return { ...tx, endTime: end, validator };
  });
  return heapByEndTime(built);
}

function writeUTXOs(writer: CodecWriter, utxos: readonly GenesisUTXO[], avaxAssetID: ID, startTime: bigint): void {
  const txID = idToBytes(EMPTY_ID);
  const assetID = idToBytes(avaxAssetID);
  writer.slice(utxos, (utxo) => {
    writer.fixed(txID).uint32(utxo.outputIndex);
    writeOutput(writer, assetID, utxo, startTime);
    writer.variable(utxo.message);
  });
}

function writeMessage(writer: CodecWriter, message: string): void {
  try {
    writer.string(message);
  } catch (cause) {
    if (!(cause instanceof CodecError)) throw cause;
    throw new GenesisError({ code: "text-too-long", length: cause.type.length }, `${SERIALIZING}${cause.message}`, {
      cause,
    });
  }
}
