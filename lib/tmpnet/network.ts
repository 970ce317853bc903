/**
 * A temporary network: nodes that belong together, on disk and, while it runs, as processes.
 *
 * There is no daemon: all that is known is in the network's directory, which tmpnet's tools read and write as well.
 * An object of this class is a view of that directory; it may be dropped at any time, and the network lives on.
 *
 * @module
 */

import { basename, join } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { parsePrivateKey } from "../core/secp256k1/private_key.ts";
import type { GenesisConfig } from "../platform/genesis/config.ts";
import { isProductionNetwork } from "../platform/networks.ts";
import { issueTxs } from "../platform/wallet/issue.ts";
import { disownNode, makeNode, type NodeOptions, removeNodeDirectory } from "./add_node.ts";
import { type ChainURL, chainURLs } from "./chain_urls.ts";
import type { NetworkFacts } from "./compose_flags.ts";
import { type CreatedNetwork, createNetwork, type NetworkOptions } from "./create.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "./defaults.ts";
import { writeFileWhole } from "./disk/files.ts";
import { CONFIG_FILE, type Env, LATEST_LINK, latestLinkOf, METRICS_FILE, pointLink } from "./disk/layout.ts";
import { type NetworkConfig, writeNetworkConfig } from "./disk/network_config.ts";
import { readOlderChainConfigs } from "./disk/older_chain_configs.ts";
import { readOwnRecord } from "./disk/own_record.ts";
import { noteFailedStart, removeStartRecord, writeStartRecord } from "./disk/start_record.ts";
import { watchForStopRequest } from "./disk/stop_request.ts";
import { readSubnets, type SubnetRecord } from "./disk/subnets.ts";
import { TmpnetError } from "./errors.ts";
import { type FlagsMap, refusePlaceFlags, withDefaults } from "./flags_map.ts";
import { FundedKey } from "./funded_key.ts";
import { metricsLink } from "./metrics_link.ts";
import { monitoredRuntime } from "./monitoring/monitored_runtime.ts";
import { inTurn, inTurnToStop, type TurnControl } from "./network_lock.ts";
import { NetworkNode, type NodeControl } from "./network_node.ts";
import { type TmpnetNode, writeNode } from "./node.ts";
import { findNode } from "./node_names.ts";
import { NodeRunner, type NodeStop, type NodesProgress, type StopControl } from "./node_runner.ts";
import { renewOwnProgram } from "./own_node.ts";
import { checkPluginsOf } from "./plugins.ts";
import { keepAPIPort, releaseTakenPort } from "./ports.ts";
import { examineProvenance } from "./provenance.ts";
import { type ReadNetwork, readGenesis, readNetwork, readStoppable } from "./read.ts";
import type { NodeRuntime, NodeState, RuntimeNode } from "./runtime/contract.ts";
import { ProcessRuntime } from "./runtime/process_runtime.ts";
import { leftAlone, stopWithOrphans } from "./stop_orphans.ts";
import { type CreatedSubnet, createSubnets } from "./subnets/create.ts";
import { chainNodes } from "./subnets/host.ts";
import { makePlanned } from "./subnets/new_network.ts";
import type { SubnetProgress } from "./subnets/progress.ts";
import type { SubnetSpec } from "./subnets/spec.ts";

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

/** What a network needs; all of it has a default. */
export interface NetworkModules {
  readonly clock?: Clock | undefined;
  /** What nodes inherit, and where defaults come from. @default The process's. */
  readonly env?: Env | undefined;
  /** @default Processes of this machine. */
  readonly runtime?: NodeRuntime | undefined;
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
export class Network implements AsyncDisposable {
  /** Real path. */
  readonly dir: string;
  #config: NetworkConfig;
  #nodes: readonly NetworkNode[];
  readonly #clock: Clock;
  readonly #env: Env;
  readonly #runtime: NodeRuntime;
  readonly #runner: NodeRunner;
  readonly #warnings = new Set<string>();
  #genesis: { value: GenesisConfig | undefined } | undefined;

