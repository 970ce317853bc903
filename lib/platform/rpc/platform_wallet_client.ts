/**
 * Asks a node's P-Chain for what a wallet needs, and hands it transactions: `/ext/bc/P`.
 *
 * @module
 */

import { fromHex, toHex } from "../../core/bytes.ts";
import { errorMessage } from "../../core/errors.ts";
import { parseAddress } from "../../core/ids/bech32.ts";
import { type ID, parseID } from "../../core/ids/id.ts";
import type { Dimensions } from "../wallet/complexity.ts";
import type { Owner, UTXO } from "../wallet/transaction.ts";
import { parseUTXO } from "../wallet/utxo.ts";
import { RPCError } from "./errors.ts";
import { type CallOptions, callRPC } from "./json_rpc.ts";

const PATH = "/ext/bc/P";

/** The most UTXOs that one answer holds: upstream `api.MaxPageSize`. */
export const UTXO_PAGE_SIZE = 1_024;

/** The gas that a chain grants, and at what price (ACP-103). */
export interface FeeState {
  /** Gas that could be used at `time`. */
  readonly capacity: bigint;
  /** nAVAX for a unit of gas. */
  readonly price: bigint;
  /** Of the last block, milliseconds since 1970-01-01 UTC. */
  readonly timeMs: number;
}

/** How a chain's gas is worked out. */
export interface FeeConfig {
  readonly weights: Dimensions;
  readonly maxCapacity: bigint;
  readonly maxPerSecond: bigint;
}

/** Where a transaction stands. */
export interface TxStatus {
  readonly status: "Committed" | "Aborted" | "Processing" | "Dropped" | "Unknown" | (string & {});
  /** Why it was dropped. */
  readonly reason?: string | undefined;
}

/** A subnet as its chain has it. */
export interface SubnetReply {
  readonly isPermissioned: boolean;
  readonly owner: Owner;
  /** Of an L1: `11111…` where it is none. */
  readonly conversionID: ID;
  readonly managerChainID: ID;
  readonly managerAddress: Uint8Array;
}

/** A validator of an L1. */
export interface L1ValidatorReply {
  readonly subnetID: ID;
  readonly nodeID: string;
  readonly weight: bigint;
  readonly startTime: bigint;
  /** The least nonce that a message about its weight is to have. */
  readonly minNonce: bigint;
  /** 0 where it is inactive. */
  readonly balance: bigint;
  readonly deactivationOwner: Owner;
  readonly remainingBalanceOwner: Owner;
}

/**
 * Hands in a transaction.
 *
 * @throws {RPCError} `method` when the node does not take it; the message says why.
 */
export async function issueTx(uri: string, tx: Uint8Array, options: CallOptions = {}): Promise<void> {
  await call(uri, "platform.issueTx", { tx: `0x${toHex(tx)}`, encoding: "hexnc" }, options);
}

/** Where a transaction stands. */
export async function getTxStatus(uri: string, txID: ID, options: CallOptions = {}): Promise<TxStatus> {
  const { status, reason } = await call<TxStatus>(uri, "platform.getTxStatus", { txID }, options);
  return { status, reason };
}

/**
 * All UTXOs of some addresses, page by page.
 *
 * @param addresses Such as `P-custom1…`.
 * @param sourceChain Where they were exported from; the P-Chain's own where it is not set.
 * @throws {RPCError} `malformed` also for UTXOs that cannot be read.
 */
export async function getUTXOs(
  uri: string,
  addresses: readonly string[],
  sourceChain?: string,
  options: CallOptions = {},
): Promise<UTXO[]> {
  return await pagedUTXOs(uri, PATH, "platform.getUTXOs", addresses, sourceChain, options);
}

/** As {@link getUTXOs}, of any chain that has the same API. */
export async function pagedUTXOs(
  uri: string,
  path: string,
  method: string,
  addresses: readonly string[],
  sourceChain: string | undefined,
  options: CallOptions,
): Promise<UTXO[]> {
  const utxos = new Map<string, UTXO>();
  const source = sourceChain === undefined ? {} : { sourceChain };
  let startIndex: unknown;
  for (;;) {
    const params = { addresses, limit: UTXO_PAGE_SIZE, encoding: "hex", ...source };
    const page = await callRPC<{ utxos?: unknown; endIndex?: unknown; numFetched?: unknown }>(
      uri,
      path,
      method,
      startIndex === undefined ? params : { ...params, startIndex },
      options,
    );
    const texts = Array.isArray(page.utxos) ? page.utxos : [];
    const before = utxos.size;
    for (const text of texts) {
      const utxo = checked(uri, path, method, () => parseUTXO(checkedBytes(String(text))));
      utxos.set(`${utxo.txID}:${utxo.outputIndex}`, utxo);
    }
    // A page that brings nothing new is the last one, whatever it says.
    if (texts.length < UTXO_PAGE_SIZE || utxos.size === before) return [...utxos.values()];
    startIndex = page.endIndex;
  }
}

/** Who owns a subnet, and what became of it. */
export async function getSubnet(uri: string, subnetID: ID, options: CallOptions = {}): Promise<SubnetReply> {
  const method = "platform.getSubnet";
  const reply = await call<Record<string, unknown>>(uri, method, { subnetID }, options);
  return checked(uri, PATH, method, () => ({
    isPermissioned: reply["isPermissioned"] === true,
    owner: ownerOf(reply, "controlKeys"),
    conversionID: parseID(String(reply["conversionID"])),
    managerChainID: parseID(String(reply["managerChainID"])),
    managerAddress: fromHex(String(reply["managerAddress"] ?? "0x")) ?? new Uint8Array(),
  }));
}

