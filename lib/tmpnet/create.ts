/**
 * Makes a network's directory: keys, genesis, configuration. Nothing runs yet.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Clock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { quoted } from "../core/program.ts";
import { formatPrivateKey, newPrivateKey, type Secp256k1PrivateKey } from "../core/secp256k1/private_key.ts";
import type { GenesisConfig } from "../platform/genesis/config.ts";
import { type GenesisInfo, genesisInfo } from "../platform/genesis/info.ts";
import { formatGenesis } from "../platform/genesis/text.ts";
import { isStandardNetwork } from "../platform/networks.ts";
import { upgradesFromFile } from "../platform/upgrade_text.ts";
import {
  DEFAULT_CHAIN_CONFIGS,
  DEFAULT_NETWORK_ID,
  DEFAULT_NODE_COUNT,
  DEFAULT_PRE_FUNDED_KEY_COUNT,
  PLUGIN_DIR_ENV,
  quickFlags,
} from "./defaults.ts";
import { badFile, readTextFile, writeFileWhole } from "./disk/files.ts";
import { INDENT, type JSONMap } from "./disk/json.ts";
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
import type { NodeRuntimeConfig, ProcessRuntimeConfig } from "./disk/runtime_config.ts";
import { writeSubnet } from "./disk/subnets.ts";
import { TmpnetError } from "./errors.ts";
import { type FlagsMap, refusePlaceFlags, withDefaults } from "./flags_map.ts";
import { type GenesisOptions, networkGenesis } from "./genesis/network_genesis.ts";
import { newNodeIdentity, type TmpnetNode, writeNode } from "./node.ts";
import { type NodeTemplate, nodeOfTemplate, type PlannedNode } from "./node_template.ts";
import { ownNodeProgram } from "./own_node.ts";
import { checkPlugins } from "./plugins.ts";
import { checkPorts, portFlags } from "./ports.ts";
import { directoryMark } from "./provenance.ts";
import { fdLimitFlags } from "./runtime/fd_limit.ts";
import { checkProgram } from "./runtime/program.ts";
import { planStakes, type StakePlan } from "./stakes.ts";
import { planNewSubnets, type SubnetPlan } from "./subnets/new_network.ts";
import type { SubnetSpec } from "./subnets/spec.ts";
import { withTracked } from "./subnets/tracking.ts";

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

/** A network as it was made. */
export interface CreatedNetwork {
  readonly dir: string;
  readonly config: NetworkConfig;
  /** `undefined` where nodes have it built in. */
  readonly genesis: GenesisConfig | undefined;
  readonly nodes: readonly TmpnetNode[];
  /** What is staked once its nodes are healthy. */
  readonly stakes: StakePlan | undefined;
  /** Subnets that are to be made then. */
  readonly plan: SubnetPlan | undefined;
}

/**
 * Makes a network.
 *
 * @throws {TmpnetError} `option`, `bad-file`, `binary`, `plugins`, `port-taken` or `unwritable`; {@link SubnetError} for
 * subnets that cannot be. Nothing is left then.
 */
