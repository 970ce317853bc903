/**
 * What there is of subnets: on disk, on the P-Chain, and on the nodes that run their chains.
 *
 * @module
 */

import { EMPTY_ID, type ID, parseID } from "../../core/ids/id.ts";
import { isBootstrapped } from "../../platform/rpc/info_client.ts";
import { getSubnet, getValidators, type ValidatorReply } from "../../platform/rpc/platform_wallet_client.ts";
import { vmNameFromID } from "../../platform/vm_ids.ts";
import { isCreated, readSubnets, type SubnetRecord } from "../disk/subnets.ts";
import { type ChainNode, chainNodes, type SubnetHost } from "./host.ts";

/** A chain on a node that is to run it. */
export interface ChainEndpoint {
  readonly nodeID: string;
  /** Where the chain's APIs are; an EVM's lies at `<url>/rpc`. */
  readonly url: string;
  /** Whether it is up there. */
  readonly ready: boolean;
}

/** A chain of a subnet. */
export interface ChainReport {
  readonly vmID: string;
  /** Where the VM's ID is made from a name. */
  readonly vmName?: string;
  /** Absent until the chain exists. */
  readonly chainID?: string;
  readonly endpoints: readonly ChainEndpoint[];
}

/** A validator as the P-Chain has it. */
export interface ValidatorReport {
  readonly nodeID: string;
  readonly weight: string;
  /** Of an L1's. */
  readonly validationID?: string;
  /** nAVAX; of an L1's. */
  readonly balance?: string;
  /** Of an L1's: whether it has anything left for its fee. */
  readonly active?: boolean;
}

/** A subnet. */
export interface SubnetReport {
  readonly name: string;
  /** Absent until the subnet exists. */
  readonly subnetID?: string;
  /** Absent where no node could be asked. */
  readonly isL1?: boolean;
  readonly managerChainID?: string;
  /** Hex with `0x`. */
  readonly managerAddress?: string;
  /** As its file has them. */
  readonly validatorIDs: readonly string[];
  /** As the P-Chain has them; absent where no node could be asked. */
  readonly validators?: readonly ValidatorReport[];
  readonly chains: readonly ChainReport[];
}

/** How long a node may take to answer, in milliseconds. */
const ANSWER_TIMEOUT_MS = 3_000;

/**
 * Tells of all subnets of a network, also of one that does not run.
 *
 * @throws {TmpnetError} `bad-file`.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * for (const { name, chains } of await subnetReports(network)) console.log(name, chains);
 * ```
 */
export async function subnetReports(host: SubnetHost): Promise<SubnetReport[]> {
  const nodes = chainNodes(host);
  return await Promise.all(readSubnets(host.dir).map((record) => subnetReport(record, nodes)));
}

async function subnetReport(record: SubnetRecord, nodes: readonly ChainNode[]): Promise<SubnetReport> {
  const { name, validatorIDs } = record;
  const subnetID = created(record.subnetID);
  const running = nodes.filter(({ nodeID }) => validatorIDs.includes(nodeID));
  const [onChain, ...chains] = await Promise.all([
    subnetID === undefined ? {} : onPChain(subnetID, nodes),
    ...record.chains.map((chain) => chainReport(chain, running)),
  ]);
  return { name, ...(subnetID === undefined ? {} : { subnetID }), ...onChain, validatorIDs, chains };
}

async function onPChain(subnetID: ID, nodes: readonly ChainNode[]): Promise<Partial<SubnetReport>> {
  const options = { timeoutMs: ANSWER_TIMEOUT_MS };
  for (const { uri } of nodes) {
    try {
      const [{ conversionID, managerChainID, managerAddress }, validators] = await Promise.all([
        getSubnet(uri, subnetID, options),
        getValidators(uri, subnetID, options),
      ]);
      const isL1 = conversionID !== EMPTY_ID;
      const address = `0x${Buffer.from(managerAddress).toString("hex")}`;
      const manager = isL1 ? { managerChainID, managerAddress: address } : {};
      return { isL1, ...manager, validators: validators.map(validatorReport) };
    } catch {
      // Another node may answer.
    }
  }
  return {};
}

function validatorReport({ nodeID, weight, validationID, balance }: ValidatorReply): ValidatorReport {
  const l1 =
    validationID === undefined
      ? {}
      : { validationID, balance: String(balance ?? 0n), active: balance !== undefined && balance > 0n };
  return { nodeID, weight: String(weight), ...l1 };
}

async function chainReport(
  { vmID, chainID: id }: SubnetRecord["chains"][number],
  running: readonly ChainNode[],
): Promise<ChainReport> {
  const chainID = created(id);
  const parsed = idOf(vmID);
  const vmName = parsed === undefined ? undefined : vmNameFromID(parsed);
  const named = { vmID, ...(vmName === undefined ? {} : { vmName }) };
  if (chainID === undefined) return { ...named, endpoints: [] };
  const endpoints = await Promise.all(
    running.map(async ({ nodeID, uri }): Promise<ChainEndpoint> => {
      const ready = await isBootstrapped(uri, chainID, { timeoutMs: ANSWER_TIMEOUT_MS }).catch(() => false);
      return { nodeID, url: `${uri}/ext/bc/${chainID}`, ready };
    }),
  );
  return { ...named, chainID, endpoints };
}

function created(id: string): ID | undefined {
  return isCreated(id) ? idOf(id) : undefined;
}

/** An ID of a file; `undefined` for what is none: somebody else may have written it. */
function idOf(text: string): ID | undefined {
  try {
    return parseID(text);
  } catch {
    return undefined;
  }
}
