/**
 * Subnets of a network that is about to begin: planned before anything runs, made as soon as its nodes are healthy.
 *
 * What they are paid with is in the genesis, so all IDs are known beforehand. Nodes track their subnets and chains have
 * their configuration from the first start on: nothing is restarted.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { EMPTY_ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Secp256k1PrivateKey } from "../../core/secp256k1/private_key.ts";
import type { GenesisInfo } from "../../platform/genesis/info.ts";
import { type IssueControl, issueInOrder, issueTxs } from "../../platform/wallet/issue.ts";
import { WalletState } from "../../platform/wallet/wallet_state.ts";
import { GENESIS_GAS_PRICE } from "../defaults.ts";
import type { Env } from "../disk/layout.ts";
import { type SubnetRecord, writeSubnet } from "../disk/subnets.ts";
import type { TmpnetNode } from "../node.ts";
import { SubnetError } from "./errors.ts";
import type { ChainNode } from "./host.ts";
import { type PlannedSubnet, planSubnet } from "./plan.ts";
import { requirePlugins } from "./plugins.ts";
import type { SubnetProgress } from "./progress.ts";
import { waitForChains } from "./ready.ts";
import { nodesOf, resolveSubnets, type SubnetSpec, vmIDsOf } from "./spec.ts";

/** What a new network is, as far as its subnets need it. */
export interface NewNetwork {
  readonly genesis: GenesisInfo;
  readonly nodes: readonly TmpnetNode[];
  /** Those that subnets may be owned with; taken from the end, as tmpnet does. */
  readonly preFundedKeys: readonly Secp256k1PrivateKey[];
  /** Whether its nodes are avx's own, which run no chains. */
  readonly ownNodes: boolean;
  /** Until when nodes validate that are not in the genesis and will before the subnets are made, Unix seconds. @default None. */
  readonly laterEndTimes?: ReadonlyMap<NodeID, bigint>;
}

/** Subnets that a network is to begin with. */
export interface SubnetPlan {
  readonly subnets: readonly PlannedSubnet[];
  /** As they are on disk once they are there. */
  readonly records: readonly SubnetRecord[];
  /** The keys that are left. */
  readonly preFundedKeys: readonly Secp256k1PrivateKey[];
}

/**
 * Plans subnets of a network that does not run yet. Nothing is written.
 *
 * @throws {SubnetError} What cannot be; {@link WalletError} where a key has too little.
 */
export function planNewSubnets(network: NewNetwork, specs: readonly SubnetSpec[], env: Env): SubnetPlan {
  const { genesis, nodes, ownNodes } = network;
  const resolved = resolveSubnets(specs, {
    nodes,
    subnets: [],
    cChainID: genesis.cChainID,
    runsChains: () => !ownNodes,
  });
  // Which version of the protocol they speak is looked at when their nodes are started.
  for (const subnet of resolved) requirePlugins(vmIDsOf(subnet), nodesOf(subnet), env);
  const keys = [...network.preFundedKeys];
  const first = genesis.validators.map(({ nodeID, endTime }) => [nodeID, endTime] as const);
  const endTimes = new Map([...first, ...(network.laterEndTimes ?? [])]);
  const subnets = resolved.map((subnet) => {
    const key = subnet.owningKey ?? takeKey(keys, subnet.name);
    const wallet = WalletState.ofGenesis(genesis, [key], GENESIS_GAS_PRICE);
    return planSubnet(subnet, { wallet, endTimes, now: genesis.timestamp, gasPrice: GENESIS_GAS_PRICE });
  });
  return { subnets, records: subnets.map(({ record }) => record), preFundedKeys: keys };
}

/** Takes the last key, as tmpnet does: test suites use them from the first on. */
export function takeKey(keys: Secp256k1PrivateKey[], subnet: string): Secp256k1PrivateKey {
  const key = keys.pop();
  if (key !== undefined) return key;
  const message = `No pre-funded key is left to own subnet "${subnet}"`;
  throw new SubnetError({ code: "no-key" }, message, { hint: "Name one that has AVAX on the P-Chain: owningKey" });
}

/** Writes that planned subnets and their chains are not there. */
function writeUnmade(networkDir: string, { records }: SubnetPlan): void {
  for (const record of records) {
    const chains = record.chains.map((chain) => ({ ...chain, chainID: EMPTY_ID }));
    writeSubnet(networkDir, { ...record, subnetID: EMPTY_ID, chains });
  }
}

/** How {@link makePlanned} behaves. */
export interface MakeControl extends IssueControl {
  readonly clock: Clock;
  /** How long all of it may take, in milliseconds. */
  readonly timeoutMs: number;
  readonly onProgress?: ((progress: SubnetProgress) => void) | undefined;
}

/**
 * Issues what a network is to begin with, and waits until all chains are up on their validators.
 *
 * @param nodes Those that run, with their APIs.
 * @throws {SubnetError} `chain`; {@link WalletError} when a transaction is not accepted: the subnets' files say then that
 * they are not there.
 */
export async function makePlanned(
  networkDir: string,
  plan: SubnetPlan,
  nodes: readonly ChainNode[],
  control: MakeControl,
): Promise<void> {
  const deadline = control.clock.monotonic() + control.timeoutMs;
  try {
    await issuePlanned(plan.subnets, nodes, control);
  } catch (error) {
    writeUnmade(networkDir, plan);
    throw error;
  }
  await waitForPlanned(plan.subnets, nodes, deadline, control);
}

/** The transactions, wave by wave. */
export async function issuePlanned(
  subnets: readonly PlannedSubnet[],
  nodes: readonly ChainNode[],
  { onProgress, ...control }: MakeControl,
  onFirst?: () => Promise<void>,
): Promise<void> {
  const uris = nodes.map(({ uri }) => uri);
  if (uris.length === 0) throw new SubnetError({ code: "nodes" }, "No node of the network runs", { hint: "Start it" });
  for (const { record } of subnets) onProgress?.({ kind: "subnet", subnet: record.name, phase: "creating" });
  await issueTxs(
    uris,
    subnets.flatMap(({ first }) => first ?? []),
    control,
  );
  await onFirst?.();
  for (const { record, subnetID } of subnets) {
    onProgress?.({ kind: "subnet", subnet: record.name, phase: "created", subnetID });
  }
  await issueInOrder(uris, [subnets.flatMap(({ second }) => second), subnets.flatMap(({ last }) => last)], control);
  for (const { record, chainIDs } of subnets) {
    onProgress?.({ kind: "subnet", subnet: record.name, phase: "decided", chainIDs });
  }
}

/** The chains, on each node that is to run them. */
export async function waitForPlanned(
  subnets: readonly PlannedSubnet[],
  nodes: readonly ChainNode[],
  deadline: number,
  { clock, signal, onProgress }: MakeControl,
): Promise<void> {
  const nameOf = new Map(subnets.flatMap(({ record, chainIDs }) => chainIDs.map((id) => [id, record.name] as const)));
  const chains = subnets.flatMap(({ chainIDs, nodeIDs }) =>
    nodes
      .filter(({ nodeID }) => nodeIDs.includes(nodeID))
      .flatMap(({ nodeID, uri }) => chainIDs.map((chainID) => ({ chainID, nodeID, uri }))),
  );
  await waitForChains(chains, clock, {
    signal,
    deadline,
    onReady: ({ chainID, nodeID }) => {
      const subnet = nameOf.get(chainID) as string;
      onProgress?.({ kind: "subnet", subnet, phase: "ready", chainID, nodeID });
    },
  });
}
