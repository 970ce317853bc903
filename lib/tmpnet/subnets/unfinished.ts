/**
 * Subnets whose making was begun and did not come to its end: a second try under the same name goes on with what is
 * there, or takes its place.
 *
 * What was planned is kept in `avx.json` from the moment when the subnet is on the P-Chain until its chains are up: a
 * transaction may have been accepted without anybody having written so.
 *
 * @module
 */

import { EMPTY_ID, type ID, parseID } from "../../core/ids/id.ts";
import { isBootstrapped } from "../../platform/rpc/info_client.ts";
import type { CallOptions } from "../../platform/rpc/json_rpc.ts";
import { getSubnet, getTxStatus, getValidators } from "../../platform/rpc/platform_wallet_client.ts";
import { WalletError } from "../../platform/wallet/errors.ts";
import { type IssueControl, waitForTx } from "../../platform/wallet/issue.ts";
import { readOwnRecord, type UnfinishedSubnet, updateOwnRecord } from "../disk/own_record.ts";
import { isCreated, type SubnetRecord } from "../disk/subnets.ts";
import { chainNodes, type SubnetHost } from "./host.ts";
import { nodesOf, type ResolvedSubnet } from "./spec.ts";

/** What a first try has left. */
export interface Begun {
  readonly record: SubnetRecord;
  /** On the P-Chain; absent where the subnet is not. */
  readonly there?: BegunSubnet;
  /** Subnets that nodes are not to track any more, should this one's place be taken. */
  readonly left: readonly string[];
}

/** The part of a subnet that is on the P-Chain. */
export interface BegunSubnet {
  readonly subnetID: ID;
  /** By node ID. */
  readonly validators: ReadonlySet<string>;
  /** In the order of the chains; `undefined` for one that is not there. */
  readonly chainIDs: readonly (ID | undefined)[];
  readonly isL1: boolean;
}

/** Whether the making of a subnet did not come to its end, as far as files tell: {@link isWhole} asks the nodes. */
export function isUnfinished(networkDir: string, { name, subnetID, chains }: SubnetRecord): boolean {
  const { unfinishedSubnets = {} } = readOwnRecord(networkDir);
  return (
    Object.hasOwn(unfinishedSubnets, name) || !isCreated(subnetID) || chains.some(({ chainID }) => !isCreated(chainID))
  );
}

/** Keeps in mind that a subnet is being made: with these chains, in the place of others. */
export function noteUnfinished(networkDir: string, name: string, planned: UnfinishedSubnet): void {
  const { unfinishedSubnets } = readOwnRecord(networkDir);
  updateOwnRecord(networkDir, { unfinishedSubnets: { ...unfinishedSubnets, [name]: planned } });
}

/** Says that subnets are made. */
export function noteFinished(networkDir: string, names: readonly string[]): void {
  const { unfinishedSubnets = {} } = readOwnRecord(networkDir);
  const others = Object.entries(unfinishedSubnets).filter(([name]) => !names.includes(name));
  updateOwnRecord(networkDir, { unfinishedSubnets: Object.fromEntries(others) });
}

/** Asks the P-Chain how far a first try has come; what is on its way is waited for. */
export async function findBegun(
  networkDir: string,
  record: SubnetRecord,
  uri: string,
  control: IssueControl,
): Promise<Begun> {
  const { unfinishedSubnets = {} } = readOwnRecord(networkDir);
  const { chainIDs: planned = [], txIDs = [], left = [] } = unfinishedSubnets[record.name] ?? {};
  if (!isCreated(record.subnetID)) return { record, left };
  const options = { signal: control.signal };
  await Promise.all(txIDs.map((txID) => settled(uri, parseID(txID), control)));
  const subnetID = parseID(record.subnetID);
  const [{ conversionID }, validators, ...chainIDs] = await Promise.all([
    getSubnet(uri, subnetID, options),
    getValidators(uri, subnetID, options),
    ...record.chains.map(async ({ chainID }, i) => {
      if (isCreated(chainID)) return parseID(chainID);
      const id = planned[i] === undefined ? undefined : parseID(planned[i]);
      const isThere = id !== undefined && (await getTxStatus(uri, id, options)).status === "Committed";
      return isThere ? id : undefined;
    }),
  ]);
  const nodeIDs = new Set(validators.map(({ nodeID }) => nodeID));
  const there = { subnetID, validators: nodeIDs, chainIDs, isL1: conversionID !== EMPTY_ID };
  return { record, left: [...left, subnetID], there };
}

/** Waits for a transaction that waits for its block. */
async function settled(uri: string, txID: ID, control: IssueControl): Promise<void> {
  const { status } = await getTxStatus(uri, txID, { signal: control.signal });
  if (status !== "Processing") return;
  await waitForTx(uri, txID, control).catch((error: unknown) => {
    if (!(error instanceof WalletError) || error.type.code !== "dropped") throw error;
  });
}

/** Whether all of a subnet has come to be after all: all its validators run, and its chains are up on them. */
export async function isWhole({ record, there }: Begun, host: SubnetHost, options: CallOptions): Promise<boolean> {
  const { validatorIDs } = record;
  const running = chainNodes(host).filter(({ nodeID }) => validatorIDs.includes(nodeID));
  if (there === undefined || running.length < validatorIDs.length) return false;
  if (!validatorIDs.every((nodeID) => there.validators.has(nodeID))) return false;
  const answers = running.flatMap(({ uri }) =>
    there.chainIDs.map((chainID) => chainID !== undefined && isBootstrapped(uri, chainID, options).catch(() => false)),
  );
  return (await Promise.all(answers)).every(Boolean);
}

/**
 * Whether what is asked for is what was begun: nothing of that is to be undone, as nothing on the P-Chain can be.
 *
 * @param owningKey Who is to own it.
 */
export function goesOn({ record, there }: Begun, wanted: ResolvedSubnet, owningKey: string): boolean {
  if (there === undefined || record.owningKey !== owningKey) return false;
  const nodeIDs: readonly string[] = nodesOf(wanted).map(({ nodeID }) => nodeID);
  const areThereChains = there.chainIDs.every((chainID, i) => chainID === undefined || isChain(record, wanted, i));
  // An L1 takes no more chains.
  const hasChains = wanted.chains.every((_, i) => there.chainIDs[i] !== undefined);
  return (
    areThereChains &&
    record.validatorIDs.every((id) => nodeIDs.includes(id)) &&
    (!there.isL1 || (hasChains && !!wanted.l1))
  );
}

function isChain({ chains }: SubnetRecord, wanted: ResolvedSubnet, i: number): boolean {
  const [had, wants] = [chains[i], wanted.chains[i]];
  return (
    wants !== undefined && had?.vmID === wants.vmID && had.genesis === Buffer.from(wants.genesis).toString("base64")
  );
}
