/**
 * What subnets are made on: a network, as far as they need it.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import type { Env } from "../disk/layout.ts";
import type { NetworkConfig } from "../disk/network_config.ts";
import { readOwnRecord } from "../disk/own_record.ts";
import { readSubnets, type SubnetRecord } from "../disk/subnets.ts";
import type { TmpnetNode } from "../node.ts";
import type { NodesProgress } from "../node_runner.ts";
import type { NodeState, RuntimeNode } from "../runtime/contract.ts";
import { SubnetError } from "./errors.ts";
import type { SubnetProgress } from "./progress.ts";

/** A network; `Network` is one. */
export interface SubnetHost {
  readonly dir: string;
  readonly nodes: readonly TmpnetNode[];
  readonly config: NetworkConfig;
  nodeUris(): readonly { readonly nodeID: NodeID; readonly uri: string }[];
  inspect(node: RuntimeNode): NodeState;
  updateConfig(change: (config: NetworkConfig) => NetworkConfig): Promise<void>;
  updateNode(name: string, change: (node: TmpnetNode) => TmpnetNode): Promise<TmpnetNode>;
  restartNodes(names: readonly string[], control: RestartControl): Promise<void>;
}

interface RestartControl {
  readonly signal?: AbortSignal | undefined;
  readonly timeoutMs?: number | undefined;
  readonly waitForHealth?: boolean | undefined;
  /** A network's own progress tells of its making, too. */
  readonly onProgress?: ((progress: NodesProgress | SubnetProgress | { readonly kind: "created" }) => void) | undefined;
}

/** How work on subnets behaves. */
export interface SubnetControl {
  readonly signal?: AbortSignal | undefined;
  /** @default {120000} How long all of it may take, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly onProgress?: ((progress: SubnetProgress | NodesProgress) => void) | undefined;
  /** @default The machine's. */
  readonly clock?: Clock | undefined;
  /** @default The process's. */
  readonly env?: Env | undefined;
}

/** A node that runs. */
export interface ChainNode {
  readonly nodeID: NodeID;
  readonly uri: string;
}

/** As much of a network as says where its chains are. */
export type ChainHost = Pick<SubnetHost, "dir" | "nodes" | "inspect">;

/** The APIs of the nodes that run chains, also of those that are not meant to last. */
export function chainNodes(host: ChainHost): ChainNode[] {
  return host.nodes.filter(runsChains(host.dir)).flatMap((node) => {
    const state = host.inspect(node);
    return state.status === "running" ? [{ nodeID: node.nodeID, uri: state.uri }] : [];
  });
}

/**
 * The nodes that transactions are handed to.
 *
 * @throws {SubnetError} `nodes` when none runs.
 */
export function requireNodes(host: SubnetHost): readonly [ChainNode, ...ChainNode[]] {
  const [first, ...others] = chainNodes(host);
  if (first !== undefined) return [first, ...others];
  const able = host.nodes.some(runsChains(host.dir));
  const message = able
    ? "No node of the network runs: its P-Chain cannot be told anything"
    : "Subnets need nodes of avalanchego: avx's own run no chains";
  const hint = able ? "Start it with avx net restart" : "Start a network with --avalanchego-path";
  throw new SubnetError({ code: "nodes" }, message, { hint });
}

/** Whether a node runs chains: avx's own do not. */
export function runsChains(networkDir: string): (node: TmpnetNode) => boolean {
  const { ownNodes, ownProgram } = readOwnRecord(networkDir);
  return ({ runtimeConfig: { process } }) =>
    process === undefined
      ? !ownNodes
      : process.avalancheGoPath !== ownProgram && !(ownNodes && ownProgram === undefined);
}

/**
 * A subnet by its name or ID.
 *
 * @throws {SubnetError} `no-subnet`.
 */
export function findSubnet(networkDir: string, nameOrID: string): SubnetRecord {
  const subnets = readSubnets(networkDir);
  const found = subnets.find(({ name, subnetID }) => name === nameOrID || subnetID === nameOrID);
  if (found !== undefined) return found;
  const names = subnets.map(({ name }) => name);
  throw new SubnetError({ code: "no-subnet", subnet: nameOrID }, `The network has no subnet "${nameOrID}"`, {
    hint:
      names.length === 0 ? "It has none: make one with avx net subnet create" : `Its subnets are: ${names.join(", ")}`,
  });
}
