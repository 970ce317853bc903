/**
 * Makes a network's directory: keys, genesis, configuration. Nothing runs yet.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { type Clock, unixSeconds } from "../core/clock.ts";
import { quoted } from "../core/program.ts";
import { formatPrivateKey, newPrivateKey } from "../core/secp256k1/private_key.ts";
import type { GenesisConfig } from "../platform/genesis/config.ts";
import { formatGenesis } from "../platform/genesis/text.ts";
import {
  DEFAULT_CHAIN_CONFIGS,
  DEFAULT_NETWORK_ID,
  DEFAULT_NODE_COUNT,
  DEFAULT_PRE_FUNDED_KEY_COUNT,
  PLUGIN_DIR_ENV,
  QUICK_FLAGS,
} from "./defaults.ts";
import { writeFileWhole } from "./disk/files.ts";
import { INDENT } from "./disk/json.ts";
import {
  CONFIG_FILE,
  type Env,
  GENESIS_FILE,
  makeNetworkDir,
  NETWORK_DIR_ENV,
  NETWORK_ENV_FILE,
  rootNetworkDir,
} from "./disk/layout.ts";
import { type NetworkConfig, writeNetworkConfig } from "./disk/network_config.ts";
import { updateOwnRecord } from "./disk/own_record.ts";
import type { ProcessRuntimeConfig } from "./disk/runtime_config.ts";
import { TmpnetError } from "./errors.ts";
import { type FlagsMap, withDefaults } from "./flags_map.ts";
import { knownKeys } from "./genesis/known_keys.ts";
import { newTestGenesis } from "./genesis/test_genesis.ts";
import { newNodeIdentity, type TmpnetNode, writeNode } from "./node.ts";
import { noteOwnProgram } from "./own_node.ts";
import { fdLimitFlags } from "./runtime/fd_limit.ts";
import { checkProgram } from "./runtime/program.ts";

/** What a new network is to be. */
export interface NetworkOptions {
  /** @default {2} The fewest that can be healthy with stake to be connected to. */
  readonly nodeCount?: number | undefined;
  /** Who it is for: a part of the directory's name, and of the link `latest_<owner>`. */
  readonly owner?: string | undefined;
  /** Where its directory is made. @default What the environment says, else `~/.tmpnet/networks`. */
  readonly rootNetworkDir?: string | undefined;
  /** The avalanchego to run. @default avx's own node. */
  readonly avalanchegoPath?: string | undefined;
  /** Where VM plugins are. @default `AVAGO_PLUGIN_DIR`, else `~/.avalanchego/plugins`; none for avx's own node. */
  readonly pluginDir?: string | undefined;
  /** Whether a restart asks for the API ports that nodes had before. */
  readonly reuseDynamicPorts?: boolean | undefined;
  /** TypeScript files that all nodes run as apps: paths from here. avx's own nodes alone have apps. */
  readonly apps?: readonly string[] | undefined;
  /** Flags of all nodes; they win over every default. */
  readonly defaultFlags?: FlagsMap | undefined;
  /** Whether to leave out the flags that make nodes healthy quickly, and have what tmpnetctl has. */
  readonly tmpnetDefaults?: boolean | undefined;
}

/** A network as it was made. */
export interface CreatedNetwork {
  readonly dir: string;
  readonly config: NetworkConfig;
  readonly genesis: GenesisConfig;
  readonly nodes: readonly TmpnetNode[];
}

/**
 * Makes a network.
 *
 * @throws {TmpnetError} `option`, `binary` or `unwritable`.
 */
export function createNetwork(options: NetworkOptions, env: Env, clock: Clock): CreatedNetwork {
  const { nodeCount = DEFAULT_NODE_COUNT, owner = "" } = options;
  if (!Number.isSafeInteger(nodeCount) || nodeCount < 1) {
    throw refused(
      "nodeCount",
      `A network needs at least one node, and a whole number of them; ${nodeCount} is neither`,
    );
  }
  if (!/^[A-Za-z0-9._@+-]*$/.test(owner)) {
    throw refused(
      "owner",
      `An owner is a part of file names: "${owner}" has characters other than A-Z a-z 0-9 . _ @ + -`,
    );
  }
  const apps = appFlags(options);
  const asked = options.avalanchegoPath ? resolve(options.avalanchegoPath) : undefined;
  if (asked !== undefined) checkProgram(asked);

  const identities = Array.from({ length: nodeCount }, () => newNodeIdentity(clock));
  const keys = Array.from({ length: DEFAULT_PRE_FUNDED_KEY_COUNT }, newPrivateKey);
  const genesis = newTestGenesis({
    networkID: DEFAULT_NETWORK_ID,
    stakers: identities,
    keysToFund: [...knownKeys(), ...keys],
    startTime: unixSeconds(clock),
  });

  const dir = makeNetworkDir(rootNetworkDir(options.rootNetworkDir, env), owner, clock);
  const config: NetworkConfig = {
    uuid: randomUUID(),
    owner,
    networkID: 0,
    primarySubnetConfig: {},
    primaryChainConfigs: DEFAULT_CHAIN_CONFIGS,
    defaultFlags: withDefaults(defaultFlagsOf(options, env), apps),
    defaultRuntimeConfig: { process: runtimeConfigOf(options, asked, dir, env) },
    preFundedKeys: keys.map(formatPrivateKey),
  };
  const nodes = identities.map(({ nodeID, flags }): TmpnetNode => {
    const runtimeConfig = config.defaultRuntimeConfig;
    return { nodeID, flags, dataDir: join(dir, nodeID), isEphemeral: false, runtimeConfig };
  });

  writeFileWhole(join(dir, GENESIS_FILE), formatGenesis(genesis, INDENT));
  writeFileWhole(join(dir, NETWORK_ENV_FILE), envFileText(dir));
  updateOwnRecord(dir, { ownNodes: asked === undefined });
  for (const node of nodes) writeNode(node);
  // Last: a directory is a network once it has this.
  writeNetworkConfig(join(dir, CONFIG_FILE), config);
  return { dir, config, genesis, nodes };
}

/** The line that makes a shell's commands mean this network; no line end closes it, as upstream's. */
export function envFileText(dir: string): string {
  return `export ${NETWORK_DIR_ENV}=${quoted(dir)}`;
}

function defaultFlagsOf({ defaultFlags = {}, tmpnetDefaults = false }: NetworkOptions, env: Env): FlagsMap {
  // The limit on open files stands in the network's own file so that tmpnetctl can restart its nodes, too.
  return tmpnetDefaults ? defaultFlags : withDefaults(defaultFlags, QUICK_FLAGS, fdLimitFlags(env));
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

function runtimeConfigOf(
  { pluginDir, reuseDynamicPorts = false }: NetworkOptions,
  avalanchegoPath: string | undefined,
  dir: string,
  env: Env,
): ProcessRuntimeConfig {
  const isOwn = avalanchegoPath === undefined;
  const defaultPluginDir = isOwn ? undefined : join(env["HOME"] || homedir(), ".avalanchego", "plugins");
  const plugins = pluginDir || env[PLUGIN_DIR_ENV] || defaultPluginDir;
  return {
    avalancheGoPath: avalanchegoPath ?? noteOwnProgram(dir),
    ...(plugins === undefined ? {} : { pluginDir: resolve(plugins) }),
    ...(reuseDynamicPorts ? { reuseDynamicPorts } : {}),
  };
}

function refused(option: string, message: string): TmpnetError {
  return new TmpnetError({ code: "option", option }, message);
}
