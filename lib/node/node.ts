/**
 * One running node: keys, logs, network, health and APIs, from start to end.
 *
 * @module
 */

import { join } from "node:path";
import { type Clock, systemClock, type Timer } from "../core/clock.ts";
import { AvxError, errorMessage } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { type AddrPort, formatAddrPort, isPublicIP } from "../core/ip.ts";
import type { Logger } from "../core/log.ts";
import { type Random, systemRandom } from "../core/random.ts";
import {
  newProofOfPossession,
  type ProofOfPossessionJSON,
  proofOfPossessionToJSON,
} from "../core/staking/proof_of_possession.ts";
import type { ValidatorManager } from "../core/validators/manager.ts";
import { formatApplication } from "../core/version/application.ts";
import { AVX_APPLICATION } from "../core/version/constants.ts";
import type { App } from "../p2p/app/loading/app.ts";
import { AppMetrics } from "../p2p/app/metrics.ts";
import type { Network } from "../p2p/network/network.ts";
import type { Routing } from "../p2p/routing/routing.ts";
import type { Transport } from "../p2p/transport/contract.ts";
import { TransportError } from "../p2p/transport/errors.ts";
import { isProductionNetwork, networkName } from "../platform/networks.ts";
import type { HTTPServer } from "./api/server.ts";
import { NodeApps } from "./apps.ts";
import { loadChainFacts } from "./chain_facts.ts";
import type { NodeConfig } from "./config/node_config.ts";
import { plainReason } from "./config/settings.ts";
import { ContinuousProfiler } from "./continuous_profiler.ts";
import {
  announceProcess,
  cannotWrite,
  claimDataDirectory,
  claimProcessContext,
  withdrawProcess,
} from "./data_directory.ts";
import { NodeError } from "./errors.ts";
import { checkOpenFiles } from "./fd_limit.ts";
import type { Health } from "./health/health.ts";
import { APPLICATION_TAG } from "./health/worker.ts";
import { loadSigner, loadTLSCert, openKeyFiles } from "./identity.ts";
import { listenIP } from "./listen_host.ts";
import { type Display, LogFactory } from "./logging/factory.ts";
import { createNodeMetrics } from "./metrics.ts";
import { serveNodeAPI } from "./node_api.ts";
import { createNodeHealth } from "./node_health.ts";
import { createNodeNetwork } from "./node_network.ts";
import { declareProcessMetrics } from "./process_metrics.ts";
import { askPublicIP, guessPublicIP, type PublicIPSources } from "./public_ip.ts";
import { PUBLIC_IP_UPDATE_TIMEOUT_MS, PublicIPUpdater, type PublicIPUpdaterModules } from "./public_ip_updater.ts";
import { declareStakeMetrics } from "./stake_metrics.ts";
import { openTLSKeyLog, type TLSKeyLog } from "./tls_key_log.ts";
import { declareUpgradeMetrics } from "./upgrade_metrics.ts";
import { createValidatorSource } from "./validators/create.ts";
import type { ValidatorSource } from "./validators/source.ts";

/** What a node takes from outside; everything has a default. */
export interface NodeModules {
  readonly clock?: Clock;
  readonly random?: Random;
  /** Where log lines are shown; nowhere without one. `colors` decides what `log-format` `auto` means. */
  readonly display?: Display & { readonly colors?: boolean };
  /** What this program was built from, for `info.getNodeVersion`. */
  readonly gitCommit?: string;
  /** The process that others know the node by: this one by default. */
  readonly pid?: number;
  /** Mutual TLS without one: for simulations. */
  readonly transport?: Transport;
  /** Apps that run in the node, beside those that its configuration names. */
  readonly apps?: readonly App[];
  /** Who is asked for the public IP; the services themselves without one. */
  readonly publicIPSources?: PublicIPSources;
}

/** How a node ended by itself; `undefined` when it was asked to. */
export type NodeEnd = Error | undefined;

/**
 * A node that runs.
 *
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const dataDir = await mkdtemp(join(tmpdir(), "avx-node-"));
 * const config = nodeConfig({
 *   "network-id": "local",
 *   "data-dir": dataDir,
 *   "http-port": 0,
 *   "staking-host": "127.0.0.1",
 *   "staking-port": 0,
 * });
 * await using node = await Node.start(config);
 * console.log(node.nodeID, node.uri);
 * ```
 */
export class Node implements AsyncDisposable {
  readonly nodeID: NodeID;
  /** Where its APIs are, such as `http://127.0.0.1:9650`. */
  readonly uri: string;
  /** Where it listens for peers. */
  readonly stakingAddress: AddrPort;
  readonly network: Network;
  /** Who validates what, as far as this node knows. */
  readonly validators: ValidatorManager;
  readonly apps: NodeApps;
  /** Resolves when the node has ended, with the reason where nobody asked for it. */
  readonly ended: Promise<NodeEnd>;

