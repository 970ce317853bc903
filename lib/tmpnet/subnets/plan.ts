/**
 * All transactions that make a subnet, made before the first of them is issued.
 *
 * A subnet's ID is that of the transaction that makes it, a chain's likewise: both are known once the transactions are
 * signed. So nodes can be told what to track, and chains be configured, before there is anything. The transactions come
 * in two waves, of which the second takes up what the first one gives: each wave fits a block.
 *
 * @module
 */

import { appendID, type ID } from "../../core/ids/id.ts";
import { compareNodeIDs, type NodeID, nodeIDToBytes } from "../../core/ids/node_id.ts";
import { formatPrivateKey } from "../../core/secp256k1/private_key.ts";
import type { SignedTx } from "../../platform/wallet/marshal.ts";
import type { L1Validator } from "../../platform/wallet/transaction.ts";
import type { MakeTx, WalletState } from "../../platform/wallet/wallet_state.ts";
import type { ChainRecord, SubnetRecord } from "../disk/subnets.ts";
import { proofOf } from "./bls_key.ts";
import { SubnetError } from "./errors.ts";
import { DEFAULT_VALIDATOR_WEIGHT, type ResolvedChain, type ResolvedL1, type ResolvedSubnet } from "./spec.ts";
import type { BegunSubnet } from "./unfinished.ts";

/** A subnet whose IDs are known. */
export interface PlannedSubnet {
  /** As it is on disk once all is accepted. */
  readonly record: SubnetRecord;
  readonly subnetID: ID;
  readonly chainIDs: readonly ID[];
  /** Of an L1: by its validators' node IDs. */
  readonly validationIDs: ReadonlyMap<NodeID, ID>;
  /** The node IDs of all that are to run its chains. */
  readonly nodeIDs: readonly NodeID[];
  /**
   * Makes the subnet. Of one that was begun, makes as many outputs as there is still to pay for; absent where that is
   * nothing.
   */
  readonly first: SignedTx | undefined;
  /** All that follows; none depends on another. */
  readonly second: readonly SignedTx[];
  /** What makes it an L1, which takes nothing of the second any more; empty for one that is to be none. */
  readonly last: readonly SignedTx[];
}

/** What a plan needs to know. */
export interface PlanFacts {
  /** The wallet of the subnet's owner; its first key owns the subnet. */
  readonly wallet: WalletState;
  /** Unix seconds: until when each node validates the Primary Network. */
  readonly endTimes: ReadonlyMap<NodeID, bigint>;
  /** Unix seconds: what is locked until later is not spent. */
  readonly now: bigint;
  /** The least that is paid for a unit of gas. */
  readonly gasPrice: bigint;
}

/**
 * Plans a subnet.
 *
 * @param begun What of it is there already: it is left out.
 * @throws {SubnetError} `nodes` for validators that are none of the Primary Network; {@link WalletError}.
 */