/** A validator of an L1 by its validation. */
export async function getL1Validator(
  uri: string,
  validationID: ID,
  options: CallOptions = {},
): Promise<L1ValidatorReply> {
  const method = "platform.getL1Validator";
  const reply = await call<Record<string, unknown>>(uri, method, { validationID }, options);
  return checked(uri, PATH, method, () => ({
    subnetID: parseID(String(reply["subnetID"])),
    nodeID: String(reply["nodeID"]),
    weight: BigInt(String(reply["weight"])),
    startTime: BigInt(String(reply["startTime"])),
    minNonce: BigInt(String(reply["minNonce"] ?? 0)),
    balance: BigInt(String(reply["balance"] ?? 0)),
    deactivationOwner: ownerOf(reply["deactivationOwner"]),
    remainingBalanceOwner: ownerOf(reply["remainingBalanceOwner"]),
  }));
}

/** What gas costs now. */
export async function getFeeState(uri: string, options: CallOptions = {}): Promise<FeeState> {
  const method = "platform.getFeeState";
  const reply = await call<{ capacity?: unknown; price?: unknown; timestamp?: unknown }>(uri, method, {}, options);
  return checked(uri, PATH, method, () => {
    const timeMs = Date.parse(String(reply.timestamp));
    if (Number.isNaN(timeMs)) throw new Error("its timestamp is no time");
    return { capacity: integer(reply.capacity), price: integer(reply.price), timeMs };
  });
}

/** How gas is worked out. Upstream lists weights as bandwidth, reads, writes, compute. */
export async function getFeeConfig(uri: string, options: CallOptions = {}): Promise<FeeConfig> {
  const method = "platform.getFeeConfig";
  const reply = await call<Record<string, unknown>>(uri, method, {}, options);
  return checked(uri, PATH, method, () => {
    const [bandwidth, dbRead, dbWrite, compute] = (reply["weights"] as unknown[]).map(integer);
    if (bandwidth === undefined || dbRead === undefined || dbWrite === undefined || compute === undefined) {
      throw new Error("its weights are not four");
    }
    return {
      weights: { bandwidth, dbRead, dbWrite, compute },
      maxCapacity: integer(reply["maxCapacity"]),
      maxPerSecond: integer(reply["maxPerSecond"]),
    };
  });
}

/** A validator as the list of them tells. */
export interface ValidatorReply {
  readonly nodeID: string;
  readonly weight: bigint;
  /** Unix seconds; absent for validators of L1s, who have no end. */
  readonly endTime?: bigint;
  /** Of an L1's validator. */
  readonly validationID?: ID;
  /** nAVAX; of an L1's validator, 0 where it is inactive. */
  readonly balance?: bigint;
}

/** Who validates a subnet, with what belongs to a wallet: times, validations, balances. */
export async function getValidators(uri: string, subnetID: ID, options: CallOptions = {}): Promise<ValidatorReply[]> {
  const method = "platform.getCurrentValidators";
  const reply = await call<{ validators?: readonly Record<string, unknown>[] | null }>(
    uri,
    method,
    { subnetID },
    options,
  );
  return checked(uri, PATH, method, () =>
    (reply.validators ?? []).map(({ nodeID, weight, endTime, validationID, balance }) => ({
      nodeID: String(nodeID),
      weight: integer(weight),
      ...(endTime === undefined ? {} : { endTime: integer(endTime) }),
      ...(validationID === undefined ? {} : { validationID: parseID(String(validationID)) }),
      ...(balance === undefined ? {} : { balance: integer(balance) }),
    })),
  );
}

/** What is staked on the Primary Network: AVAX. */
export async function getStakingAssetID(uri: string, options: CallOptions = {}): Promise<ID> {
  const method = "platform.getStakingAssetID";
  const reply = await call<{ assetID?: unknown }>(uri, method, {}, options);
  return checked(uri, PATH, method, () => parseID(String(reply.assetID)));
}

/**
 * What a node does with a chain: `Validating`, `Syncing`, `Created`, `Preferred`, `Unknown …`.
 *
 * @param blockchainID Its ID or an alias.
 */
export async function getBlockchainStatus(
  uri: string,
  blockchainID: string,
  options: CallOptions = {},
): Promise<string> {
  const reply = await call<{ status: string }>(uri, "platform.getBlockchainStatus", { blockchainID }, options);
  return reply.status;
}

function call<T>(uri: string, method: string, params: object, options: CallOptions): Promise<T> {
  return callRPC<T>(uri, PATH, method, params, options);
}

function ownerOf(value: unknown, addressesName = "addresses"): Owner {
  const owner = (value ?? {}) as Record<string, unknown>;
  const addresses = (owner[addressesName] ?? []) as readonly unknown[];
  return {
    locktime: BigInt(String(owner["locktime"] ?? 0)),
    threshold: Number(owner["threshold"] ?? 0),
    addresses: addresses.map((address) => parseAddress(String(address)).bytes),
  };
}

function integer(value: unknown): bigint {
  return BigInt(String(value));
}

/** With a checksum of four bytes behind them, which is not needed: the connection has its own. */
function checkedBytes(text: string): Uint8Array {
  const bytes = fromHex(text);
  if (bytes === undefined || bytes.length < 4) throw new Error("it is no hex");
  return bytes.subarray(0, bytes.length - 4);
}

/**
 * What is read from an answer.
 *
 * @throws {RPCError} `malformed` where it cannot be.
 */
export function checked<T>(uri: string, path: string, method: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    const url = `${uri.replace(/\/+$/, "")}${path}`;
    const message = `${url} answered ${method} with what is no such answer: ${errorMessage(cause)}`;
    throw new RPCError({ code: "malformed", url }, message, { cause });
  }
}
