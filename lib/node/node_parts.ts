/**
 * The parts of a running node, and the order in which they start.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock, Timer } from "../core/clock.ts";
import { type AddrPort, formatAddrPort } from "../core/ip.ts";
import type { Logger } from "../core/log.ts";
import { type Random, systemRandom } from "../core/random.ts";
import type { BLSSigner } from "../core/staking/bls.ts";
import type { ProofOfPossessionJSON } from "../core/staking/proof_of_possession.ts";
import type { TLSCert } from "../core/staking/tls_cert.ts";
import type { ValidatorManager } from "../core/validators/manager.ts";
import type { App } from "../p2p/app/loading/app.ts";
import { AppMetrics } from "../p2p/app/metrics.ts";
import type { Network } from "../p2p/network/network.ts";
import type { Routing } from "../p2p/routing/routing.ts";
import type { Transport } from "../p2p/transport/contract.ts";
import { TransportError } from "../p2p/transport/errors.ts";
import type { HTTPServer } from "./api/server.ts";
import { NodeApps } from "./apps.ts";
import { loadChainFacts } from "./chain_facts.ts";
import type { NodeConfig } from "./config/node_config.ts";
import { plainReason } from "./config/settings.ts";
import { ContinuousProfiler } from "./continuous_profiler.ts";
import { announceProcess } from "./data_directory.ts";
import { NodeError } from "./errors.ts";
import type { Health } from "./health/health.ts";
import { APPLICATION_TAG } from "./health/worker.ts";
import { listenIP } from "./listen_host.ts";
import type { Display, LogFactory } from "./logging/factory.ts";
import { createNodeMetrics } from "./metrics.ts";
import { serveNodeAPI } from "./node_api.ts";
import { createNodeHealth } from "./node_health.ts";
import { createNodeNetwork } from "./node_network.ts";
import { findPublicIP, keepPublicIP } from "./node_public_ip.ts";
import { declareProcessMetrics } from "./process_metrics.ts";
import type { PublicIPSources } from "./public_ip.ts";
import type { PublicIPUpdater } from "./public_ip_updater.ts";
import { declareStakeMetrics } from "./stake_metrics.ts";
import type { TLSKeyLog } from "./tls_key_log.ts";
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

/** The keys of a node. */
export interface NodeKeys {
  readonly tlsCert: TLSCert;
  readonly blsSigner: BLSSigner;
  readonly nodePOP: ProofOfPossessionJSON;
}

/** The parts that a running node holds. */
export interface StartedParts {
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

/**
 * Starts all parts, in this order:
 *
 * 1. The chains are known from the genesis.
 * 2. The network listens.
 * 3. HTTP answers.
 * 4. The process context file says so.
 * 5. The apps start, the first peers are dialled, the validators are asked for, and the health checks begin.
 *
 * @param undo Is given what to undo when a later step fails.
 */
export async function startParts(
  config: NodeConfig,
  modules: NodeModules & {
    readonly pid: number;
    readonly clock: Clock;
    readonly log: Logger;
    readonly logFactory: LogFactory;
    readonly keyLog: TLSKeyLog | undefined;
  },
  { tlsCert, blsSigner, nodePOP }: NodeKeys,
  undo: AsyncDisposableStack,
): Promise<Omit<StartedParts, "directory">> {
  const { clock, log, random = systemRandom, gitCommit = "" } = modules;
  const fault = Promise.withResolvers<Error>();
  const chainLog = (alias: string): Logger => modules.logFactory.makeChain(alias);

  // 1.
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
      sharesProcess: modules.pid !== process.pid,
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
    upgradeTime: (nodeID) => network.upgradeTime(nodeID),
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
