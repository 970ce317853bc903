/**
 * Runs the nodes of one network: starts some of them beside those that run, and stops some of them.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import type { Bootstrapper, NetworkFacts } from "./compose_flags.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "./defaults.ts";
import type { LockHolder } from "./disk/lock.ts";
import { TmpnetError } from "./errors.ts";
import { launch, type NodeProgress } from "./launch.ts";
import { saveMetricsSnapshot } from "./monitoring/snapshot.ts";
import type { TmpnetNode } from "./node.ts";
import type { Orphan } from "./orphan_search.ts";
import { keepAPIPort } from "./ports.ts";
import type { NodeRuntime, NodeState, RuntimeNode, StopResult } from "./runtime/contract.ts";

/** What happens while nodes start or stop. */
export type NodesProgress =
  /** Something that should be known, and is no reason to fail. */
  | { readonly kind: "warning"; readonly message: string }
  /** Another command is at work on the network; it is waited for. */
  | { readonly kind: "busy"; readonly holder: LockHolder }
  | ({ readonly kind: "node"; readonly nodeID: NodeID } & (NodeProgress | { readonly phase: "stopped" }));

/** How a start of nodes behaves. */
export interface StartNodesControl {
  /** Ends it early: no node that it started is left running. */
  readonly signal?: AbortSignal | undefined;
  /** @default {120000} How long the nodes may take to be healthy, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  /** @default {true} Whether nodes are to be healthy; otherwise it is enough that they can be reached. */
  readonly waitForHealth?: boolean | undefined;
  readonly onProgress?: ((progress: NodesProgress) => void) | undefined;
}

/** How a stop of nodes behaves. */
export interface StopControl extends Pick<StartNodesControl, "onProgress"> {
  /**
   * Whether each node's metrics are saved before it is stopped, as far as it tells them in three seconds.
   *
   * @default {true}
   */
  readonly metricsSnapshot?: boolean | undefined;
}

/** How one node was stopped. */
export interface NodeStop {
  readonly nodeID: NodeID;
  readonly result: StopResult;
  /** The file with its last metrics; absent where it told none in time. */
  readonly metricsSnapshot?: string;
  /** The process, where it was none of the network's nodes any more: its directory is gone, or its node has ended. */
  readonly orphan?: Orphan;
}

/** What a runner needs. */
export interface NodeRunnerModules {
  readonly clock: Clock;
  readonly runtime: NodeRuntime;
  /** What was found that should be known, since it was asked last. */
  readonly takeWarnings: () => readonly string[];
  /** {@link LaunchOptions.onPortTaken} */
  readonly onPortTaken: (node: TmpnetNode) => TmpnetNode | undefined;
}

export class NodeRunner {
  readonly #modules: NodeRunnerModules;

  constructor(modules: NodeRunnerModules) {
    this.#modules = modules;
  }

  /**
   * Starts nodes and waits until they are healthy.
   *
   * @param all All nodes of the network: those that run and are meant to last are bootstrapped from.
   * @param nodes Those to start; one that runs is passed over.
   * @throws {TmpnetError} What happened first to any of them; those that were started are stopped then.
   */
  async start(
    all: readonly TmpnetNode[],
    nodes: readonly TmpnetNode[],
    facts: NetworkFacts,
    control: StartNodesControl,
  ): Promise<void> {
    const { signal, timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS, waitForHealth = true, onProgress } = control;
    const { runtime } = this.#modules;
    const stopped = nodes.filter((node) => runtime.inspect(node).status === "stopped");
    await launch(stopped, this.#bootstrappers(all), facts, this.#modules, {
      signal,
      timeoutMs,
      waitForHealth,
      onPortTaken: this.#modules.onPortTaken,
      onProgress: (nodeID, progress) => onProgress?.({ kind: "node", nodeID, ...progress }),
    });
    this.#tellWarnings(onProgress);
  }

  /**
   * Stops nodes side by side.
   *
   * @throws {TmpnetError} `not-stopped` once all the others are stopped.
   */
  async stop(
    nodes: readonly RuntimeNode[],
    { onProgress, metricsSnapshot = true }: StopControl,
  ): Promise<readonly NodeStop[]> {
    const { clock, runtime } = this.#modules;
    const settled = await Promise.allSettled(
      nodes.map(async (node): Promise<NodeStop> => {
        const state = runtime.inspect(node);
        if (isWhole(node)) tryToKeepPort(node, state);
        const isAsked = metricsSnapshot && state.status === "running";
        const snapshot = isAsked ? await saveMetricsSnapshot(node, state.uri, clock) : undefined;
        const result = await runtime.stop(node);
        onProgress?.({ kind: "node", nodeID: node.nodeID, phase: "stopped" });
        return { nodeID: node.nodeID, result, ...(snapshot === undefined ? {} : { metricsSnapshot: snapshot }) };
      }),
    );
    this.#tellWarnings(onProgress);
    const failures = settled.filter((outcome) => outcome.status === "rejected");
    if (failures.length === 0) return settled.map((outcome) => (outcome as PromiseFulfilledResult<NodeStop>).value);
    if (failures.length === 1) throw failures[0]?.reason;
    const nodeIDs = nodes.filter((_, i) => settled[i]?.status === "rejected").map(({ nodeID }) => nodeID);
    const message = failures.map(({ reason }) => errorMessage(reason)).join("\n  ");
    throw new TmpnetError({ code: "not-stopped", nodeIDs }, message, { cause: failures[0]?.reason });
  }

  #bootstrappers(nodes: readonly TmpnetNode[]): Bootstrapper[] {
    return nodes.flatMap((node) => {
      if (node.isEphemeral) return [];
      const state = this.#modules.runtime.inspect(node);
      return state.status === "running" ? [{ nodeID: node.nodeID, stakingAddress: state.stakingAddress }] : [];
    });
  }

  #tellWarnings(onProgress: StopControl["onProgress"]): void {
    for (const message of this.#modules.takeWarnings()) onProgress?.({ kind: "warning", message });
  }
}

function isWhole(node: RuntimeNode): node is TmpnetNode {
  return "flags" in node;
}

function tryToKeepPort(node: TmpnetNode, state: NodeState): void {
  try {
    keepAPIPort(node, state);
  } catch {
    // A port is a wish; that a node is stopped, also on a disk that is full, is not.
  }
}
