/**
 * tmpnetctl's commands about networks: start, stop, restart.
 *
 * @module
 */

import { statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Logger } from "../../lib/core/log.ts";
import { quoted } from "../../lib/core/program.ts";
import { AVALANCHEGO_PATH_ENV, DEFAULT_NODE_COUNT, PLUGIN_DIR_ENV } from "../../lib/tmpnet/defaults.ts";
import { readTextFile } from "../../lib/tmpnet/disk/files.ts";
import {
  LATEST_LINK,
  METRICS_FILE,
  NETWORK_DIR_ENV,
  NETWORK_ENV_FILE,
  ROOT_NETWORK_DIR_ENVS,
} from "../../lib/tmpnet/disk/layout.ts";
import { Network, type NetworkProgress } from "../../lib/tmpnet/network.ts";
import type { TmpnetNode } from "../../lib/tmpnet/node.ts";
import { parseGoBool } from "../go_bool.ts";
import { refuseUnproven } from "../net/stop_text.ts";
import type { CtlCommand, CtlContext } from "./command.ts";
import { FlagError, type FlagValues } from "./flags.ts";
import { kubeFlags, NoKubernetes } from "./kube.ts";

/** Upstream's `DefaultNetworkTimeout`. */
const TIMEOUT_MS = 120_000;

const START_NETWORK: CtlCommand = {
  name: "start-network",
  summary: "Start a new temporary network",
  flags: (context) => [
    {
      name: "avalanchego-path",
      type: "string",
      help: `[process runtime] the program to run as nodes; also by ${AVALANCHEGO_PATH_ENV}`,
      default: context.env[AVALANCHEGO_PATH_ENV] ?? "",
    },
    {
      name: "plugin-dir",
      type: "string",
      help: `[process runtime] the directory of VM plugins; also by ${PLUGIN_DIR_ENV}`,
      default: context.env[PLUGIN_DIR_ENV] || `${context.env["HOME"] ?? ""}/.avalanchego/plugins`,
    },
    {
      name: "reuse-dynamic-ports",
      type: "bool",
      help: "[process runtime] whether a restarted node asks for the API port that it had",
    },
    {
      name: "root-network-dir",
      type: "string",
      help: `the directory that networks are made in; also by ${ROOT_NETWORK_DIR_ENVS[0]}`,
      default: context.env[ROOT_NETWORK_DIR_ENVS[0]] ?? "",
    },
    { name: "network-owner", type: "string", help: "who the network is for" },
    { name: "node-count", type: "int", help: "how many nodes the network has", default: String(DEFAULT_NODE_COUNT) },
    {
      name: "runtime",
      type: "string",
      help: "what runs the nodes: process, or kube (not there yet)",
      default: "process",
    },
    ...kubeFlags(context),
  ],
  async run(context) {
    const { flags, env, cwd, signal, stdout } = context;
    const log = context.log();
    const nodeCount = Number(flags["node-count"]);
    if (nodeCount < 1) throw new FlagError(`--node-count must be greater than 0 but got ${nodeCount}`);
    const avalanchegoPath = programOf(context);
    const pathOf = (flag: string) => (flags[flag] ? resolve(cwd, flags[flag]) : undefined);
    const runtime = {
      avalanchegoPath,
      pluginDir: pathOf("plugin-dir"),
      reuseDynamicPorts: parseGoBool(flags["reuse-dynamic-ports"] ?? "") === true,
    };
    log.info("waiting for network to start", { timeoutSeconds: TIMEOUT_MS / 1000 });
    log.info("preparing configuration for new network", { runtimeConfig: { process: runtime } });
    const network = await Network.start(
      { nodeCount, owner: flags["network-owner"], rootNetworkDir: pathOf("root-network-dir"), ...runtime },
      { signal, timeoutMs: TIMEOUT_MS, onProgress: startLines(log) },
      { env },
    );
    const { dir } = network;
    log.info("started network", { networkDir: dir, uuid: network.uuid });
    const linkPath = join(dir, METRICS_FILE);
    log.info("metrics and logs available via grafana (collectors must be running)", {
      url: readTextFile(linkPath)?.trim(),
      linkPath,
    });
    stdout.write("\nConfigure tmpnetctl to target this network by default with one of the following statements:\n");
    stdout.write(` - source ${quoted(join(dir, NETWORK_ENV_FILE))}\n`);
    stdout.write(` - export ${NETWORK_DIR_ENV}=${quoted(dir)}\n`);
    stdout.write(` - export ${NETWORK_DIR_ENV}=${quoted(join(dirname(dir), LATEST_LINK))}\n`);
  },
};

