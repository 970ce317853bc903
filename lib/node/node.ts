/**
 * One running node: keys, logs, network, health and APIs, from start to end.
 *
 * @module
 */

import { type Clock, systemClock } from "../core/clock.ts";
import { AvxError, errorMessage } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import type { AddrPort } from "../core/ip.ts";
import type { Logger } from "../core/log.ts";
import {
  newProofOfPossession,
  type ProofOfPossessionJSON,
  proofOfPossessionToJSON,
} from "../core/staking/proof_of_possession.ts";
import type { ValidatorManager } from "../core/validators/manager.ts";
import { formatApplication } from "../core/version/application.ts";
import { AVX_APPLICATION } from "../core/version/constants.ts";
import type { Network } from "../p2p/network/network.ts";
import { networkName } from "../platform/networks.ts";
import type { NodeApps } from "./apps.ts";
import type { NodeConfig } from "./config/node_config.ts";
import { cannotWrite, claimDataDirectory, claimProcessContext, withdrawProcess } from "./data_directory.ts";
import { checkOpenFiles } from "./fd_limit.ts";
import { APPLICATION_TAG } from "./health/worker.ts";
import { loadSigner, loadTLSCert, openKeyFiles } from "./identity.ts";
import { LogFactory } from "./logging/factory.ts";
import { type NodeKeys, type NodeModules, type StartedParts, startParts } from "./node_parts.ts";
import { openTLSKeyLog } from "./tls_key_log.ts";

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
      const keys = readKeys(config, modules.gitCommit ?? "", logs.main);
      const parts = await startParts(config, started, keys, undo);
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

/** Reads or makes the node's keys, and writes to the log who it is and what its configuration says. */
function readKeys(config: NodeConfig, commit: string, log: Logger): NodeKeys {
  const tlsCert = loadTLSCert(config.tls);
  const blsSigner = loadSigner(config.signer);
  const nodePOP = proofOfPossessionToJSON(newProofOfPossession(blsSigner));
  tellConfiguration(config, { commit, nodeID: tlsCert.certificate.nodeID, nodePOP }, log);
  for (const path of openKeyFiles(config.tls, config.signer)) {
    log.warn("a key file is open to others", { path, hint: `chmod 600 ${path}` });
  }
  checkOpenFiles(config.fdLimit, log);
  return { tlsCert, blsSigner, nodePOP };
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
