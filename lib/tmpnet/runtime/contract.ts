/**
 * What runs nodes: the contract between a network and processes, or whatever comes later.
 *
 * A network says which node and with which flags; the runtime says where the node can be reached, and what became of
 * it. Nothing above asks for a pid or sends a signal.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { NodeRuntimeConfig } from "../disk/runtime_config.ts";
import type { LastWords } from "../errors.ts";
import type { FlagsMap } from "../flags_map.ts";

/** A node as a runtime needs to know it. */
export interface RuntimeNode {
  readonly nodeID: NodeID;
  /** Real path; its files are the node's. */
  readonly dataDir: string;
  /** Not meant to last; absent where its files do not say. */
  readonly isEphemeral?: boolean;
  readonly runtimeConfig: NodeRuntimeConfig;
}

/** A node that can be reached. */
export interface RunningState {
  readonly status: "running";
  readonly pid: number;
  /** The HTTP API, such as `http://127.0.0.1:9650`. */
  readonly uri: string;
  /** Where peers connect to. */
  readonly stakingAddress: string;
  /** When it began, in milliseconds since 1970-01-01 UTC. */
  readonly startedAt: number;
}

/** What a runtime finds when it looks for a node. */
export type NodeState =
  | RunningState
  /** Its process is there; where it can be reached it has not said yet. */
  | { readonly status: "starting"; readonly pid: number; readonly startedAt: number }
  /**
   * It does not run.
   *
   * `unproven` are processes that look like it and cannot be proven to be it; `stalePID` is what a `process.json` that
   * was left behind still names.
   */
  | { readonly status: "stopped"; readonly unproven: readonly number[]; readonly stalePID?: number };

/** How a node came to its end. */
export type StopResult =
  /** It ended when it was asked to. */
  | { readonly how: "stopped" }
  /** It did not in time, and was killed. */
  | { readonly how: "killed" }
  /** It did not run; see {@link NodeState}. */
  | { readonly how: "not-running"; readonly unproven: readonly number[] };

/** What may end a start early. */
export interface StartControl {
  readonly signal?: AbortSignal | undefined;
  /** The moment, in milliseconds of the clock's `monotonic`, at which a node must have been started. */
  readonly deadline?: number | undefined;
}

/** Nodes that are started side by side. Disposing of it ends what they share, unless it was kept. */
export interface StartedTogether extends Disposable {
  /** Each of them was started, or will not be: those that share a process outlive the caller from now on. */
  keep(): void;
}

/** Starts, stops and inspects nodes. */
export interface NodeRuntime {
  /**
   * Flags that this runtime needs a node to have unless it says otherwise: where it listens, where its files are.
   */
  defaultFlags(node: RuntimeNode): FlagsMap;

  /**
   * Tells which nodes will be started side by side: a runtime may have them share what they need.
   *
   * @param options Whether they are to share processes; the runtime decides where it is not said.
   * @returns To be kept once they were started, and disposed of in any case. Until it is kept, those that share a process
   *   end where the caller's does.
   */
  together(
    nodes: readonly RuntimeNode[],
    options?: { readonly sharedProcesses?: boolean | undefined },
  ): StartedTogether;

  /**
   * Starts a node and waits until it says where it can be reached.
   *
   * What it started is stopped again when it throws.
   *
   * @param flags All of them.
   * @throws {TmpnetError} `already-running`, `binary`, `unwritable`, `node-died`, `unhealthy` at the deadline, or
   * `interrupted` by the signal.
   */
  start(node: RuntimeNode, flags: FlagsMap, control?: StartControl): Promise<RunningState>;

  /**
   * Ends a node: asks it to, then makes it. One that does not run is no fault.
   *
   * @throws {TmpnetError} `not-stopped`.
   */
  stop(node: RuntimeNode): Promise<StopResult>;

  /** Looks for a node. Changes nothing. */
  inspect(node: RuntimeNode): NodeState;

  /**
   * Ends a node that was started here at once and without waiting: for a caller that is itself about to end.
   */
  kill(node: RuntimeNode): void;

  /**
   * What a node that was started here has logged as FATAL since, or how it ended, in words that follow "it".
   *
   * @returns `undefined` when nothing points to its end.
   */
  trouble(node: RuntimeNode): string | undefined;

  /** What a node leaves to be quoted. */
  lastWords(node: RuntimeNode): LastWords;
}
