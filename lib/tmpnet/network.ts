/**
 * A temporary network: nodes that belong together, on disk and, while it runs, as processes; and all that changes it.
 *
 * There is no daemon: all that is known is in the network's directory, which tmpnet's tools read and write as well.
 * An object of this class is a view of that directory; it may be dropped at any time, and the network lives on.
 *
 * @module
 */

import { basename, join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { isProductionNetwork } from "../platform/networks.ts";
import { disownNode, makeNode, type NodeOptions, removeNodeDirectory } from "./add_node.ts";
import { createNetwork } from "./create.ts";
import { CONFIG_FILE } from "./disk/layout.ts";
import { type NetworkConfig, writeNetworkConfig } from "./disk/network_config.ts";
import { removeStartRecord } from "./disk/start_record.ts";
import { TmpnetError } from "./errors.ts";
import { startFirst } from "./first_start.ts";
import { type FlagsMap, refusePlaceFlags, withDefaults } from "./flags_map.ts";
import { inTurn, inTurnToStop, type TurnControl } from "./network_lock.ts";
import type { NetworkNode, NodeControl } from "./network_node.ts";
import type { NetworkOptions } from "./network_options.ts";
import { type NetworkModules, NetworkRunner } from "./network_runner.ts";
import { NetworkView } from "./network_view.ts";
import { type TmpnetNode, writeNode } from "./node.ts";
import type { NodeStop, NodesProgress, StopControl } from "./node_runner.ts";
import { renewOwnProgram } from "./own_node.ts";
import { keepAPIPort } from "./ports.ts";
import { examineProvenance } from "./provenance.ts";
import { type ReadNetwork, readNetwork, readStoppable } from "./read.ts";
import type { NodeState, RuntimeNode } from "./runtime/contract.ts";
import { stopWithOrphans } from "./stop_orphans.ts";
import { type CreatedSubnet, createSubnets } from "./subnets/create.ts";
import type { SubnetProgress } from "./subnets/progress.ts";
import type { SubnetSpec } from "./subnets/spec.ts";

export type { NetworkModules } from "./network_runner.ts";
export type { NodeStop, StopControl } from "./node_runner.ts";

/** What happens while a network starts or stops. */
export type NetworkProgress =
  /** The directory is made; nothing runs yet. */
  { readonly kind: "created"; readonly network: Network } | NodesProgress | SubnetProgress;

/** How a start or restart behaves. */
export interface NetworkControl extends Omit<NodeControl, "onProgress"> {
  readonly onProgress?: ((progress: NetworkProgress) => void) | undefined;
}

/** How a restart behaves. */
export interface RestartControl extends NetworkControl {
  /** Flags that what is restarted is to have from now on: the network by default, or the nodes that are named. */
  readonly flags?: FlagsMap | undefined;
}

/**
 * A temporary network, as its directory has it.
 *
 * What changes it takes the network's lock, reads the directory again, and shows afterwards what is there then.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * console.log(network.dir, network.nodeUris());
 * ```
 */
export class Network extends NetworkView implements AsyncDisposable {
  readonly #runner: NetworkRunner;

  private constructor(read: ReadNetwork, modules: NetworkModules) {
    super(read);
    this.#runner = new NetworkRunner(read.dir, read.config, modules);
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
    const created = await createNetwork(options, env, clock);
    const network = new Network(created, modules);
    const onBegun = () => control.onProgress?.({ kind: "created", network });
    return await network.#inTurn("starting the network", control, async () => {
      await startFirst(network, created, network.#runner, { ...control, onBegun });
      return network;
    });
  }

  /**
   * Reads a network from its directory, whoever made it.
   *
   * @throws {TmpnetError} `no-network` or `bad-file`.
   */
  static read(dir: string, modules: NetworkModules = {}): Network {
    return new Network(readNetwork(dir), modules);
  }

  /**
   * Stops all that runs in a directory, also where its files are not fit for anything else, or gone: processes that are
   * proven to be of a network there are ended, those that only look like it are told.
   *
   * @throws {TmpnetError} `no-network`, `busy`, or `not-stopped` once all the others are stopped.
   */
  static async stop(
    dir: string,
    control: StopControl = {},
    modules: NetworkModules = {},
  ): Promise<readonly NodeStop[]> {
    let found: ReturnType<typeof readStoppable>;
    try {
      found = readStoppable(dir);
    } catch (error) {
      const { clock = systemClock, env = process.env } = modules;
      const stops = await stopWithOrphans(dir, async () => [], { clock, env });
      if (stops.length === 0) throw error;
      return stops;
    }
    return await new Network({ ...found, nodes: [] }, modules).stop(control);
  }

  inspect(node: RuntimeNode): NodeState {
    return this.#runner.inspect(node);
  }

  /** Stops all its nodes; see {@link Network.stop}. */
  async stop(control: StopControl = {}): Promise<readonly NodeStop[]> {
    return await this.#inTurnToStop("stopping the network", control, async () =>
      // Read again: what another command has made meanwhile is stopped, too.
      this.#runner.stopAll(() => readStoppable(this.dir).nodes, control),
    );
  }

  /**
   * Stops what runs and starts all nodes, also those that were stopped.
   *
   * @returns This network.
   * @throws {TmpnetError} As {@link Network.start}.
   */
  async restart(control: RestartControl = {}): Promise<Network> {
    refusePlaceFlags(control.flags ?? {});
    return await this.#inTurn("restarting the network", control, async () => {
      if (!isEmpty(control.flags)) {
        await this.updateConfig((config) => {
          return { ...config, defaultFlags: withDefaults(control.flags ?? {}, config.defaultFlags) };
        });
      }
      await this.#restart(() => this.nodes, control, { isOfAll: true });
      removeStartRecord(this.dir);
      return this;
    });
  }

  /**
   * Starts nodes that were stopped, side by side, and waits until they are healthy; those that run are passed over.
   *
   * @param names As {@link Network.node} takes them.
   * @throws {TmpnetError} As {@link Network.start}; `no-node`.
   */
  async startNodes(names: readonly string[], control: NetworkControl = {}): Promise<void> {
    await this.#inTurn("starting nodes", control, async () => {
      this.#refresh(control);
      await this.#runner.start(this, this.#named(names), control);
    });
  }

  /**
   * Stops nodes, side by side.
   *
   * @param names As {@link Network.node} takes them.
   * @throws {TmpnetError} `no-node`, `not-stopped`.
   */
  async stopNodes(names: readonly string[], control: StopControl = {}): Promise<readonly NodeStop[]> {
    const work = async () => {
      this.show(readNetwork(this.dir));
      return await this.#runner.stop(this.#named(names), control);
    };
    return await this.#inTurnToStop("stopping nodes", control, work, { isOfAll: false });
  }

  /**
   * Restarts nodes, side by side, and no others.
   *
   * @param names As {@link Network.node} takes them.
   * @throws {TmpnetError} As {@link Network.start}; `no-node`.
   */
  async restartNodes(names: readonly string[], control: RestartControl = {}): Promise<void> {
    refusePlaceFlags(control.flags ?? {});
    await this.#inTurn("restarting nodes", control, async () => {
      if (!isEmpty(control.flags)) {
        for (const node of this.#named(names)) {
          await this.updateNode(basename(node.dataDir), ({ flags, ...rest }) => {
            return { ...rest, flags: withDefaults(control.flags ?? {}, flags) };
          });
        }
      }
      await this.#restart(() => this.#named(names), control);
    });
  }

  /**
   * Makes subnets, and restarts the nodes that are to run their chains: those, and no others.
   *
   * @returns Once the chains are up.
   * @throws {SubnetError} What cannot be, before anything is done, or a chain that does not come up; {@link WalletError}.
   *
   * @example
   * ```ts
   * async function addXSVM(network: Network, genesis: Uint8Array): Promise<string> {
   *   const [subnet] = await network.addSubnets([{ name: "a", chains: [{ vmName: "xsvm", genesis }], validators: 2 }]);
   *   return subnet!.chainIDs[0]!;
   * }
   * ```
   */
  async addSubnets(specs: readonly SubnetSpec[], control: NetworkControl = {}): Promise<readonly CreatedSubnet[]> {
    const { signal, timeoutMs, onProgress } = control;
    return await createSubnets(this, specs, {
      signal,
      timeoutMs,
      onProgress,
      clock: this.#runner.clock,
      env: this.#runner.env,
    });
  }

  /**
   * Makes one subnet, as {@link Network.addSubnets} makes several at one time.
   *
   * @returns Once its chains are up.
   * @throws {SubnetError} As {@link Network.addSubnets}.
   *
   * @example
   * ```ts
   * async function addL1(network: Network, genesis: Uint8Array): Promise<string> {
   *   await network.addSubnet({ name: "l1", chains: [{ vmName: "subnetevm", genesis }], validators: [0], l1: {} });
   *   return network.chainRpcUrl("l1");
   * }
   * ```
   */
  async addSubnet(spec: SubnetSpec, control: NetworkControl = {}): Promise<CreatedSubnet> {
    const [made] = await this.addSubnets([spec], control);
    return made as CreatedSubnet;
  }

  /**
   * Adds a node, and starts it unless `start` is false. It stakes nothing.
   *
   * @returns The node, healthy.
   * @throws {TmpnetError} `option`, also where none runs that it could bootstrap from, `binary`, or as
   * {@link Network.start}: it is none of the network's nodes then, and its directory stays to be looked at.
   *
   * @example
   * ```ts
   * await using network = await Network.start({ nodeCount: 2 });
   * const node = await network.addNode({ flags: { "log-level": "debug" } });
   * console.log(node.uri);
   * ```
   */
  async addNode(
    options: NodeOptions & { readonly start?: boolean } = {},
    control: NetworkControl = {},
  ): Promise<NetworkNode> {
    return await this.#inTurn("adding a node", control, async () => {
      this.#refresh(control);
      if (options.start !== false) this.#refuseAlone();
      if (options.start !== false && control.waitForHealth !== false) this.#refuseChains(options);
      const node = await makeNode(this, options, this.#runner.clock);
      this.show(readNetwork(this.dir));
      const added = this.node(basename(node.dataDir));
      if (options.start === false) return added;
      try {
        await this.#runner.start(this, [node], control);
      } catch (error) {
        disownNode(node);
        this.show(readNetwork(this.dir));
        throw error;
      }
      return added;
    });
  }

  /** Refuses a node that would wait for chains which nobody runs. */
  #refuseChains({ light = false, avalanchegoPath }: NodeOptions): void {
    if (light || !avalanchegoPath || !this.hasOwnNodes || this.genesis === undefined) return;
    const message =
      "The network's validators are avx's own nodes, which run no chains: no other node could bootstrap these";
    throw new TmpnetError({ code: "option", option: "avalanchegoPath" }, message, {
      hint: "Start a network with --avalanchego-path and have avx's nodes beside it by --light-node-count",
    });
  }

  /** Refuses a node that would have nobody to bootstrap from, and would be waited for in vain. */
  #refuseAlone(): void {
    const runs = this.nodes.some((node) => !node.isEphemeral && this.inspect(node).status !== "stopped");
    if (runs || isProductionNetwork(this.networkID)) return;
    const message = `No node of ${this.dir} runs that another could bootstrap from`;
    throw new TmpnetError({ code: "option", option: "start" }, message, {
      hint: "Start the network with avx net restart, or add the node with --no-start",
    });
  }

  /**
   * Stops a node and removes it with all that it has.
   *
   * @param name As {@link Network.node} takes it.
   * @throws {TmpnetError} `no-node`, `not-stopped`, `unwritable`; `option` for a network's only node.
   */
  async removeNode(name: string, control: Pick<NetworkControl, "signal" | "onProgress"> = {}): Promise<void> {
    await this.#inTurn("removing a node", control, async () => {
      this.show(readNetwork(this.dir));
      const node = this.node(name);
      if (this.nodes.length === 1) {
        const message = `${node.nodeID} is the network's only node: a network without nodes cannot be started again`;
        throw new TmpnetError({ code: "option", option: "node" }, message);
      }
      await this.#runner.stop([node], { onProgress: control.onProgress, metricsSnapshot: false });
      removeNodeDirectory(node);
      this.show(readNetwork(this.dir));
    });
  }

  /**
   * Changes what `config.json` holds: it is read, changed and written while nobody else does so. Nodes that run go on
   * with what they were started with.
   *
   * @throws {TmpnetError} `busy`, `bad-file`, `unwritable`; whatever `change` throws.
   *
   * @example
   * ```ts
   * await using network = await Network.start({ nodeCount: 2 });
   * await network.updateConfig((config) => ({
   *   ...config,
   *   defaultFlags: { ...config.defaultFlags, "log-level": "debug" },
   * }));
   * ```
   */
  async updateConfig(
    change: (config: NetworkConfig) => NetworkConfig,
    control: Pick<NetworkControl, "signal" | "onProgress"> = {},
  ): Promise<void> {
    await this.#inTurn("changing its configuration", control, () => {
      const { config } = readNetwork(this.dir);
      writeNetworkConfig(join(this.dir, CONFIG_FILE), change(config));
      this.show(readNetwork(this.dir));
    });
  }

  /**
   * Changes a node's own flags or runtime, as {@link Network.updateConfig} does the network's.
   *
   * @param name As {@link Network.node} takes it.
   * @returns The node as it is now.
   */
  async updateNode(
    name: string,
    change: (node: TmpnetNode) => TmpnetNode,
    control: Pick<NetworkControl, "signal" | "onProgress"> = {},
  ): Promise<NetworkNode> {
    return await this.#inTurn("changing a node's configuration", control, () => {
      this.show(readNetwork(this.dir));
      const { dataDir } = this.node(name);
      writeNode({ ...change(this.node(name)), dataDir });
      this.show(readNetwork(this.dir));
      return this.nodes.find((node) => node.dataDir === dataDir) as NetworkNode;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Stops what runs of some nodes, and starts them, on the API ports that they have where those are to be kept. */
  async #restart(
    asked: () => readonly TmpnetNode[],
    control: NetworkControl,
    { isOfAll = false }: { readonly isOfAll?: boolean } = {},
  ): Promise<void> {
    this.#refresh(control);
    for (const node of asked()) keepAPIPort(node, this.inspect(node));
    this.show(readNetwork(this.dir));
    await this.#runner.restart(this, asked(), control, { isOfAll });
  }

  #named(names: readonly string[]): TmpnetNode[] {
    return [...new Set(names.map((name) => this.node(name)))];
  }

  /** The directory as it is now, examined before something of it is run, with avx's own nodes run by this avx. */
  #refresh({ trust, onProgress }: NetworkControl): void {
    const notice = examineProvenance(readNetwork(this.dir), { env: this.#runner.env, trust });
    if (notice !== undefined) onProgress?.({ kind: "warning", message: notice });
    this.show(renewOwnProgram(this.dir));
  }

  async #inTurn<T>(purpose: string, control: Omit<TurnControl, "clock">, work: () => T | Promise<T>): Promise<T> {
    return await inTurn(this.dir, purpose, { ...control, clock: this.#runner.clock }, work);
  }

  async #inTurnToStop<T>(
    purpose: string,
    { onProgress }: StopControl,
    work: () => Promise<T>,
    options: Parameters<typeof inTurnToStop>[4] = {},
  ): Promise<T> {
    return await inTurnToStop(this.dir, purpose, { onProgress, clock: this.#runner.clock }, work, options);
  }
}

function isEmpty(flags: FlagsMap = {}): boolean {
  return Object.keys(flags).length === 0;
}