  readonly #config: NodeConfig;
  readonly #parts: StartedParts;
  readonly #resolveEnded: (end: NodeEnd) => void;
  #closing: Promise<void> | undefined;

  private constructor(config: NodeConfig, parts: StartedParts) {
    const { promise, resolve } = Promise.withResolvers<NodeEnd>();
    this.ended = promise;
    this.#resolveEnded = resolve;
    this.#config = config;
    this.#parts = parts;
    this.network = parts.network;
    this.validators = parts.validators;
    this.apps = parts.apps;
    this.nodeID = parts.network.myNodeID;
    this.uri = parts.server.uri;
    this.stakingAddress = parts.stakingAddress;
    void parts.fault.then((error) => this.#close(error));
  }

  /**
   * Starts a node. When it resolves, HTTP answers, peers can connect, and the process context file is written.
   *
   * What goes wrong is written to the node's log as a fatal line, and nothing is left running.
   *
   * @throws {NodeError} With what to do next. {@link GenesisError} where the genesis cannot be built.
   */
  static async start(config: NodeConfig, modules: NodeModules = {}): Promise<Node> {
    const { clock = systemClock, display, pid = process.pid } = modules;
    await using directory = new AsyncDisposableStack();
    // Before the logs: those of a node that runs here already are its own.
    directory.use(await claimDataDirectory({ clock }, config.dataDir, pid));
    await claimProcessContext(config.processContextFile, pid);
    const logs = openLogs(config, clock, display);
    directory.use(logs.factory);
    try {
      await using undo = new AsyncDisposableStack();
      const { tlsKeyLogFile } = config.network;
      const keyLog = tlsKeyLogFile === undefined ? undefined : directory.use(openTLSKeyLog(tlsKeyLogFile, logs.main));
      const started = { ...modules, clock, pid, log: logs.main, logFactory: logs.factory, keyLog };
      const parts = await startParts(config, started, undo);
      const node = new Node(config, { ...parts, directory: directory.move() });
      undo.move();
      return node;
    } catch (error) {
      // To the file alone: whoever started the node is told by what is thrown.
      logs.factory.setLevels("main", { displayLevel: "off" });
      logs.main.fatal("failed to start the node", {
        error: errorMessage(error),
        ...(error instanceof AvxError && error.hint !== undefined ? { hint: error.hint } : {}),
      });
      throw error;
    }
  }

  /** Stops in order: peers, APIs, files. Calling it twice is harmless. */
  close(): Promise<void> {
    return this.#close(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #close(end: NodeEnd): Promise<void> {
    this.#closing ??= this.#stop(end);
    return this.#closing;
  }

  async #stop(end: NodeEnd): Promise<void> {
    const { pid, log, clock, health, timers, network, server, resources, directory } = this.#parts;
    const { continuousProfiler, publicIPUpdater, routing, validatorSource } = this.#parts;
    const { http, processContextFile } = this.#config;
    log.info("shutting down the node");
    const details = { isShuttingDown: true };
    health.health.register("shuttingDown", () => ({ details, error: "server shutting down" }), [APPLICATION_TAG]);
    if (http.shutdownWaitMs > 0) await new Promise<void>((done) => clock.setTimeout(done, http.shutdownWaitMs));
    for (const timer of timers) timer.cancel();
    health.stop();
    publicIPUpdater?.[Symbol.dispose]();
    await continuousProfiler?.[Symbol.asyncDispose]();
    await validatorSource?.close();
    await routing.close();
    await network.close();
    resources[Symbol.dispose]();
    await server.close(http.shutdownTimeoutMs);
    withdrawProcess(processContextFile, pid);
    log.info("finished the shutdown of the node");
    await directory.disposeAsync();
    this.#resolveEnded(end);
  }
}

/** The parts that a running node holds. */
interface StartedParts {
  readonly pid: number;
  readonly clock: Clock;
  readonly log: Logger;
  readonly network: Network;
  readonly routing: Routing;
  readonly apps: NodeApps;
  readonly validators: ValidatorManager;
  readonly stakingAddress: AddrPort;
  readonly server: HTTPServer;
  readonly health: Health;
  readonly resources: Disposable;
  readonly validatorSource: ValidatorSource | undefined;
  readonly publicIPUpdater: PublicIPUpdater | undefined;
  readonly continuousProfiler: ContinuousProfiler | undefined;
  readonly timers: readonly Timer[];
  /** The logs, and the data directory with its lock: the last that is let go of. */
  readonly directory: AsyncDisposableStack;
  /** Resolves when the node must end for a reason of its own. */
  readonly fault: Promise<Error>;
}

