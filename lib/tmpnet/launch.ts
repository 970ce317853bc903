/**
 * Starts nodes side by side and waits until all are healthy, or can be reached, or leaves none of them running.
 *
 * Where a node listens is known once it runs, and the others need one to begin with. So one is started first, unless
 * some run already, and all others together as soon as that one can be reached. avalanchego's peer lists do the rest.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { type Bootstrapper, commonFlags, composeFlags, type NetworkFacts } from "./compose_flags.ts";
import { TmpnetError } from "./errors.ts";
import { guardAtExit } from "./exit_guard.ts";
import { waitForHealthy } from "./health.ts";
import type { TmpnetNode } from "./node.ts";
import type { NodeRuntime, RunningState } from "./runtime/contract.ts";

/** What a node is doing while its network starts. */
export type NodeProgress =
  | { readonly phase: "starting" }
  /** It can be reached. */
  | ({ readonly phase: "started" } & Pick<RunningState, "pid" | "uri" | "stakingAddress">)
  /** Why it is not healthy yet: one reason or more. */
  | { readonly phase: "waiting"; readonly reasons: readonly string[] }
  | { readonly phase: "healthy" };

/** What a launch needs. */
export interface LaunchModules {
  readonly clock: Clock;
  readonly runtime: NodeRuntime;
}

/** How a launch behaves. */
export interface LaunchOptions {
  readonly signal?: AbortSignal | undefined;
  /** How long all nodes together may take to be healthy, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether nodes are to be healthy; otherwise it is enough that they can be reached. */
  readonly waitForHealth: boolean;
  readonly onProgress?: ((nodeID: NodeID, progress: NodeProgress) => void) | undefined;
  /**
   * Is asked what to start in place of a node that found a port taken: another process had it first. Between the look at
   * a port and the node's own attempt others bind theirs, the network's own nodes among them.
   */
  readonly onPortTaken?: ((node: TmpnetNode) => TmpnetNode | undefined) | undefined;
}

/**
 * Starts nodes of a network.
 *
 * @param nodes Those to start; none of them runs.
 * @param running Nodes that run already and can be bootstrapped from.
 * @throws {TmpnetError} What happened first to any of them; those that were started are stopped then.
 */
export async function launch(
  nodes: readonly TmpnetNode[],
  running: readonly Bootstrapper[],
  facts: NetworkFacts,
  modules: LaunchModules,
  options: LaunchOptions,
): Promise<void> {
  const { clock, runtime } = modules;
  const { timeoutMs, onProgress } = options;
  const failure = new AbortController();
  const signal = options.signal === undefined ? failure.signal : AbortSignal.any([options.signal, failure.signal]);
  const deadline = clock.monotonic() + timeoutMs;
  const common = commonFlags(facts);

  const attempt = async (node: TmpnetNode, bootstrappers: readonly Bootstrapper[]): Promise<RunningState> => {
    const flags = composeFlags(node, facts.networkID, common, bootstrappers, runtime.defaultFlags(node));
    return await runtime.start(node, flags, { signal, deadline });
  };
  const start = async (node: TmpnetNode, bootstrappers: readonly Bootstrapper[]): Promise<RunningState> => {
    onProgress?.(node.nodeID, { phase: "starting" });
    const state = await attempt(node, bootstrappers).catch(async (error: unknown) => {
      const other = foundPortTaken(error) ? options.onPortTaken?.(node) : undefined;
      if (other === undefined) throw error;
      return await attempt(other, bootstrappers);
    });
    onProgress?.(node.nodeID, { ...state, phase: "started" });
    return state;
  };
  const waitFor = async (node: TmpnetNode): Promise<void> => {
    if (!options.waitForHealth) return;
    const onReasons = (reasons: readonly string[]) => onProgress?.(node.nodeID, { phase: "waiting", reasons });
    await waitForHealthy(node, modules, { signal, deadline, onReasons, nodeCount: nodes.length });
    onProgress?.(node.nodeID, { phase: "healthy" });
  };

  // A second Ctrl-C ends this process at once: nodes that are not healthy yet are not to be left behind.
  using _guard = guardAtExit(() => {
    for (const node of nodes) runtime.kill(node);
  });
  using together = runtime.together(nodes, facts);
  try {
    let bootstrappers = running;
    let rest = nodes;
    const firsts: Promise<void>[] = [];
    if (bootstrappers.length === 0) {
      const first = nodes.find(({ isEphemeral }) => !isEphemeral) ?? nodes[0];
      if (first === undefined) return;
      const { stakingAddress } = await start(first, []);
      bootstrappers = [{ nodeID: first.nodeID, stakingAddress }];
      rest = nodes.filter((node) => node !== first);
      firsts.push(waitFor(first));
    }
    const others = rest.map((node) => start(node, bootstrappers).then(() => waitFor(node)));
    await allOrFirstFailure([...firsts, ...others], failure);
    together.keep();
  } catch (error) {
    failure.abort();
    await stopAll(nodes, runtime);
    if (options.signal?.aborted) {
      throw new TmpnetError({ code: "interrupted" }, "The start was interrupted; no node is left running", {
        cause: error,
      });
    }
    throw error;
  }
}

/** What a node says whose port another process has: avx's own, and avalanchego's, which passes on Go's words. */
const PORT_TAKEN = /the port is in use|address already in use/;

function foundPortTaken(error: unknown): boolean {
  if (!(error instanceof TmpnetError) || error.type.code !== "node-died") return false;
  const { fatal = "", tails } = error.type.lastWords;
  return PORT_TAKEN.test([fatal, ...tails.flatMap(({ lines }) => lines)].join("\n"));
}

/** Waits until all have come to an end; the first to fail makes the others give up, and its error is thrown. */
async function allOrFirstFailure(tasks: readonly Promise<void>[], failure: AbortController): Promise<void> {
  let first: { error: unknown } | undefined;
  await Promise.all(
    tasks.map((task) =>
      task.catch((error: unknown) => {
        first ??= { error };
        failure.abort();
      }),
    ),
  );
  if (first !== undefined) throw first.error;
}

async function stopAll(nodes: readonly TmpnetNode[], runtime: NodeRuntime): Promise<void> {
  const results = await Promise.allSettled(nodes.map((node) => runtime.stop(node)));
  for (const result of results) {
    if (result.status === "rejected") throw result.reason;
  }
}
