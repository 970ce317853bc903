/**
 * A temporary network: nodes that belong together, on disk and, while it runs, as processes.
 *
 * There is no daemon: all that is known is in the network's directory, which tmpnet's tools read and write as well.
 * An object of this class is a view of that directory; it may be dropped at any time, and the network lives on.
 *
 * @module
 */

import { join } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { parsePrivateKey, type Secp256k1PrivateKey } from "../core/secp256k1/private_key.ts";
import type { GenesisConfig } from "../platform/genesis/config.ts";
import { evmPath } from "../platform/rpc/evm_client.ts";
import type { Bootstrapper, NetworkFacts } from "./compose_flags.ts";
import { createNetwork, type NetworkOptions } from "./create.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "./defaults.ts";
import { writeFileWhole } from "./disk/files.ts";
import { CONFIG_FILE, type Env, LATEST_LINK, latestLinkOf, METRICS_FILE, pointLink } from "./disk/layout.ts";
import { type NetworkConfig, writeNetworkConfig } from "./disk/network_config.ts";
import { readOwnRecord } from "./disk/own_record.ts";
import { readSubnets } from "./disk/subnets.ts";
import { TmpnetError } from "./errors.ts";
import { launch, type NodeProgress } from "./launch.ts";
import { metricsLink } from "./metrics_link.ts";
import { monitoredRuntime } from "./monitoring/monitored_runtime.ts";
import { saveMetricsSnapshot } from "./monitoring/snapshot.ts";
import type { TmpnetNode } from "./node.ts";
import { ownNodeProgram } from "./own_node.ts";
import { keepAPIPort } from "./ports.ts";
import { readConfig, readGenesis, readNetwork, readStoppable } from "./read.ts";
import type { NodeRuntime, NodeState, RuntimeNode, StopResult } from "./runtime/contract.ts";
import { ProcessRuntime } from "./runtime/process_runtime.ts";

/** What happens while a network starts or stops. */
export type NetworkProgress =
  /** The directory is made; nothing runs yet. */
  | { readonly kind: "created"; readonly network: Network }
  /** Something that should be known, and is no reason to fail. */
  | { readonly kind: "warning"; readonly message: string }
  | ({ readonly kind: "node"; readonly nodeID: NodeID } & (NodeProgress | { readonly phase: "stopped" }));

/** How a start or restart behaves. */
export interface NetworkControl {
  /** Ends it early: no node that it started is left running. */
  readonly signal?: AbortSignal | undefined;
  /** @default {120000} How long the nodes may take to be healthy, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly onProgress?: ((progress: NetworkProgress) => void) | undefined;
}

/** What a network needs; all of it has a default. */
export interface NetworkModules {
  readonly clock?: Clock | undefined;
  /** What nodes inherit, and where defaults come from. @default The process's. */
  readonly env?: Env | undefined;
  /** @default Processes of this machine. */
  readonly runtime?: NodeRuntime | undefined;
}

/** How a stop behaves. */
export interface StopControl extends Pick<NetworkControl, "onProgress"> {
  /** @default {true} Whether each node's metrics are saved before it is stopped, as far as it tells them in a second. */
  readonly metricsSnapshot?: boolean | undefined;
}

/** How one node was stopped. */
export interface NodeStop {
  readonly nodeID: NodeID;
  readonly result: StopResult;
  /** The file with its last metrics; absent where it told none in time. */
  readonly metricsSnapshot?: string;
}

/**
 * A temporary network, as its directory has it.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * console.log(network.dir, network.nodeUris());
 * ```
 */
export class Network implements AsyncDisposable {
  /** Real path. */
  readonly dir: string;
  readonly #config: NetworkConfig;
  readonly #nodes: readonly TmpnetNode[];
  readonly #clock: Clock;
  readonly #env: Env;
  /** As it was handed in, and as this network's nodes are run with it. */
  readonly #plainRuntime: NodeRuntime;
  readonly #runtime: NodeRuntime;
  readonly #warnings = new Set<string>();
  #genesis: { value: GenesisConfig | undefined } | undefined;

