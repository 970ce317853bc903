/**
 * A node of a network, and what is done with it alone.
 *
 * @module
 */

import { basename } from "node:path";
import type { NodeID } from "../core/ids/node_id.ts";
import type { JSONMap } from "./disk/json.ts";
import type { NodeRuntimeConfig } from "./disk/runtime_config.ts";
import type { FlagsMap } from "./flags_map.ts";
import type { TmpnetNode } from "./node.ts";
import type { NodeStop, NodesProgress, StartNodesControl, StopControl } from "./node_runner.ts";
import type { NodeState, RuntimeNode } from "./runtime/contract.ts";

/** How a start of a node behaves. */
export interface NodeControl extends Omit<StartNodesControl, "onProgress"> {
  readonly onProgress?: ((progress: NodesProgress) => void) | undefined;
  /** Whether to run what a directory names that somebody else may have made: see `provenance.ts`. */
  readonly trust?: boolean | undefined;
}

/** How a restart of one node behaves. */
export interface NodeRestartControl extends NodeControl {
  /** Flags that it is to have from now on. */
  readonly flags?: FlagsMap | undefined;
}

/** What a node needs of its network. */
export interface NodeKeeper {
  inspect(node: RuntimeNode): NodeState;
  startNodes(names: readonly string[], control: Widened<NodeControl>): Promise<void>;
  stopNodes(names: readonly string[], control: StopControl): Promise<readonly NodeStop[]>;
  restartNodes(names: readonly string[], control: Widened<NodeRestartControl>): Promise<void>;
}

/** A network tells of its making and its subnets, too. */
type Widened<T> = Omit<T, "onProgress"> & {
  readonly onProgress?: ((progress: NodesProgress | OtherProgress) => void) | undefined;
};

type OtherProgress = { readonly kind: "created" } | { readonly kind: "subnet" };

/**
 * A node of a network.
 *
 * Its fields are what was read of it last; what it does, it does with the node as it is then.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * const node = network.node(0);
 * await node.restart({ flags: { "log-level": "debug" } });
 * console.log(node.uri);
 * ```
 */
export class NetworkNode implements TmpnetNode {
  declare readonly nodeID: NodeID;
  declare readonly dataDir: string;
  declare readonly isEphemeral: boolean;
  declare readonly flags: FlagsMap;
  declare readonly runtimeConfig: NodeRuntimeConfig;
  declare readonly ownRuntimeConfig?: NodeRuntimeConfig;
  declare readonly other?: JSONMap;
  readonly #network: NodeKeeper;

  /** Networks make them. */
  constructor(node: TmpnetNode, network: NodeKeeper) {
    Object.assign(this, node);
    this.#network = network;
  }

  /** Its API, such as `http://127.0.0.1:9650`; `undefined` while it does not run. */
  get uri(): string | undefined {
    const state = this.inspect();
    return state.status === "running" ? state.uri : undefined;
  }

  /** Looks for its process. */
  inspect(): NodeState {
    return this.#network.inspect(this);
  }

  /**
   * Starts it, and waits until it is healthy.
   *
   * @throws {TmpnetError} As `Network.start`.
   */
  async start(control: NodeControl = {}): Promise<void> {
    await this.#network.startNodes([this.#name], widened(control));
  }

  /**
   * Stops it.
   *
   * @throws {TmpnetError} `not-stopped`.
   */
  async stop(control: StopControl = {}): Promise<void> {
    await this.#network.stopNodes([this.#name], control);
  }

  /**
   * Stops it where it runs, starts it, and waits until it is healthy.
   *
   * @throws {TmpnetError} As `Network.start`.
   */
  async restart(control: NodeRestartControl = {}): Promise<void> {
    await this.#network.restartNodes([this.#name], widened(control));
  }

  get #name(): string {
    return basename(this.dataDir);
  }
}

/** One node makes neither networks nor subnets: its progress is its own. */
function widened<T extends NodeControl>({ onProgress, ...control }: T): Widened<T> {
  return {
    ...control,
    onProgress: (progress) => {
      if (progress.kind !== "created" && progress.kind !== "subnet") onProgress?.(progress);
    },
  } as Widened<T>;
}
