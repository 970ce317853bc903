/**
 * How a network is now: each node's process, API and peers are asked apart, so that it is plain which of them is wrong,
 * and since when.
 *
 * @module
 */

import { systemClock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { failingChecks, getHealth } from "../platform/rpc/health_client.ts";
import { getPeers } from "../platform/rpc/info_client.ts";
import { type LockHolder, lockHolder } from "./disk/lock.ts";
import { directoryKind } from "./disk/network_dirs.ts";
import { readStartRecord } from "./disk/start_record.ts";
import { TmpnetError } from "./errors.ts";
import { expectedPeers } from "./expected_peers.ts";
import { type Fault, networkFaults, nodeFaults } from "./faults.ts";
import { lastSignAt } from "./last_sign.ts";
import { Network, type NetworkModules } from "./network.ts";
import type { APIStatus, NodeAnswers, PeersStatus } from "./node_answers.ts";
import { findOrphansOf, type Orphan } from "./orphans.ts";
import { readStoppable } from "./read.ts";
import type { NodeState, RuntimeNode } from "./runtime/contract.ts";
import { presentable } from "./runtime/log_watch.ts";
import { ProcessRuntime } from "./runtime/process_runtime.ts";

/** How long a node may take to answer, in milliseconds. */
export const STATUS_TIMEOUT_MS = 3_000;

/** How a node is. */
export interface NodeStatus extends NodeAnswers {
  /** What is wrong with it, in words; empty where it is well. */
  readonly faults: readonly Fault[];
}

/** How a network is. */
export interface NetworkStatus {
  readonly dir: string;
  /** Empty where its files do not tell. */
  readonly uuid: string;
  readonly owner: string;
  /** Whether all nodes run, answer, are healthy and connected to each other. */
  readonly healthy: boolean;
  /** What is wrong with the network itself, not with a node of it. */
  readonly faults: readonly Fault[];
  /** The command that is at work on it, if any. */
  readonly atWork?: LockHolder;
  readonly nodes: readonly NodeStatus[];
}

/** How nodes are asked. */
export interface StatusOptions {
  readonly signal?: AbortSignal;
  /** @default {3000} For each answer, in milliseconds. */
  readonly timeoutMs?: number;
}

/** A network as far as it has to be understood. */
interface Inspected {
  readonly dir: string;
  readonly uuid: string;
  readonly owner: string;
  readonly nodes: readonly RuntimeNode[];
  readonly inspect: (node: RuntimeNode) => NodeState;
  /** Who stakes in its genesis, where that can be read. */
  readonly stakers?: ReadonlySet<string> | undefined;
  /** Why no more of it can be understood. */
  readonly problem?: string;
}

/**
 * Asks all nodes of a network, side by side.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * const { healthy, nodes } = await networkStatus(network);
 * console.log(healthy);
 * for (const { nodeID, faults } of nodes) console.log(nodeID, faults.map(({ what }) => what));
 * ```
 */
export async function networkStatus(network: Network, options: StatusOptions = {}): Promise<NetworkStatus> {
  const { dir, uuid, owner, nodes } = network;
  const inspect = (node: RuntimeNode) => network.inspect(node);
  return await statusOf({ dir, uuid, owner, nodes, inspect, stakers: stakersOf(network) }, options);
}

function stakersOf(network: Network): ReadonlySet<string> | undefined {
  try {
    return network.genesis && new Set(network.genesis.initialStakers.map(({ nodeID }) => nodeID));
  } catch {
    return undefined; // how nodes are can be told all the same
  }
}

/**
 * {@link networkStatus} of a directory: also of one that is half made, or whose files cannot be understood. Nodes are
 * found by their directories then.
 *
 * @throws {TmpnetError} `no-network`, or `bad-file` where there is nothing that could be a node.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * const { faults } = await networkStatusAt(network.dir);
 * console.log(faults.length); // 0
 * ```
 */
export async function networkStatusAt(
  dir: string,
  options: StatusOptions = {},
  modules: NetworkModules = {},
): Promise<NetworkStatus> {
  let network: Network;
  try {
    network = Network.read(dir, modules);
  } catch (error) {
    return await statusOf(inspectBroken(dir, error, modules), options);
  }
  return await networkStatus(network, options);
}

function inspectBroken(dir: string, error: unknown, modules: NetworkModules): Inspected {
  const { clock = systemClock, env = process.env } = modules;
  const runtime = modules.runtime ?? new ProcessRuntime({ clock }, { env });
  const facts = { inspect: (node: RuntimeNode) => runtime.inspect(node), problem: errorMessage(error) };
  if (directoryKind(dir) === "half-made") {
    const problem = "its making was cut off: it has no config.json, and nothing of it can be started";
    return { ...facts, dir, uuid: "", owner: "", nodes: [], problem };
  }
  if (!(error instanceof TmpnetError) || error.type.code !== "bad-file") throw error;
  const { dir: real, config, nodes } = readStoppable(dir);
  return { ...facts, dir: real, uuid: config.uuid, owner: config.owner, nodes };
}

async function statusOf(network: Inspected, options: StatusOptions): Promise<NetworkStatus> {
  const { dir, uuid, owner, problem } = network;
  const looked = network.nodes.map((node) => ({ node, state: network.inspect(node) }));
  const running = new Map(
    looked.flatMap(({ node, state }) => (state.status === "running" ? [[node.nodeID, state.startedAt] as const] : [])),
  );
  const candidates = network.nodes
    .filter(({ nodeID }) => running.has(nodeID))
    .map((node) => ({ nodeID: node.nodeID, dataDir: node.dataDir, isEphemeral: isEphemeralNode(node) }));
  const expectedOf = (node: RuntimeNode) =>
    expectedPeers({ ...node, isEphemeral: isEphemeralNode(node) }, candidates, network.stakers);
  const nodes = await Promise.all(
    looked.map(({ node, state }) => nodeStatus(node, state, { running, expected: expectedOf(node) }, options)),
  );
  const atWork = holderOf(dir);
  const start = readStartRecord(dir);
  const nodeCount = nodes.length;
  const faults = networkFaults({ problem, start, isAtWork: atWork !== undefined, nodeCount, orphans: orphansOf(dir) });
  const healthy = problem === undefined && nodes.length > 0 && nodes.every(isWell);
  return { dir, uuid, owner, healthy, faults, ...(atWork === undefined ? {} : { atWork }), nodes };
}

/** Whether nothing is wrong with a node. */
export function isWell({ process, api, peers }: NodeAnswers): boolean {
  return process.status === "running" && api.answers && api.healthy && peers.known && peers.missing.length === 0;
}

function holderOf(dir: string): LockHolder | undefined {
  try {
    return lockHolder(dir);
  } catch {
    return undefined;
  }
}

/** They are told as far as this user may look. */
function orphansOf(dir: string): Orphan[] {
  try {
    return findOrphansOf(dir);
  } catch {
    return [];
  }
}

function isEphemeralNode(node: RuntimeNode): boolean {
  return "isEphemeral" in node && node.isEphemeral === true;
}

async function nodeStatus(
  node: RuntimeNode,
  process: NodeState,
  { running, expected }: { readonly running: ReadonlyMap<NodeID, number>; readonly expected: readonly NodeID[] },
  { signal, timeoutMs = STATUS_TIMEOUT_MS }: StatusOptions,
): Promise<NodeStatus> {
  const { nodeID, dataDir } = node;
  const isEphemeral = isEphemeralNode(node);
  const known = { nodeID, dataDir, isEphemeral, process };
  if (process.status !== "running") {
    const endedAt = process.status === "stopped" ? lastSignAt(dataDir, process.stalePID === undefined) : 0;
    const found = {
      ...known,
      ...(endedAt === 0 ? {} : { endedAt }),
      api: { answers: false },
      peers: { known: false },
    } as const;
    return { ...found, faults: nodeFaults(found, running) };
  }
  const [api, peers] = await Promise.all([
    askAPI(process.uri, { signal, timeoutMs }),
    askPeers(process.uri, expected, { signal, timeoutMs }),
  ]);
  return { ...known, api, peers, faults: nodeFaults({ ...known, api, peers }, running) };
}

interface Asking {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

async function askAPI(uri: string, asking: Asking): Promise<APIStatus> {
  try {
    const reply = await getHealth(uri, asking);
    const failing = failingChecks(reply).map(([check, { error = "", timeOfFirstFailure }]) => ({
      check: presentable(check),
      error: presentable(error),
      ...(timeOfFirstFailure ? { since: presentable(timeOfFirstFailure) } : {}),
    }));
    return { answers: true, healthy: reply.healthy, failing };
  } catch (error) {
    return { answers: false, error: presentable(errorMessage(error)) };
  }
}

async function askPeers(uri: string, expected: readonly NodeID[], asking: Asking): Promise<PeersStatus> {
  try {
    const peers = await getPeers(uri, asking);
    const connected = new Set(peers.map(({ nodeID }) => nodeID));
    return { known: true, connected: peers.length, missing: expected.filter((nodeID) => !connected.has(nodeID)) };
  } catch (error) {
    return { known: false, error: presentable(errorMessage(error)) };
  }
}