function openLogs(
  config: NodeConfig,
  clock: Clock,
  display: NodeModules["display"],
): { factory: LogFactory; main: Logger } {
  const { logging } = config;
  const format = logging.format === "auto" ? (display?.colors === true ? "colors" : "plain") : logging.format;
  const factory = new LogFactory({ clock, ...(display === undefined ? {} : { display }) }, { ...logging, format });
  try {
    return { factory, main: factory.make("main") };
  } catch (error) {
    throw cannotWrite(logging.directory, "log-dir", error);
  }
}

/**
 * Starts all parts, in this order:
 *
 * 1. Keys are read or made, and what the configuration says is written to the log.
 * 2. The network listens.
 * 3. HTTP answers.
 * 4. The process context file says so.
 * 5. The apps start, the first peers are dialled, the validators are asked for, and the health checks begin.
 *
 * @param undo Is given what to undo when a later step fails.
 */
async function startParts(
  config: NodeConfig,
  modules: NodeModules & {
    readonly pid: number;
    readonly clock: Clock;
    readonly log: Logger;
    readonly logFactory: LogFactory;
    readonly keyLog: TLSKeyLog | undefined;
  },
  undo: AsyncDisposableStack,
): Promise<Omit<StartedParts, "directory">> {
  const { clock, log, random = systemRandom } = modules;
  const fault = Promise.withResolvers<Error>();
  const chainLog = (alias: string): Logger => modules.logFactory.makeChain(alias);

  // 1.
  const tlsCert = loadTLSCert(config.tls);
  const blsSigner = loadSigner(config.signer);
  const nodePOP = proofOfPossessionToJSON(newProofOfPossession(blsSigner));
  const { gitCommit = "" } = modules;
  tellConfiguration(config, { commit: gitCommit, nodeID: tlsCert.certificate.nodeID, nodePOP }, log);
  for (const path of openKeyFiles(config.tls, config.signer)) {
    log.warn("a key file is open to others", { path, hint: `chmod 600 ${path}` });
  }
  checkOpenFiles(config.fdLimit, log);
  const chains = await loadChainFacts(config, clock);
  const metrics = createNodeMetrics();
  declareProcessMetrics(metrics.namespace("process"));

  // 2.
  const stakingIP = await listenIP(config.staking.host, "staking-host");
  const publicIP = await findPublicIP(config, stakingIP, log, modules.publicIPSources);
  const parts = await createNodeNetwork(
    config,
    {
      clock,
      random,
      log,
      chainLog,
      metrics,
      tlsCert,
      blsSigner,
      transport: modules.transport,
      keyLog: modules.keyLog?.write,
    },
    {
      listenAddress: { ip: stakingIP, port: config.staking.port },
      publicAddress: { ip: publicIP, port: 0 },
      genesisValidators: chains.validators,
      chains: chains.chains,
      onSufficientlyConnected: () => log.info("connected to enough bootstrappers"),
    },
  );
  const { network, resources, events, routing } = parts;
  declareStakeMetrics(metrics.namespace("stake"), {
    validators: parts.validators,
    chains: () => routing.router.handlers().map(({ context }) => context),
    connectedStake: (subnetID) => network.connectedStake(subnetID),
  });
  declareUpgradeMetrics(metrics.namespace("upgrade"), {
    clock,
    validators: parts.validators,
    localUpgradeTime: config.upgrades.graniteTime,
    peerInfo: (nodeIDs) => network.peerInfo(nodeIDs),
  });
  undo.use(resources);
  undo.use(network);
  undo.use(routing);
  const validatorSource = createValidatorSource(config, { ...parts, clock, random, log, metrics });
  undo.use(validatorSource);
  const stakingAddress = await startNetwork(network, { ip: stakingIP, port: config.staking.port });
  log.info("listening for peers", {
    address: formatAddrPort(stakingAddress),
    publicAddress: formatAddrPort(network.publicAddress),
  });

  // 3.
  const health = createNodeHealth(config, { ...parts, clock, log, metrics, blsSigner, validatorSource }, (space) => {
    log.fatal("too little disk space to go on", { ...space, requiredPercentage: config.diskSpace.required });
    fault.resolve(new Error(`Too little disk space to go on: ${space.availablePercentage}% is left`));
  });
  undo.defer(() => health.stop());
  const server = await serveNodeAPI(
    config,
    { ...parts, clock, log, logFactory: modules.logFactory, metrics, health, nodePOP, chains },
    gitCommit,
  );
  undo.defer(() => server.close(0));

  // 4.
  announceProcess(config.processContextFile, {
    pid: modules.pid,
    uri: server.uri,
    stakingAddress: formatAddrPort(stakingAddress),
  });
  log.info("API server listening", { uri: server.uri });

  // 5.
  const appMetrics = new AppMetrics((name) => metrics.namespace(name));
  const apps = new NodeApps(
    {
      clock,
      random,
      log,
      chainLog,
      validators: parts.validators,
      chains: {
        ...parts,
        removeChain: (chainID) => routing.removeChain(chainID),
        findChain: chains.findChain,
        aliasOf: chains.aliasOf,
      },
      metrics: (chainID, alias) => appMetrics.forChain(alias, chains.machineOf(chainID)),
    },
    { networkID: config.networkID, myNodeID: network.myNodeID, paths: config.apps, apps: modules.apps ?? [] },
  );
  if (!apps.isEmpty) health.health.register("apps", () => apps.healthCheck(), [APPLICATION_TAG]);
  await apps.start();
  for (const { id, ip } of [...config.stateSyncPeers, ...config.bootstrappers]) network.manuallyTrack(id, ip);
  validatorSource?.start();
  health.start(config.healthCheckFrequencyMs);
  const timers = [
    clock.setTimeout(() => {
      if (events.sufficientlyConnected) return;
      log.warn("failed to connect to enough bootstrappers", {
        bootstrappers: config.bootstrappers.map(({ id }) => id),
        durationMs: config.beaconConnectionTimeoutMs,
      });
    }, config.beaconConnectionTimeoutMs),
  ];
  const publicIPUpdater = keepPublicIP(config, { clock, log, network }, modules.publicIPSources);
  const { continuous } = config.profiles;
  const directory = join(config.profiles.directory, "continuous");
  const continuousProfiler = continuous.enabled
    ? new ContinuousProfiler({ clock, log }, { ...continuous, directory })
    : undefined;
  return {
    pid: modules.pid,
    clock,
    log,
    network,
    routing,
    apps,
    validators: parts.validators,
    stakingAddress,
    server,
    health,
    resources,
    validatorSource,
    publicIPUpdater,
    continuousProfiler,
    timers,
    fault: fault.promise,
  };
}