  private constructor(dir: string, config: NetworkConfig, nodes: readonly TmpnetNode[], modules: NetworkModules) {
    this.dir = dir;
    this.#config = config;
    this.#nodes = this.#owned(nodes);
    this.#clock = modules.clock ?? systemClock;
    this.#env = modules.env ?? process.env;
    this.#runtime = monitoredRuntime(config, {
      runtime: modules.runtime ?? new ProcessRuntime({ clock: this.#clock }, { env: this.#env }),
      env: this.#env,
      onProblem: (problem) => this.#warnings.add(problem),
    });
    const takeWarnings = () => {
      const taken = [...this.#warnings];
      this.#warnings.clear();
      return taken;
    };
    this.#runner = new NodeRunner({ clock: this.#clock, runtime: this.#runtime, takeWarnings });
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
    const { dir, config, genesis, nodes, stakes, plan } = await createNetwork(options, env, clock);
    const network = new Network(dir, config, nodes, modules);
    network.#genesis = { value: genesis };
    return await network.#inTurn("starting the network", control, async () => {
      const begunAt = clock.now();
      writeStartRecord(dir, { begunAt });
      // Before anything runs: a start that is cut off can be stopped without naming its directory.
      const names = config.owner === "" ? [LATEST_LINK] : [LATEST_LINK, latestLinkOf(config.owner)];
      const restoreLinks = names.map((name) => pointLink(dir, name));
      control.onProgress?.({ kind: "created", network });
      const stakers = new Set(genesis?.initialStakers.map(({ nodeID }) => nodeID));
      if (genesis !== undefined && !nodes.some(({ nodeID }) => stakers.has(nodeID))) {
        control.onProgress?.({ kind: "warning", message: "none of the nodes stakes in this genesis" });
      }
      try {
        const goesOn = stakes !== undefined || plan !== undefined;
        await network.#launch(nodes, goesOn ? { ...control, waitForHealth: true } : control);
        if (goesOn) await network.#complete({ stakes, plan }, control);
      } catch (error) {
        for (const restore of restoreLinks) restore();
        noteFailedStart(dir, begunAt, error);
        throw error;
      }
      removeStartRecord(dir);
      return network;
    });
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
    return await new Network(found.dir, found.config, [], modules).stop(control);
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
  get nodes(): readonly NetworkNode[] {
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

  /** Keys funded in its genesis on the X-, P- and C-Chain, for whoever uses the network. */
  get preFundedKeys(): readonly FundedKey[] {
    const { networkID } = this;
    return this.#config.preFundedKeys.map((text) => new FundedKey(parsePrivateKey(text), networkID));
  }

  /** Whether its nodes are avx's own. */
  get hasOwnNodes(): boolean {
    return readOwnRecord(this.dir).ownNodes;
  }

  /**
   * Its subnets, also those that are not created yet.
   *
   * @throws {TmpnetError} `bad-file`.
   */
  get subnets(): readonly SubnetRecord[] {
    return readSubnets(this.dir);
  }

  /**
   * A node by its node ID, the name of its directory, or the beginning of either; or by its place, from 0.
   *
   * @throws {TmpnetError} `no-node`.
   */
  node(name: string | number): NetworkNode {
    return findNode(this.#nodes, name);
  }

  /** Looks for a node's process. */
  inspect(node: RuntimeNode): NodeState {
    return this.#runtime.inspect(node);
  }

  /** The API of each node that runs and is meant to last. */
  nodeUris(): { readonly nodeID: NodeID; readonly uri: string }[] {
    return this.#nodes.flatMap((node) => {
      const state = node.isEphemeral ? undefined : this.inspect(node);
      return state?.status === "running" ? [{ nodeID: node.nodeID, uri: state.uri }] : [];
    });
  }

  /**
   * Where a chain's APIs are, on each node that runs it; those that are not meant to last come last.
   *
   * @param chain `C`, `X` or `P`; a subnet's name, for its only chain, or `name/1` for its second; a blockchain ID.
   * @throws {TmpnetError} `no-chain` when there is no such chain, or no node runs that has it.
   *
   * @example
   * ```ts no-run
   * const network = Network.read("/home/me/.tmpnet/networks/latest");
   * for (const { nodeID, url } of network.chainUrls("a")) console.log(nodeID, url);
   * ```
   */
  chainUrls(chain: string): readonly [ChainURL, ...ChainURL[]] {
    return chainURLs(this, chain);
  }

