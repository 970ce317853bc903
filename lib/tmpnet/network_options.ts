/**
 * What a new network is to be, and what that means for its nodes' flags and programs.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { errorMessage } from "../core/errors.ts";
import { upgradesFromFile } from "../platform/upgrade_text.ts";
import { DEFAULT_NETWORK_ID, DEFAULT_NODE_COUNT, PLUGIN_DIR_ENV, quickFlags } from "./defaults.ts";
import { badFile, readTextFile } from "./disk/files.ts";
import type { JSONMap } from "./disk/json.ts";
import type { Env } from "./disk/layout.ts";
import type { ProcessRuntimeConfig } from "./disk/runtime_config.ts";
import { refused } from "./errors.ts";
import { type FlagsMap, refusePlaceFlags, withDefaults } from "./flags_map.ts";
import type { GenesisOptions } from "./genesis/network_genesis.ts";
import type { NodeTemplate } from "./node_template.ts";
import { checkPlugins } from "./plugins.ts";
import { fdLimitFlags } from "./runtime/fd_limit.ts";
import { checkProgram } from "./runtime/program.ts";
import type { SubnetSpec } from "./subnets/spec.ts";

/** What a new network is to be. */
export interface NetworkOptions extends GenesisOptions {
  /** @default {2} The fewest that can be healthy with stake to be connected to; as many as `nodes` has at least. */
  readonly nodeCount?: number | undefined;
  /** What the first nodes are to be, one by one: keys, flags of their own, another program. */
  readonly nodes?: readonly NodeTemplate[] | undefined;
  /** How many of avx's own nodes are added to avalanchego's: they stake nothing and are not meant to last. */
  readonly lightNodeCount?: number | undefined;
  /** Who it is for: a part of the directory's name, and of the link `latest_<owner>`. */
  readonly owner?: string | undefined;
  /** Where its directory is made. @default What the environment says, else `~/.tmpnet/networks`. */
  readonly rootNetworkDir?: string | undefined;
  /** The avalanchego to run. @default avx's own node. */
  readonly avalanchegoPath?: string | undefined;
  /** Where VM plugins are. @default `AVAGO_PLUGIN_DIR`, else `~/.avalanchego/plugins`; none for avx's own node. */
  readonly pluginDir?: string | undefined;
  /**
   * Whether a restart asks for the API ports that nodes had before.
   *
   * @default {true} False with `tmpnetDefaults`.
   */
  readonly reuseDynamicPorts?: boolean | undefined;
  /**
   * Whether avx's own nodes share processes, one for each processor, which takes less time and memory than one for each
   * node. All is handled as ever, but a process that crashes takes all its nodes along.
   *
   * @default Where more than ten of them start side by side.
   */
  readonly sharedProcesses?: boolean | undefined;
  /**
   * The first of the ports that nodes listen on, two for each: its API's, then its peers'.
   *
   * @default Nodes choose free ones.
   */
  readonly basePort?: number | undefined;
  /** TypeScript files that all nodes run as apps: paths from here. avx's own nodes alone have apps. */
  readonly apps?: readonly string[] | undefined;
  /** Subnets that it begins with, their chains and what makes them L1s. */
  readonly subnets?: readonly SubnetSpec[] | undefined;
  /** Flags of all nodes; they win over every default. */
  readonly defaultFlags?: FlagsMap | undefined;
  /** Configurations of the Primary Network's chains, by alias; they take the place of the default ones. */
  readonly primaryChainConfigs?: Readonly<Record<string, JSONMap>> | undefined;
  /** What nodes are told of the Primary Network as a subnet. */
  readonly primarySubnetConfig?: JSONMap | undefined;
  /** A file that says when upgrades are active. */
  readonly upgradeFile?: string | undefined;
  /** Whether to leave out the flags that make nodes healthy quickly, and have what tmpnetctl has. */
  readonly tmpnetDefaults?: boolean | undefined;
}

/** How many nodes a network has. */
export interface NodeCounts {
  /** Those of the network's program. */
  readonly nodeCount: number;
  readonly lightNodeCount: number;
}

/**
 * How many nodes are asked for.
 *
 * @throws {TmpnetError} `option`.
 */
export function nodeCountsOf({
  nodes = [],
  lightNodeCount = 0,
  avalanchegoPath,
  ...options
}: NetworkOptions): NodeCounts {
  const { nodeCount = Math.max(DEFAULT_NODE_COUNT, nodes.length) } = options;
  if (!Number.isSafeInteger(nodeCount) || nodeCount < 1) {
    throw refused(
      "nodeCount",
      `A network needs at least one node, and a whole number of them; ${nodeCount} is neither`,
    );
  }
  if (nodeCount < nodes.length) {
    throw refused(
      "nodeCount",
      `${nodes.length} nodes are described one by one, and the network is to have ${nodeCount}`,
    );
  }
  if (!Number.isSafeInteger(lightNodeCount) || lightNodeCount < 0) {
    throw refused("lightNodeCount", `Light nodes are counted in whole numbers; ${lightNodeCount} is none`);
  }
  if (lightNodeCount > 0 && !avalanchegoPath) {
    throw refused("lightNodeCount", "Light nodes stand beside avalanchego's: without one all nodes are light");
  }
  return { nodeCount, lightNodeCount };
}