  private constructor(dir: string, config: NetworkConfig, nodes: readonly TmpnetNode[], modules: NetworkModules) {
    this.dir = dir;
    this.#config = config;
    this.#nodes = nodes;
    this.#clock = modules.clock ?? systemClock;
    this.#env = modules.env ?? process.env;
    this.#plainRuntime = modules.runtime ?? new ProcessRuntime({ clock: this.#clock }, { env: this.#env });
    this.#runtime = monitoredRuntime(config, {
      runtime: this.#plainRuntime,
      env: this.#env,
      onProblem: (problem) => this.#warnings.add(problem),
    });
  }

  /**
   * Makes a network and starts it.
   *
   * @throws {TmpnetError} What kept it from being healthy; nothing is left running then, and its directory stays to
   * be looked at.
   *
   * @example
   * ```ts
   * await using network = await Network.start({ nodeCount: 5 });
   * const uris = network.nodeUris();
   * ```
   */
  static async start(
    options: NetworkOptions = {},
    control: NetworkControl = {},
    modules: NetworkModules = {},
  ): Promise<Network> {
    const { clock = systemClock, env = process.env } = modules;
    const { dir, config, genesis, nodes } = createNetwork(options, env, clock);
    const network = new Network(dir, config, nodes, modules);
    network.#genesis = { value: genesis };
    // Before anything runs: a start that is cut off can be stopped without naming its directory.
    const names = config.owner === "" ? [LATEST_LINK] : [LATEST_LINK, latestLinkOf(config.owner)];
    const restoreLinks = names.map((name) => pointLink(dir, name));
    control.onProgress?.({ kind: "created", network });
    try {
      await network.#launch(nodes, [], control);
    } catch (error) {
      for (const restore of restoreLinks) restore();
      throw error;
    }
    return network;
  }

  /**
   * Reads a network from its directory, whoever made it.
   *
   * @throws {TmpnetError} `no-network` or `bad-file`.
   */
  static read(dir: string, modules: NetworkModules = {}): Network {
    const { dir: real, config, nodes } = readNetwork(dir);
    return new Network(real, config, nodes, modules);
  }

  /**
   * Stops all that runs in a directory, also where its files are not fit for anything else.
   *
   * @throws {TmpnetError} `no-network`, or `not-stopped` once all the others are stopped.
   */
  static async stop(
    dir: string,
    control: StopControl = {},
    modules: NetworkModules = {},
  ): Promise<readonly NodeStop[]> {
    const { dir: real, config, nodes } = readStoppable(dir);
    return await new Network(real, config, [], modules).#stopNodes(nodes, control);
  }

  /** Tells networks apart in metrics. */
  get uuid(): string {
    return this.#config.uuid;
  }

  /** Who it was started for; empty where nobody said. */
  get owner(): string {
    return this.#config.owner;
  }

  /** What its `config.json` holds. */
  get config(): NetworkConfig {
    return this.#config;
  }

  /** Its nodes, sorted by directory; those that were made just now in the order of the genesis. */
  get nodes(): readonly TmpnetNode[] {
    return this.#nodes;
  }

  /**
   * Its genesis; `undefined` where nodes have one built in.
   *
   * @throws {TmpnetError} `bad-file`.
   */
  get genesis(): GenesisConfig | undefined {
    this.#genesis ??= { value: readGenesis(this.dir) };
    return this.#genesis.value;
  }

  /** The number that Avalanche knows it by. */
  get networkID(): number {
    return this.genesis?.networkID || this.#config.networkID;
  }

  /** Keys funded in its genesis, for whoever uses the network. */
  get preFundedKeys(): readonly Secp256k1PrivateKey[] {
    return this.#config.preFundedKeys.map(parsePrivateKey);
  }

  /** Whether its nodes are avx's own. */
  get hasOwnNodes(): boolean {
    return readOwnRecord(this.dir).ownNodes;
  }

  /** Looks for a node's process. */
  inspect(node: RuntimeNode): NodeState {
    return this.#runtime.inspect(node);
  }

  /** The API of each node that runs and is meant to last. */
  nodeUris(): { readonly nodeID: NodeID; readonly uri: string }[] {
    return this.#running()
      .filter(({ node }) => !node.isEphemeral)
      .map(({ node, state }) => ({ nodeID: node.nodeID, uri: state.uri }));
  }

  /**
   * The Ethereum API of a chain on the first node that runs.
   *
   * @param chain An alias such as `C`, or a blockchain ID.
   * @returns `undefined` when no node runs.
   */
  chainRpcUrl(chain: string): string | undefined {
    const [first] = this.nodeUris();
    return first === undefined ? undefined : `${first.uri}${evmPath(chain)}`;
  }

  /** Stops all its nodes; see {@link Network.stop}. */
  async stop(control: StopControl = {}): Promise<readonly NodeStop[]> {
    return await this.#stopNodes(this.#nodes, control);
  }

  /**
   * Stops what runs and starts all nodes, also those that were stopped.
   *
   * @returns The network as it is now: what was read before may have changed.
   * @throws {TmpnetError} As {@link Network.start}.
   */
  async restart(control: NetworkControl = {}): Promise<Network> {
    const network = this.#readAgain();
    if (network.#nodes.length === 0) {
      throw new TmpnetError({ code: "no-network", path: this.dir }, `${this.dir} has no nodes to start`);
    }
    const nodes = network.#nodes.map((node) => keepAPIPort(node, network.inspect(node)));
    await network.#stopNodes(nodes, {});
    await network.#launch(nodes, [], control);
    return new Network(network.dir, network.#config, nodes, network.#modules());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #launch(
    nodes: readonly TmpnetNode[],
    running: readonly Bootstrapper[],
    { signal, timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS, onProgress }: NetworkControl,
  ): Promise<void> {
    // Before anything runs: a disk that is full then is not found out with nodes running.
    writeFileWhole(join(this.dir, METRICS_FILE), `${metricsLink(this.uuid, this.#clock.now(), this.#env)}\n`);
    const modules = { clock: this.#clock, runtime: this.#runtime };
    await launch(nodes, running, this.#facts(), modules, {
      signal,
      timeoutMs,
      onProgress: (nodeID, progress) => onProgress?.({ kind: "node", nodeID, ...progress }),
    });
    this.#tellWarnings(onProgress);
  }

  async #stopNodes(
    nodes: readonly RuntimeNode[],
    { onProgress, metricsSnapshot = true }: StopControl,
  ): Promise<readonly NodeStop[]> {
    const settled = await Promise.allSettled(
      nodes.map(async (node): Promise<NodeStop> => {
        const state = this.inspect(node);
        if (isWhole(node)) tryToKeepPort(node, state);
        const isAsked = metricsSnapshot && state.status === "running";
        const snapshot = isAsked ? await saveMetricsSnapshot(node, state.uri, this.#clock) : undefined;
        const result = await this.#runtime.stop(node);
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

  #tellWarnings(onProgress: NetworkControl["onProgress"]): void {
    for (const message of this.#warnings) onProgress?.({ kind: "warning", message });
    this.#warnings.clear();
  }

  #running() {
    return this.#nodes.flatMap((node) => {
      const state = this.inspect(node);
      return state.status === "running" ? [{ node, state }] : [];
    });
  }

  #facts(): NetworkFacts {
    return {
      config: this.#config,
      networkID: this.networkID,
      genesis: this.genesis,
      subnets: readSubnets(this.dir),
      nodeCount: this.#nodes.length,
    };
  }

  /** The directory as it is now, with avx's own nodes run by this avx. */
  #readAgain(): Network {
    const { ownNodes } = readOwnRecord(this.dir);
    if (ownNodes) {
      const config = readConfig(this.dir);
      const process = { ...config.defaultRuntimeConfig.process, avalancheGoPath: ownNodeProgram(this.dir) };
      if (process.avalancheGoPath !== config.defaultRuntimeConfig.process?.avalancheGoPath) {
        const defaultRuntimeConfig = { ...config.defaultRuntimeConfig, process };
        writeNetworkConfig(join(this.dir, CONFIG_FILE), { ...config, defaultRuntimeConfig });
      }
    }
    return Network.read(this.dir, this.#modules());
  }

  #modules(): NetworkModules {
    return { clock: this.#clock, env: this.#env, runtime: this.#plainRuntime };
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