const STOP_NETWORK: CtlCommand = {
  name: "stop-network",
  summary: "Stop a temporary network",
  flags: () => [],
  async run(context) {
    const networkDir = networkDirOf(context.flags);
    const log = context.log();
    const { cwd, env, stdout } = context;
    refuseUnproven(await Network.stop(resolve(cwd, networkDir), { onProgress: warnings(log) }, { env }));
    stdout.write(`Stopped network configured at: ${networkDir}\n`);
  },
};

const RESTART_NETWORK: CtlCommand = {
  name: "restart-network",
  summary: "Restart the nodes of a temporary network that run",
  flags: () => [],
  async run(context) {
    const networkDir = networkDirOf(context.flags);
    const log = context.log();
    const { env, cwd, signal } = context;
    const network = Network.read(resolve(cwd, networkDir), { env });
    log.info("restarting network");
    const running = network.nodes.filter((node) => network.inspect(node).status !== "stopped");
    if (running.length === 0) return;
    await network.restartNodes(
      running.map(({ nodeID }) => nodeID),
      { signal, timeoutMs: TIMEOUT_MS, onProgress: startLines(log, running) },
    );
  },
};

export const NETWORK_COMMANDS: readonly CtlCommand[] = [START_NETWORK, STOP_NETWORK, RESTART_NETWORK];

function networkDirOf(flags: FlagValues): string {
  const networkDir = flags["network-dir"];
  if (networkDir) return networkDir;
  throw new FlagError(`--network-dir or ${NETWORK_DIR_ENV} is required`);
}

/** The program to run as nodes, checked in tmpnetctl's words: its absolute path. */
function programOf({ flags, cwd }: CtlContext): string {
  const runtime = flags["runtime"] ?? "";
  if (runtime === "kube") throw new NoKubernetes("--runtime=kube");
  if (runtime !== "process") throw new FlagError(`--runtime expected one of [process kube], got: ${runtime}`);
  const path = flags["avalanchego-path"];
  const failed = (reason: string) => new FlagError(`failed to configure process runtime: ${reason}`);
  if (!path) throw failed(`--avalanchego-path or ${AVALANCHEGO_PATH_ENV} are required`);
  const absolute = resolve(cwd, path);
  if (statSync(absolute, { throwIfNoEntry: false }) !== undefined) return absolute;
  const where = isAbsolute(path) ? "" : "is a relative path but its absolute path ";
  throw failed(`--avalanchego-path (${path}) ${where}${where && `(${absolute}) is `}not found: there is no such file`);
}

/** What tmpnetctl says while nodes start. */
function startLines(log: Logger, nodes: readonly TmpnetNode[] = []): (progress: NetworkProgress) => void {
  const warn = warnings(log);
  const byID = new Map(nodes.map((node) => [node.nodeID, node]));
  const uris = new Map<string, string>();
  return (progress) => {
    warn(progress);
    if (progress.kind === "created") {
      const { network } = progress;
      for (const node of network.nodes) byID.set(node.nodeID, node);
      log.info("starting network", { networkDir: network.dir, uuid: network.uuid });
    }
    if (progress.kind !== "node") return;
    const { nodeID } = progress;
    if (progress.phase === "started") {
      uris.set(nodeID, progress.uri);
      const { dataDir, isEphemeral } = byID.get(nodeID) ?? {};
      log.info("started local node", { nodeID, dataDir, isEphemeral });
      if (uris.size === byID.size) log.info("waiting for nodes to report healthy");
    }
    if (progress.phase === "healthy") log.info("node is healthy", { nodeID, uri: uris.get(nodeID) });
  };
}

function warnings(log: Logger): (progress: NetworkProgress) => void {
  return (progress) => {
    if (progress.kind === "warning") log.warn(progress.message);
  };
}