function tellConfiguration(
  config: NodeConfig,
  self: { readonly commit: string; readonly nodeID: NodeID; readonly nodePOP: ProofOfPossessionJSON },
  log: Logger,
): void {
  log.info("initializing node", {
    version: formatApplication(AVX_APPLICATION),
    ...self,
    networkID: config.networkID,
    network: networkName(config.networkID),
    providedFlags: config.providedFlags,
  });
  for (const warning of config.warnings) log.warn(warning);
  for (const { name, reason } of config.inertFlags) log.info("flag has no effect", { flag: name, reason });
  if (!config.staking.sybilProtectionEnabled) log.warn("sybil protection is off: every connected peer validates");
}

async function startNetwork(network: Network, address: AddrPort): Promise<AddrPort> {
  try {
    return await network.start();
  } catch (error) {
    if (!(error instanceof TransportError) || error.type.code !== "listen-failed") throw error;
    const shown = formatAddrPort(address);
    const message = `Cannot listen for peers on ${shown}: ${plainReason(error.cause ?? error)}`;
    throw new NodeError({ code: "listen-failed", flag: "staking-port", address: shown }, message, {
      cause: error,
      hint: "Give another address with staking-host and staking-port; port 0 takes any free one",
    });
  }
}

async function findPublicIP(
  config: NodeConfig,
  stakingIP: string,
  log: Logger,
  sources: PublicIPSources | undefined,
): Promise<string> {
  const { ip, service } = config.network.publicIP;
  const found = ip ?? (service === undefined ? guessPublicIP(stakingIP) : await askPublicIP(service, sources));
  if (isProductionNetwork(config.networkID) && !isPublicIP(found)) {
    log.warn("the address that peers are told is private: strangers cannot dial this node", { ip: found });
  }
  return found;
}

/** Asks for the public IP again from time to time, where a service is asked. */
function keepPublicIP(
  config: NodeConfig,
  modules: Omit<PublicIPUpdaterModules, "ask">,
  sources: PublicIPSources | undefined,
): PublicIPUpdater | undefined {
  const { service, frequencyMs } = config.network.publicIP;
  if (service === undefined) return undefined;
  const timeoutMs = PUBLIC_IP_UPDATE_TIMEOUT_MS;
  const ask = (signal: AbortSignal) => askPublicIP(service, sources, { signal, timeoutMs });
  return new PublicIPUpdater({ ...modules, ask }, frequencyMs);
}
