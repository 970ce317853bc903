/**
 * How a network is now: each node's process, API and peers are asked apart, so that it is plain which of them is wrong.
 *
 * @module
 */

import { errorMessage } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { failingChecks, getHealth } from "../platform/rpc/health_client.ts";
import { getPeers } from "../platform/rpc/info_client.ts";
import type { Network } from "./network.ts";
import type { TmpnetNode } from "./node.ts";
import type { NodeState } from "./runtime/contract.ts";
import { presentable } from "./runtime/log_watch.ts";

/** How long a node may take to answer, in milliseconds. */
export const STATUS_TIMEOUT_MS = 3_000;

/** What a node's API says. */
export type APIStatus =
  /** It was not asked: there is no process. */
  | { readonly answers: false }
  /** It was asked and gave no answer. */
  | { readonly answers: false; readonly error: string }
  | {
      readonly answers: true;
      readonly healthy: boolean;
      /** Checks that fail. `since` is RFC 3339, where the node says it. */
      readonly failing: readonly { readonly check: string; readonly error: string; readonly since?: string }[];
    };

/** Whom a node is connected to, as it says itself. */
export type PeersStatus =
  | { readonly known: false; readonly error?: string }
  | {
      readonly known: true;
      /** All its peers, also such as are not of this network's directory. */
      readonly connected: number;
      /** Nodes of this network that run and that it is not connected to. */
      readonly missing: readonly NodeID[];
    };

/** How a node is. */
export interface NodeStatus {
  readonly nodeID: NodeID;
  readonly dataDir: string;
  readonly isEphemeral: boolean;
  readonly process: NodeState;
  readonly api: APIStatus;
  readonly peers: PeersStatus;
}

/** How a network is. */
export interface NetworkStatus {
  readonly dir: string;
  readonly uuid: string;
  readonly owner: string;
  /** Whether all nodes run, answer, are healthy and connected to each other. */
  readonly healthy: boolean;
  readonly nodes: readonly NodeStatus[];
}

/**
 * Asks all nodes of a network, side by side.
 *
 * @param options `timeoutMs` is for each answer.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * const status = await networkStatus(network);
 * console.log(status);
 * ```
 */
export async function networkStatus(
  network: Network,
  options: { readonly signal?: AbortSignal; readonly timeoutMs?: number } = {},
): Promise<NetworkStatus> {
  const looked = network.nodes.map((node) => ({ node, state: network.inspect(node) }));
  const running = looked.filter(({ state }) => state.status === "running").map(({ node }) => node.nodeID);
  const nodes = await Promise.all(looked.map(({ node, state }) => nodeStatus(node, state, running, options)));
  const { dir, uuid, owner } = network;
  return { dir, uuid, owner, healthy: nodes.length > 0 && nodes.every(isWell), nodes };
}

/** Whether nothing is wrong with a node. */
export function isWell({ process, api, peers }: NodeStatus): boolean {
  return process.status === "running" && api.answers && api.healthy && peers.known && peers.missing.length === 0;
}

async function nodeStatus(
  node: TmpnetNode,
  process: NodeState,
  running: readonly NodeID[],
  { signal, timeoutMs = STATUS_TIMEOUT_MS }: { readonly signal?: AbortSignal; readonly timeoutMs?: number },
): Promise<NodeStatus> {
  const { nodeID, dataDir, isEphemeral } = node;
  const known = { nodeID, dataDir, isEphemeral, process };
  if (process.status !== "running") return { ...known, api: { answers: false }, peers: { known: false } };

  const expected = running.filter((other) => other !== nodeID);
  const [api, peers] = await Promise.all([
    askAPI(process.uri, { signal, timeoutMs }),
    askPeers(process.uri, expected, { signal, timeoutMs }),
  ]);
  return { ...known, api, peers };
}

interface Asking {
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
}

async function askAPI(uri: string, asking: Asking): Promise<APIStatus> {
  try {
    const reply = await getHealth(uri, asking);
    const failing = failingChecks(reply).map(([check, { error = "", timeOfFirstFailure }]) => ({
      check,
      error: presentable(error),
      ...(timeOfFirstFailure ? { since: timeOfFirstFailure } : {}),
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
