/**
 * Runs the nodes of a network as its directory has them: on ports that are free, with plugins that fit, and with an ear
 * for a stop that another command asks for.
 *
 * @module
 */

import { join } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import { isProductionNetwork } from "../platform/networks.ts";
import type { NetworkFacts } from "./compose_flags.ts";
import { writeFileWhole } from "./disk/files.ts";
import { type Env, METRICS_FILE } from "./disk/layout.ts";
import { readOlderChainConfigs } from "./disk/older_chain_configs.ts";
import { readOwnRecord } from "./disk/own_record.ts";
import { watchForStopRequest } from "./disk/stop_request.ts";
import { TmpnetError } from "./errors.ts";
import { metricsLink } from "./metrics_link.ts";
import type { MonitoredNetwork } from "./monitoring/labels.ts";
import { monitoredRuntime } from "./monitoring/monitored_runtime.ts";
import type { NetworkView } from "./network_view.ts";
import type { TmpnetNode } from "./node.ts";
import { NodeRunner, type NodeStop, type StartNodesControl, type StopControl } from "./node_runner.ts";
import { checkPluginsOf } from "./plugins.ts";
import { keptAPIPort, releasePort, releaseTakenPort } from "./ports.ts";
import type { NodeRuntime, NodeState, RuntimeNode } from "./runtime/contract.ts";
import { ProcessRuntime } from "./runtime/process_runtime.ts";
import { leftAlone, stopWithOrphans } from "./stop_orphans.ts";

/** What a network needs; all of it has a default. */
export interface NetworkModules {
  readonly clock?: Clock | undefined;
  /** What nodes inherit, and where defaults come from. @default The process's. */
  readonly env?: Env | undefined;
  /** @default Processes of this machine. */
  readonly runtime?: NodeRuntime | undefined;
}

/** Runs one network's nodes. Nothing here takes the network's lock: that is for whoever asks. */
export class NetworkRunner {
  readonly clock: Clock;
  readonly env: Env;
  readonly #dir: string;
  readonly #runtime: NodeRuntime;
  readonly #nodes: NodeRunner;
  readonly #warnings = new Set<string>();

  /** @param network What collectors are told of it. */
  constructor(dir: string, network: MonitoredNetwork, { clock, env, runtime }: NetworkModules = {}) {
    this.clock = clock ?? systemClock;
    this.env = env ?? process.env;
    this.#dir = dir;
    this.#runtime = monitoredRuntime(network, {
      runtime: runtime ?? new ProcessRuntime({ clock: this.clock }, { env: this.env }),
      env: this.env,
      onProblem: (problem) => this.#warnings.add(problem),
    });
    const takeWarnings = () => {
      const taken = [...this.#warnings];
      this.#warnings.clear();
      return taken;
    };
    this.#nodes = new NodeRunner({
      clock: this.clock,
      runtime: this.#runtime,
      takeWarnings,
      onPortTaken: (node) => (keptAPIPort(node) === undefined ? undefined : this.#released(releasePort(node))),
    });
  }

  inspect(node: RuntimeNode): NodeState {
    return this.#runtime.inspect(node);
  }

  /**
   * Starts nodes and waits until they are healthy; those of a production network, until they can be reached.
   *
   * @param asked Those to start; one that runs is passed over.
   * @throws {TmpnetError} What happened first to any of them; those that were started are stopped then.
   */
  async start(network: NetworkView, asked: readonly TmpnetNode[], control: StartNodesControl): Promise<void> {
    const facts = factsOf(network);
    const nodes = await Promise.all(asked.map((node) => this.#withFreePort(node)));
    await checkPluginsOf(nodes, facts.subnets);
    // Before anything runs: a disk that is full then is not found out with nodes running.
    writeFileWhole(join(this.#dir, METRICS_FILE), `${metricsLink(network.uuid, this.clock.now(), this.env)}\n`);
    // To catch up with a production network takes hours: its nodes are there once they can be reached.
    const { waitForHealth = !isProductionNetwork(facts.networkID) } = control;
    using request = watchForStopRequest(this.#dir, this.clock);
    const signal = control.signal === undefined ? request.signal : AbortSignal.any([control.signal, request.signal]);
    await this.#nodes.start(network.nodes, nodes, facts, { ...control, signal, waitForHealth });
  }

  /** Stops nodes side by side; see {@link NodeRunner.stop}. */
  async stop(nodes: readonly RuntimeNode[], control: StopControl = {}): Promise<readonly NodeStop[]> {
    return await this.#nodes.stop(nodes, control);
  }

  /** Stops nodes, and what runs of the network beside them. */
  async stopAll(nodes: () => readonly RuntimeNode[], control: StopControl = {}): Promise<readonly NodeStop[]> {
    return await stopWithOrphans(this.#dir, () => this.stop(nodes(), control), this);
  }

  /**
   * Stops what runs of some nodes, and starts them.
   *
   * @param isOfAll Whether those are all, so that what runs beside them is stopped, too.
   * @throws {TmpnetError} `no-network` where there are none; `not-stopped`; as {@link NetworkRunner.start}.
   */
  async restart(
    network: NetworkView,
    nodes: readonly TmpnetNode[],
    control: StartNodesControl,
    { isOfAll }: { readonly isOfAll: boolean },
  ): Promise<void> {
    if (nodes.length === 0) {
      throw new TmpnetError({ code: "no-network", path: this.#dir }, `${this.#dir} has no nodes to start`);
    }
    const stops = await (isOfAll ? this.stopAll(() => nodes) : this.stop(nodes));
    for (const { orphan } of stops) if (orphan?.proven === false) this.#warnings.add(leftAlone(orphan));
    await this.start(network, nodes, control);
  }

  async #withFreePort(node: TmpnetNode): Promise<TmpnetNode> {
    if (this.inspect(node).status !== "stopped") return node;
    const free = await releaseTakenPort(node);
    return free === node ? node : this.#released(free);
  }

  #released(node: TmpnetNode): TmpnetNode {
    this.#warnings.add(`${node.nodeID} has another API port now: another process took its own`);
    return node;
  }
}

function factsOf({ dir, config, networkID, genesis, subnets, nodes }: NetworkView): NetworkFacts {
  return {
    config,
    networkID,
    genesis,
    subnets,
    nodeCount: nodes.length,
    sharedProcesses: readOwnRecord(dir).sharedProcesses,
    olderChainConfigs: readOlderChainConfigs(dir, config.defaultFlags),
  };
}