export async function createNetwork(options: NetworkOptions, env: Env, clock: Clock): Promise<CreatedNetwork> {
  const { owner = "", nodes: templates = [], lightNodeCount = 0, basePort, genesisFile } = options;
  const nodeCount = options.nodeCount ?? Math.max(DEFAULT_NODE_COUNT, templates.length);
  checkCounts(nodeCount, templates.length, lightNodeCount, options);
  if (!/^[A-Za-z0-9._@+-]*$/.test(owner)) {
    throw refused(
      "owner",
      `An owner is a part of file names: "${owner}" has characters other than A-Z a-z 0-9 . _ @ + -`,
    );
  }
  refusePlaceFlags(options.defaultFlags ?? {});
  const flags = withDefaults(
    defaultFlagsOf(options, nodeCount + lightNodeCount, env),
    appFlags(options),
    upgradeFlags(options),
  );
  const asked = options.avalanchegoPath ? resolve(options.avalanchegoPath) : undefined;
  if (asked !== undefined) checkProgram(asked);
  const plugins = pluginDirOf(options, asked, env);
  // Plugins that lie in the usual place may be for another avalanchego: they matter once a subnet needs them.
  const namesPlugins = Boolean(options.pluginDir || env[PLUGIN_DIR_ENV]);
  if (asked !== undefined && plugins !== undefined && namesPlugins) await checkPlugins(asked, plugins);

  const staking = Array.from({ length: nodeCount }, (_, i) => nodeOfTemplate(templates[i] ?? {}, clock));
  for (const { avalancheGoPath, pluginDir } of staking.flatMap(({ runtimeConfig }) => runtimeConfig?.process ?? [])) {
    if (pluginDir) await checkPlugins(avalancheGoPath, pluginDir);
  }
  const light = Array.from({ length: lightNodeCount }, () => newNodeIdentity(clock));
  const keys = genesisFile === undefined ? Array.from({ length: DEFAULT_PRE_FUNDED_KEY_COUNT }, newPrivateKey) : [];
  const stakers = staking.filter(({ isEphemeral, stake }) => !isEphemeral && stake === undefined);
  checkStakes(staking, stakers.length, asked === undefined, options);
  const genesis = networkGenesis(
    options,
    stakers.map(({ identity }) => identity),
    keys,
    clock,
  );
  const runtime = { process: runtimeConfigOf(options, asked ?? "", plugins) };
  // Keys are taken from the end: test suites use them from the first on.
  const isPlanned = staking.some(({ stake }) => stake !== undefined) || (options.subnets ?? []).length > 0;
  const info = isPlanned && genesis !== undefined ? genesisInfo(genesis) : undefined;
  const stakes = stakesOf(info, staking, keys.toReversed(), flags);
  const left = keys.slice(0, keys.length - (stakes?.txs.length ?? 0));
  const laterEndTimes = stakes?.endTimes ?? new Map();
  const ownNodes = asked === undefined;
  const facts = { info, staking, keys: left, ownNodes, runtime, flags, env, laterEndTimes };
  const plan = planSubnets(options, facts);
  if (basePort !== undefined) await checkPorts(basePort, nodeCount + lightNodeCount);

  const dir = makeNetworkDir(rootNetworkDir(options.rootNetworkDir, env), owner, clock);
  try {
    const own = asked === undefined || lightNodeCount > 0 ? ownNodeProgram(dir) : undefined;
    const lightRuntime = own === undefined ? undefined : { process: { avalancheGoPath: own } };
    const config: NetworkConfig = {
      uuid: randomUUID(),
      owner,
      networkID: genesis === undefined ? (options.networkID ?? 0) : 0,
      primarySubnetConfig: options.primarySubnetConfig ?? {},
      primaryChainConfigs: { ...DEFAULT_CHAIN_CONFIGS, ...options.primaryChainConfigs },
      defaultFlags: flags,
      defaultRuntimeConfig: { process: runtimeConfigOf(options, asked ?? own ?? "", plugins) },
      preFundedKeys: genesis === undefined ? [] : (plan?.preFundedKeys ?? left).map(formatPrivateKey),
    };
    const planned: readonly PlannedNode[] = [
      ...staking,
      ...light.map((identity) => ({
        identity,
        isEphemeral: true,
        ...(lightRuntime === undefined ? {} : { runtimeConfig: lightRuntime }),
      })),
    ];
    const nodes = planned.map(({ identity, isEphemeral, runtimeConfig }, i): TmpnetNode => {
      const ports = basePort === undefined ? {} : portFlags(basePort, i);
      return {
        nodeID: identity.nodeID,
        flags: withTracked(withDefaults(identity.flags, ports), identity.nodeID, plan?.records ?? []),
        dataDir: join(dir, identity.nodeID),
        isEphemeral,
        runtimeConfig: runtimeConfig ?? config.defaultRuntimeConfig,
        ...(runtimeConfig === undefined ? {} : { ownRuntimeConfig: runtimeConfig }),
      };
    });
    if (genesis !== undefined) writeFileWhole(join(dir, GENESIS_FILE), formatGenesis(genesis, INDENT));
    writeFileWhole(join(dir, NETWORK_ENV_FILE), envFileText(dir));
    updateOwnRecord(dir, {
      ownNodes: asked === undefined,
      ...(own === undefined ? {} : { ownProgram: own }),
      ...(options.sharedProcesses === undefined ? {} : { sharedProcesses: options.sharedProcesses }),
      ...(stakes === undefined ? {} : { stakes: stakesRecord(staking) }),
      madeIn: directoryMark(dir),
    });
    for (const node of nodes) writeNode(node);
    for (const record of plan?.records ?? []) writeSubnet(dir, record);
    // Last: a directory is a network once it has this.
    writeNetworkConfig(join(dir, CONFIG_FILE), config);
    return { dir, config, genesis, nodes, stakes, plan };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** Plans the subnets that a network begins with, before anything of it is made. */
function planSubnets(
  { subnets = [] }: NetworkOptions,
  facts: {
    readonly info: GenesisInfo | undefined;
    readonly staking: readonly PlannedNode[];
    readonly keys: readonly Secp256k1PrivateKey[];
    readonly ownNodes: boolean;
    readonly runtime: NodeRuntimeConfig;
    readonly flags: FlagsMap;
    readonly env: Env;
    readonly laterEndTimes: ReadonlyMap<NodeID, bigint>;
  },
): SubnetPlan | undefined {
  if (subnets.length === 0) return undefined;
  const { info, staking, keys, ownNodes, runtime, flags, env, laterEndTimes } = facts;
  if (info === undefined) throw refused("subnets", "Subnets are made with a genesis that funds them");
  const nodes = staking.map(({ identity, isEphemeral, runtimeConfig = runtime }) => ({
    nodeID: identity.nodeID,
    // Not made yet: nodes are found by their IDs all the same.
    dataDir: identity.nodeID,
    flags: withDefaults(identity.flags, flags),
    isEphemeral,
    runtimeConfig,
  }));
  return planNewSubnets({ genesis: info, nodes, preFundedKeys: keys, ownNodes, laterEndTimes }, subnets, env);
}

/** What nodes stake that have no share in the genesis. */
function stakesOf(
  info: GenesisInfo | undefined,
  staking: readonly PlannedNode[],
  keys: readonly Secp256k1PrivateKey[],
  flags: FlagsMap,
): StakePlan | undefined {
  const stakers = staking.flatMap(({ identity: { nodeID, signer }, stake }) =>
    stake === undefined ? [] : [{ nodeID, signer, stake }],
  );
  return stakers.length === 0 || info === undefined ? undefined : planStakes(info, stakers, keys, flags);
}

/** As it is kept: no file of tmpnet's tells it. */
function stakesRecord(staking: readonly PlannedNode[]): Readonly<Record<string, string>> {
  const stakes = staking.flatMap(({ identity: { nodeID }, stake }) =>
    stake === undefined ? [] : [[nodeID, `${stake}`]],
  );
  return Object.fromEntries(stakes);
}

function checkStakes(
  staking: readonly PlannedNode[],
  inGenesis: number,
  ownNodes: boolean,
  { genesisFile, networkID = DEFAULT_NETWORK_ID }: NetworkOptions,
): void {
  if (staking.every(({ stake }) => stake === undefined)) return;
  if (ownNodes) throw refused("stake", "avx's own nodes know of the genesis only, in which all stake the same");
  if (genesisFile !== undefined || isStandardNetwork(networkID)) {
    throw refused("stake", "Stakes are paid by keys of a genesis that is made for the network");
  }
  if (inGenesis === 0) {
    throw refused(
      "stake",
      "A network begins with a node that has its share in the genesis: leave the stake of one out",
    );
  }
}

function checkCounts(nodeCount: number, templates: number, light: number, { avalanchegoPath }: NetworkOptions): void {
  if (!Number.isSafeInteger(nodeCount) || nodeCount < 1) {
    throw refused(
      "nodeCount",
      `A network needs at least one node, and a whole number of them; ${nodeCount} is neither`,
    );
  }
  if (nodeCount < templates) {
    throw refused("nodeCount", `${templates} nodes are described one by one, and the network is to have ${nodeCount}`);
  }
  if (!Number.isSafeInteger(light) || light < 0) {
    throw refused("lightNodeCount", `Light nodes are counted in whole numbers; ${light} is none`);
  }
  if (light > 0 && !avalanchegoPath) {
    throw refused("lightNodeCount", "Light nodes stand beside avalanchego's: without one all nodes are light");
  }
}

/** The line that makes a shell's commands mean this network; no line end closes it, as upstream's. */
export function envFileText(dir: string): string {
  return `export ${NETWORK_DIR_ENV}=${quoted(dir)}`;
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

function runtimeConfigOf(options: NetworkOptions, program: string, plugins: string | undefined): ProcessRuntimeConfig {
  const { tmpnetDefaults = false, reuseDynamicPorts = !tmpnetDefaults } = options;
  return {
    avalancheGoPath: program,
    ...(plugins === undefined ? {} : { pluginDir: plugins }),
    ...(reuseDynamicPorts ? { reuseDynamicPorts } : {}),
  };
}

function refused(option: string, message: string): TmpnetError {
  return new TmpnetError({ code: "option", option }, message);
}