export function planSubnet(subnet: ResolvedSubnet, facts: PlanFacts, begun?: BegunSubnet): PlannedSubnet {
  const { wallet, now: minIssuanceTime, gasPrice } = facts;
  const { chains, l1, validators } = subnet;
  // Blocks take what pays more first, and an L1 takes neither chains nor permissioned validators any more.
  const early = { minIssuanceTime, gasPrice: gasPrice + 1n };
  const late = { minIssuanceTime, gasPrice };
  const permissioned = (l1 === undefined ? validators : []).filter(({ nodeID }) => !begun?.validators.has(nodeID));
  const chainsToMake = chains.filter((_, i) => begun?.chainIDs[i] === undefined);
  const converted = l1 !== undefined && begun?.isL1 !== true ? l1 : undefined;
  const rest = permissioned.length + chainsToMake.length + (converted === undefined ? 0 : 1);
  const changeOutputs = Math.max(1, rest);

  const { ownOwner, avaxAssetID } = wallet;
  const own = { assetID: avaxAssetID, amount: 1n, owner: ownOwner };
  const begin: MakeTx = (builder, options) =>
    begun === undefined
      ? builder.newCreateSubnetTx(ownOwner, { ...options, changeOutputs })
      : builder.newBaseTx([own], { ...options, changeOutputs });
  const first = begun !== undefined && rest === 0 ? undefined : wallet.make(begin, early);
  if (first !== undefined) wallet.accept(first);
  const subnetID = begun?.subnetID ?? (first as SignedTx).txID;
  const validatorTxs = permissioned.map(({ nodeID }) => {
    const end = facts.endTimes.get(nodeID);
    if (end === undefined) throw notStaked(subnet.name, nodeID);
    const validator = { nodeID, start: minIssuanceTime, end, weight: DEFAULT_VALIDATOR_WEIGHT, subnetID };
    return wallet.make((builder, options) => builder.newAddSubnetValidatorTx(validator, options), early);
  });
  const chainTxs = chainsToMake.map(({ vmID, genesis }) =>
    wallet.make((builder, options) => builder.newCreateChainTx({ subnetID, vmID, genesis }, options), early),
  );
  const made = chainTxs.values();
  const chainIDs = chains.map((_, i) => begun?.chainIDs[i] ?? (made.next().value as SignedTx).txID);
  const conversion =
    converted === undefined ? [] : [wallet.make(conversionOf(subnetID, converted, chainIDs, wallet), late)];
  const l1Nodes = l1?.validators.map(({ node }) => node.nodeID) ?? [];
  const nodeIDs = [...new Set([...validators.map(({ nodeID }) => nodeID), ...l1Nodes])];
  return {
    record: recordOf(subnet, wallet, subnetID, chainIDs, nodeIDs),
    subnetID,
    chainIDs,
    validationIDs: validationIDsOf(subnetID, l1Nodes),
    nodeIDs,
    first,
    second: [...validatorTxs, ...chainTxs],
    last: conversion,
  };
}

/** Makes the transaction that turns a subnet into an L1. */
export function conversionOf(subnetID: ID, l1: ResolvedL1, chainIDs: readonly ID[], wallet: WalletState) {
  const { managerChain, managerAddress } = l1;
  const chainID = typeof managerChain === "number" ? (chainIDs[managerChain] as ID) : managerChain;
  const { threshold, addresses } = wallet.ownOwner;
  const owner = { threshold, addresses };
  const validators = l1.validators.map(
    ({ node, weight, balance }): L1Validator => ({
      nodeID: nodeIDToBytes(node.nodeID),
      weight,
      balance,
      signer: proofOf(node),
      remainingBalanceOwner: owner,
      deactivationOwner: owner,
    }),
  );
  const conversion = { subnetID, chainID, address: managerAddress, validators };
  return (...[builder, options]: Parameters<Parameters<WalletState["make"]>[0]>) =>
    builder.newConvertSubnetToL1Tx(conversion, options);
}

/**
 * The IDs of the validations that an L1 begins with: they follow from the subnet and the validator's place among all,
 * sorted by node ID (ACP-77).
 */
export function validationIDsOf(subnetID: ID, nodeIDs: readonly NodeID[]): Map<NodeID, ID> {
  return new Map(nodeIDs.toSorted(compareNodeIDs).map((nodeID, i) => [nodeID, appendID(subnetID, i)]));
}

function recordOf(
  { name, chains, config, owningKey }: ResolvedSubnet,
  wallet: WalletState,
  subnetID: ID,
  chainIDs: readonly ID[],
  validatorIDs: readonly NodeID[],
): SubnetRecord {
  const key = owningKey ?? wallet.keys[0];
  return {
    name,
    config,
    subnetID,
    ...(key === undefined ? {} : { owningKey: formatPrivateKey(key) }),
    validatorIDs,
    chains: chains.map((chain, i) => chainRecord(chain, chainIDs[i] as ID)),
  };
}

/** A chain as it is on disk. */
export function chainRecord(
  { vmID, config, genesis, versionArgs, preFundedKey }: ResolvedChain,
  chainID: ID,
): ChainRecord {
  return {
    vmID,
    config,
    genesis: Buffer.from(genesis).toString("base64"),
    versionArgs,
    chainID,
    ...(preFundedKey === undefined ? {} : { preFundedKey }),
  };
}

function notStaked(subnet: string, nodeID: NodeID): SubnetError {
  return new SubnetError(
    { code: "nodes" },
    `${nodeID} cannot validate subnet "${subnet}": it is no validator of the Primary Network`,
    { hint: "Name nodes that the network began with, or make the subnet an L1, whose validators need no stake" },
  );
}