  /**
   * The Ethereum API of a chain, on the first node that runs it.
   *
   * @param chain As {@link Network.chainUrls} takes it.
   * @throws {TmpnetError} `no-chain`.
   *
   * @example
   * ```ts no-run
   * await using network = await Network.start({ nodeCount: 2, avalanchegoPath: "/usr/local/bin/avalanchego" });
   * const body = { jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] };
   * await fetch(network.chainRpcUrl("C"), { method: "POST", body: JSON.stringify(body) });
   * ```
   */
  chainRpcUrl(chain: string): string {
    const [{ url }] = chainURLs(this, chain);
    return `${url}/rpc`;
  }

  /** Stops all its nodes; see {@link Network.stop}. */
  async stop(control: StopControl = {}): Promise<readonly NodeStop[]> {
    return await this.#inTurnToStop("stopping the network", control, async () =>
      // Read again: what another command has made meanwhile is stopped, too.
      this.#stopAll(() => readStoppable(this.dir).nodes, control),
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
      this.#refresh(control);
      await this.#restart(this.#nodes, control, { isOfAll: true });
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
      await this.#launch(this.#named(names), control);
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
      this.#read(readNetwork(this.dir));
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
      this.#refresh(control);
      await this.#restart(this.#named(names), control);
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
    return await createSubnets(this, specs, { signal, timeoutMs, onProgress, clock: this.#clock, env: this.#env });
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
   * @throws {TmpnetError} `option`, `binary`, or as {@link Network.start}: it is none of the network's nodes then, and
   * its directory stays to be looked at.
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
      const node = await makeNode(this, options, this.#clock);
      this.#read(readNetwork(this.dir));
      const added = this.node(basename(node.dataDir));
      if (options.start === false) return added;
      try {
        await this.#launch([node], control);
      } catch (error) {
        disownNode(node);
        this.#read(readNetwork(this.dir));
        throw error;
      }
      return added;
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
      this.#read(readNetwork(this.dir));
      const node = this.node(name);
      if (this.#nodes.length === 1) {
        const message = `${node.nodeID} is the network's only node: a network without nodes cannot be started again`;
        throw new TmpnetError({ code: "option", option: "node" }, message);
      }
      await this.#runner.stop([node], { onProgress: control.onProgress, metricsSnapshot: false });
      removeNodeDirectory(node);
      this.#read(readNetwork(this.dir));
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
      const network = readNetwork(this.dir);
      writeNetworkConfig(join(this.dir, CONFIG_FILE), change(network.config));
      this.#read(readNetwork(this.dir));
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
      this.#read(readNetwork(this.dir));
      const { dataDir } = this.node(name);
      writeNode({ ...change(this.node(name)), dataDir });
      this.#read(readNetwork(this.dir));
      return this.#nodes.find((node) => node.dataDir === dataDir) as NetworkNode;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  /** Has nodes stake, and makes the subnets, that it begins with; where that fails, nothing is left running. */
  async #complete(
    { stakes, plan }: Pick<CreatedNetwork, "stakes" | "plan">,
    { signal, timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS, onProgress }: NetworkControl,
  ): Promise<void> {
    const clock = this.#clock;
    try {
      const nodes = chainNodes(this);
      if (stakes !== undefined) {
        const uris = nodes.map(({ uri }) => uri);
        await issueTxs(uris, stakes.txs, { clock, signal, timeoutMs });
      }
      if (plan !== undefined) await makePlanned(this.dir, plan, nodes, { clock, signal, timeoutMs, onProgress });
    } catch (error) {
      await this.#runner.stop(this.#nodes, {}).catch(() => {}); // what failed first is what is told
      throw error;
    }
  }

  /** Stops nodes, and what runs of the network beside them. */
  async #stopAll(nodes: () => readonly RuntimeNode[], control: StopControl): Promise<readonly NodeStop[]> {
    const modules = { clock: this.#clock, env: this.#env };
    return await stopWithOrphans(this.dir, () => this.#runner.stop(nodes(), control), modules);
  }

  /** Stops what runs of some nodes, and starts them. */
  async #restart(nodes: readonly TmpnetNode[], control: NetworkControl, { isOfAll = false } = {}): Promise<void> {
    if (nodes.length === 0) {
      throw new TmpnetError({ code: "no-network", path: this.dir }, `${this.dir} has no nodes to start`);
    }
    const kept = new Map(nodes.map((node) => [node.dataDir, keepAPIPort(node, this.inspect(node))]));
    const stops = await (isOfAll ? this.#stopAll(() => nodes, {}) : this.#runner.stop(nodes, {}));
    for (const { orphan } of stops) if (orphan?.proven === false) this.#warnings.add(leftAlone(orphan));
    this.#nodes = this.#owned(this.#nodes.map((node) => kept.get(node.dataDir) ?? node));
    await this.#launch([...kept.values()], control);
  }

  async #launch(asked: readonly TmpnetNode[], control: NetworkControl): Promise<void> {
    const facts = this.#facts();
    const nodes = await Promise.all(asked.map((node) => this.#withFreePort(node)));
    await checkPluginsOf(nodes, facts.subnets);
    // Before anything runs: a disk that is full then is not found out with nodes running.
    writeFileWhole(join(this.dir, METRICS_FILE), `${metricsLink(this.uuid, this.#clock.now(), this.#env)}\n`);
    // To catch up with a production network takes hours: its nodes are there once they can be reached.
    const { waitForHealth = !isProductionNetwork(facts.networkID) } = control;
    using request = watchForStopRequest(this.dir, this.#clock);
    const signal = control.signal === undefined ? request.signal : AbortSignal.any([control.signal, request.signal]);
    await this.#runner.start(this.#nodes, nodes, facts, { ...control, signal, waitForHealth });
  }

  async #withFreePort(node: TmpnetNode): Promise<TmpnetNode> {
    if (this.inspect(node).status !== "stopped") return node;
    const free = await releaseTakenPort(node);
    if (free !== node) this.#warnings.add(`${node.nodeID} has another API port now: another process took its own`);
    return free;
  }

  #named(names: readonly string[]): TmpnetNode[] {
    return [...new Set(names.map((name) => this.node(name)))];
  }

  #facts(): NetworkFacts {
    return {
      config: this.#config,
      networkID: this.networkID,
      genesis: this.genesis,
      subnets: this.subnets,
      nodeCount: this.#nodes.length,
      sharedProcesses: readOwnRecord(this.dir).sharedProcesses,
      olderChainConfigs: readOlderChainConfigs(this.dir, this.#config.defaultFlags),
    };
  }

  /** The directory as it is now, examined before something of it is run, with avx's own nodes run by this avx. */
  #refresh({ trust, onProgress }: NetworkControl): void {
    const notice = examineProvenance(readNetwork(this.dir), { env: this.#env, trust });
    if (notice !== undefined) onProgress?.({ kind: "warning", message: notice });
    this.#read(renewOwnProgram(this.dir));
  }

  #read({ config, nodes }: ReadNetwork): void {
    this.#config = config;
    this.#nodes = this.#owned(nodes);
    this.#genesis = undefined;
  }

  #owned(nodes: readonly TmpnetNode[]): NetworkNode[] {
    return nodes.map((node) => new NetworkNode(node, this));
  }

  async #inTurn<T>(purpose: string, control: Omit<TurnControl, "clock">, work: () => T | Promise<T>): Promise<T> {
    return await inTurn(this.dir, purpose, { ...control, clock: this.#clock }, work);
  }

  async #inTurnToStop<T>(
    purpose: string,
    { onProgress }: StopControl,
    work: () => Promise<T>,
    options: Parameters<typeof inTurnToStop>[4] = {},
  ): Promise<T> {
    return await inTurnToStop(this.dir, purpose, { onProgress, clock: this.#clock }, work, options);
  }
}

function isEmpty(flags: FlagsMap = {}): boolean {
  return Object.keys(flags).length === 0;
}
