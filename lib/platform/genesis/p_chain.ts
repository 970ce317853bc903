/**
 * The transactions that a P-Chain begins with: one for each staker, one for each chain.
 *
 * Source: upstream `vms/platformvm/genesis/genesis.go` and `vms/platformvm/txs`.
 *
 * @module
 */

import { sha256 } from "../../core/hashing.ts";
import { EMPTY_ID, type ID, idFromBytes, idToBytes, PRIMARY_NETWORK_ID } from "../../core/ids/id.ts";
import { type NodeID, nodeIDToBytes } from "../../core/ids/node_id.ts";
import type { ProofOfPossession } from "../../core/staking/proof_of_possession.ts";
import { PChainType } from "../codec/type_ids.ts";
import { CODEC_VERSION, CodecWriter } from "../codec/writer.ts";
import { int64 } from "./go_time.ts";
import type { Stake } from "./stake.ts";

const EMPTY_ID_BYTES = idToBytes(EMPTY_ID);

/** Bytes of the version that stands before a transaction of its own, and not before one within the genesis. */
const VERSION_LENGTH = 2;

/** A transaction as the genesis holds it. */
export interface GenesisTx {
  /** sha256 of the transaction with its version; of a chain, this is the chain's ID. */
  readonly id: ID;
  /** Without version. */
  readonly body: Uint8Array;
}

/** What a staker's transaction says. */
export interface StakerTx {
  readonly networkID: number;
  readonly avaxAssetID: ID;
  readonly nodeID: NodeID;
  /** Unix seconds, as all times here. */
  readonly startTime: bigint;
  readonly endTime: bigint;
  /** nAVAX. */
  readonly weight: bigint;
  readonly stake: readonly Stake[];
  /** 20 bytes. */
  readonly rewardAddress: Uint8Array;
  readonly delegationShares: number;
  readonly signer: ProofOfPossession | undefined;
}

/** AddPermissionlessValidatorTx where there is a BLS key, AddValidatorTx where there is none. */
export function stakerTx(staker: StakerTx): GenesisTx {
  const writer = beginTx(
    staker.signer === undefined ? PChainType.AddValidatorTx : PChainType.AddPermissionlessValidatorTx,
    staker.networkID,
  );
  writer.fixed(nodeIDToBytes(staker.nodeID)).uint64(staker.startTime).uint64(staker.endTime).uint64(staker.weight);
  if (staker.signer !== undefined) {
    writer.fixed(idToBytes(PRIMARY_NETWORK_ID)).uint32(PChainType.ProofOfPossession);
    writer.fixed(staker.signer.publicKey).fixed(staker.signer.proofOfPossession);
  }
  const assetID = idToBytes(staker.avaxAssetID);
  writer.slice(staker.stake, (stake) => writeOutput(writer, assetID, stake, staker.startTime));
  writeOwner(writer, staker.rewardAddress);
  if (staker.signer !== undefined) writeOwner(writer, staker.rewardAddress);
  writer.uint32(staker.delegationShares);
  return finishTx(writer);
}

/** What a chain's transaction says. */
export interface ChainTx {
  readonly networkID: number;
  readonly name: string;
  readonly vmID: ID;
  readonly fxIDs: readonly ID[];
  readonly genesis: Uint8Array;
}

/** CreateChainTx on the Primary Network. */
export function chainTx({ networkID, name, vmID, fxIDs, genesis }: ChainTx): GenesisTx {
  const writer = beginTx(PChainType.CreateChainTx, networkID);
  writer.fixed(idToBytes(PRIMARY_NETWORK_ID)).string(name).fixed(idToBytes(vmID));
  writer.slice(fxIDs, (id) => writer.fixed(idToBytes(id))).variable(genesis);
  const noSignatures = 0;
  writer.uint32(PChainType.Input).uint32(noSignatures);
  return finishTx(writer);
}

/**
 * An asset and who owns how much of it: behind a lock where it is free only after the network's start.
 *
 * @param assetID 32 bytes.
 * @param startTime Unix seconds.
 */
export function writeOutput(writer: CodecWriter, assetID: Uint8Array, stake: Stake, startTime: bigint): void {
  writer.fixed(assetID);
  if (stake.locktime > startTime) writer.uint32(PChainType.LockOut).uint64(stake.locktime);
  writer.uint32(PChainType.TransferOutput).uint64(stake.amount);
  writeOwners(writer, stake.address);
}

/**
 * The order in which the genesis lists its stakers: that of a binary heap by the end of their time, to which they
 * were added one after another. A transaction that is there already is not added again.
 *
 * Source: upstream `vms/platformvm/txs/txheap` and Go's `container/heap`.
 */
export function heapByEndTime<T extends { readonly id: ID; readonly endTime: bigint }>(items: readonly T[]): T[] {
  const heap: T[] = [];
  const seen = new Set<ID>();
  for (const item of items) {
    if (seen.has(item.id)) continue;
    seen.add(item.id);
    let at = heap.push(item) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (int64(item.endTime) >= int64((heap[parent] as T).endTime)) break;
      heap[at] = heap[parent] as T;
      at = parent;
    }
    heap[at] = item;
  }
  return heap;
}

function beginTx(type: number, networkID: number): CodecWriter {
  const writer = new CodecWriter().uint16(CODEC_VERSION).uint32(type).uint32(networkID).fixed(EMPTY_ID_BYTES);
  const noOutputs = 0;
  const noInputs = 0;
  const noMemo = 0;
  return writer.uint32(noOutputs).uint32(noInputs).uint32(noMemo);
}

function finishTx(writer: CodecWriter): GenesisTx {
  const noCredentials = 0;
  const bytes = writer.uint32(noCredentials).bytes();
  return { id: idFromBytes(sha256(bytes)), body: bytes.subarray(VERSION_LENGTH) };
}

function writeOwner(writer: CodecWriter, address: Uint8Array): void {
  writer.uint32(PChainType.OutputOwners);
  writeOwners(writer, address);
}

/** One owner, from the beginning. */
function writeOwners(writer: CodecWriter, address: Uint8Array): void {
  const locktime = 0n;
  const threshold = 1;
  const addresses = 1;
  writer.uint64(locktime).uint32(threshold).uint32(addresses).fixed(address);
}