/**
 * The flags of all nodes: those that are asked for, and under them what makes a network start quickly.
 *
 * @throws {TmpnetError} `option`; `bad-file` for the upgrades.
 */
export function networkFlags(options: NetworkOptions, { nodeCount, lightNodeCount }: NodeCounts, env: Env): FlagsMap {
  refusePlaceFlags(options.defaultFlags ?? {});
  const defaultFlags = defaultFlagsOf(options, nodeCount + lightNodeCount, env);
  return withDefaults(defaultFlags, appFlags(options), upgradeFlags(options));
}

/** What a network's nodes run, unless one says otherwise. */
export interface NetworkProgram {
  /** The avalanchego; `undefined` for avx's own node. */
  readonly program: string | undefined;
  readonly pluginDir: string | undefined;
}

/**
 * What is to be run.
 *
 * @throws {TmpnetError} `binary`; `plugins` where those in the directory that is named are for another avalanchego.
 */
export async function networkProgram(options: NetworkOptions, env: Env): Promise<NetworkProgram> {
  const program = options.avalanchegoPath ? resolve(options.avalanchegoPath) : undefined;
  if (program !== undefined) checkProgram(program);
  const pluginDir = pluginDirOf(options, program, env);
  // Plugins that lie in the usual place may be for another avalanchego: they matter once a subnet needs them.
  const isNamed = Boolean(options.pluginDir || env[PLUGIN_DIR_ENV]);
  if (program !== undefined && pluginDir !== undefined && isNamed) await checkPlugins(program, pluginDir);
  return { program, pluginDir };
}

function defaultFlagsOf(
  { defaultFlags = {}, tmpnetDefaults = false }: NetworkOptions,
  nodeCount: number,
  env: Env,
): FlagsMap {
  // The limit on open files stands in the network's own file so that tmpnetctl can restart its nodes, too.
  return tmpnetDefaults ? defaultFlags : withDefaults(defaultFlags, quickFlags(nodeCount), fdLimitFlags(env));
}

/**
 * The flag that names the apps. Names of files are not texts between commas: as URLs they are.
 *
 * @throws {TmpnetError} `option`.
 */
function appFlags({ apps = [], avalanchegoPath }: NetworkOptions): FlagsMap {
  if (apps.length === 0) return {};
  if (avalanchegoPath) throw refused("apps", "Apps run in avx's own nodes, and these are to be avalanchego's");
  const paths = apps.map((path) => resolve(path));
  const missing = paths.find((path) => !existsSync(path));
  if (missing !== undefined) throw refused("apps", `There is no app ${missing}`);
  const isPlain = paths.every((path) => /^[\w./:\\-]+$/.test(path));
  return { app: paths.map((path) => (isPlain ? path : pathToFileURL(path).href.replaceAll(",", "%2C"))).join(",") };
}

/** The flag that holds the upgrade file: it is found on no other machine. */
function upgradeFlags({ upgradeFile, networkID }: NetworkOptions): FlagsMap {
  if (upgradeFile === undefined) return {};
  const text = readTextFile(upgradeFile);
  if (text === undefined) throw refused("upgradeFile", `There is no file ${upgradeFile}`);
  try {
    upgradesFromFile(networkID ?? DEFAULT_NETWORK_ID, text);
  } catch (error) {
    throw badFile(upgradeFile, errorMessage(error), error);
  }
  return { "upgrade-file-content": Buffer.from(text).toString("base64") };
}

function pluginDirOf({ pluginDir }: NetworkOptions, avalanchegoPath: string | undefined, env: Env): string | undefined {
  const isOwn = avalanchegoPath === undefined;
  const defaultPluginDir = isOwn ? undefined : join(env["HOME"] || homedir(), ".avalanchego", "plugins");
  const plugins = pluginDir || env[PLUGIN_DIR_ENV] || defaultPluginDir;
  return plugins === undefined ? undefined : resolve(plugins);
}

/** @param program Where it is avx's own node, that one's. */
export function networkRuntime(
  { tmpnetDefaults = false, reuseDynamicPorts = !tmpnetDefaults }: NetworkOptions,
  program: string,
  pluginDir: string | undefined,
): ProcessRuntimeConfig {
  return {
    avalancheGoPath: program,
    ...(pluginDir === undefined ? {} : { pluginDir }),
    ...(reuseDynamicPorts ? { reuseDynamicPorts } : {}),
  };
}
