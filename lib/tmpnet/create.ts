/**
 * Makes a network's directory: keys, genesis, configuration. Nothing runs yet.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { quoted } from "../core/program.ts";
import { formatPrivateKey, newPrivateKey, type Secp256k1PrivateKey } from "../core/secp256k1/private_key.ts";
import type { GenesisConfig } from "../platform/genesis/config.ts";
import { type GenesisInfo, genesisInfo } from "../platform/genesis/info.ts";
import { formatGenesis } from "../platform/genesis/text.ts";
import { isStandardNetwork } from "../platform/networks.ts";
import { DEFAULT_CHAIN_CONFIGS, DEFAULT_NETWORK_ID, DEFAULT_PRE_FUNDED_KEY_COUNT } from "./defaults.ts";
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
import type { NodeRuntimeConfig } from "./disk/runtime_config.ts";
import { writeStartRecord } from "./disk/start_record.ts";
import { writeSubnet } from "./disk/subnets.ts";
import { refused } from "./errors.ts";
import { type FlagsMap, withDefaults } from "./flags_map.ts";
import { networkGenesis } from "./genesis/network_genesis.ts";
import { pointLatestLinks } from "./latest_links.ts";
import { type NetworkOptions, networkFlags, networkProgram, networkRuntime, nodeCountsOf } from "./network_options.ts";
import { newNodeIdentity, type TmpnetNode, writeNode } from "./node.ts";
import { type NodeTemplate, nodeOfTemplate, type PlannedNode } from "./node_template.ts";
import { ownNodeProgram } from "./own_node.ts";
import { checkPlugins } from "./plugins.ts";
import { checkPorts, portFlags } from "./ports.ts";
import { directoryMark } from "./provenance.ts";
import { planStakes, type StakePlan } from "./stakes.ts";
import { planNewSubnets, type SubnetPlan } from "./subnets/new_network.ts";
import { withTracked } from "./subnets/tracking.ts";

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
  /** Sets the links to the latest network, which lead to this one, back to what they were. */
  readonly restoreLinks: () => void;
}

/**
 * Makes a network, which is noted not to have started yet.
 *
 * @throws {TmpnetError} `option`, `bad-file`, `binary`, `plugins`, `port-taken` or `unwritable`; {@link SubnetError} for
 * subnets that cannot be. Nothing is left then.
 */
export async function createNetwork(options: NetworkOptions, env: Env, clock: Clock): Promise<CreatedNetwork> {
  const { owner = "", nodes: templates = [], basePort, genesisFile } = options;
  const counts = nodeCountsOf(options);
  const { nodeCount, lightNodeCount } = counts;
  if (!/^[A-Za-z0-9._@+-]*$/.test(owner)) {
    throw refused(
      "owner",
      `An owner is a part of file names: "${owner}" has characters other than A-Z a-z 0-9 . _ @ + -`,
    );
  }
  const flags = networkFlags(options, counts, env);
  const { program, pluginDir: plugins } = await networkProgram(options, env);

  const staking = stakingNodes(templates, nodeCount, clock);
  const lasting = staking.filter(({ isEphemeral }) => !isEphemeral).map(({ identity }) => identity.nodeID);
  for (const { avalancheGoPath, pluginDir } of staking.flatMap(({ runtimeConfig }) => runtimeConfig?.process ?? [])) {
    if (pluginDir) await checkPlugins(avalancheGoPath, pluginDir);
  }
  const ownNodes = program === undefined;
  const light = Array.from({ length: lightNodeCount }, () => newNodeIdentity(clock, { after: lasting }));
  const keys = genesisFile === undefined ? Array.from({ length: DEFAULT_PRE_FUNDED_KEY_COUNT }, newPrivateKey) : [];
  const stakers = staking.filter(({ isEphemeral, stake }) => !isEphemeral && stake === undefined);
  checkStakes(staking, stakers.length, ownNodes, options);
  const genesis = networkGenesis(
    options,
    stakers.map(({ identity }) => identity),
    keys,
    clock,
  );
  const runtime = { process: networkRuntime(options, program ?? "", plugins) };
  // Keys are taken from the end: test suites use them from the first on.
  const isPlanned = staking.some(({ stake }) => stake !== undefined) || (options.subnets ?? []).length > 0;
  const info = isPlanned && genesis !== undefined ? genesisInfo(genesis) : undefined;
  const stakes = stakesOf(info, staking, keys.toReversed(), flags);
  const left = keys.slice(0, keys.length - (stakes?.txs.length ?? 0));
  const laterEndTimes = stakes?.endTimes ?? new Map();
  const facts = { info, staking, keys: left, ownNodes, runtime, flags, env, laterEndTimes };
  const plan = planSubnets(options, facts);
  if (basePort !== undefined) await checkPorts(basePort, nodeCount + lightNodeCount);

  const dir = makeNetworkDir(rootNetworkDir(options.rootNetworkDir, env), owner, clock);
  let restoreLinks = () => {};
  try {
    const own = ownNodes || lightNodeCount > 0 ? ownNodeProgram(dir) : undefined;
    const lightRuntime = own === undefined ? undefined : { process: { avalancheGoPath: own } };
    const config: NetworkConfig = {
      uuid: randomUUID(),
      owner,
      networkID: genesis === undefined ? (options.networkID ?? 0) : 0,
      primarySubnetConfig: options.primarySubnetConfig ?? {},
      primaryChainConfigs: { ...DEFAULT_CHAIN_CONFIGS, ...options.primaryChainConfigs },
      defaultFlags: flags,
      defaultRuntimeConfig: { process: networkRuntime(options, program ?? own ?? "", plugins) },
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
      ownNodes,
      ...(own === undefined ? {} : { ownProgram: own }),
      ...(options.sharedProcesses === undefined ? {} : { sharedProcesses: options.sharedProcesses }),
      ...(stakes === undefined ? {} : { stakes: stakesRecord(staking) }),
      madeIn: directoryMark(dir),
    });
    for (const node of nodes) writeNode(node);
    for (const record of plan?.records ?? []) writeSubnet(dir, record);
    // Before it is a network: whoever is killed from here on has left one that others know not to have started.
    writeStartRecord(dir, { begunAt: clock.now() });
    restoreLinks = pointLatestLinks(dir, owner);
    // Last: a directory is a network once it has this.
    writeNetworkConfig(join(dir, CONFIG_FILE), config);
    return { dir, config, genesis, nodes, stakes, plan, restoreLinks };
  } catch (error) {
    restoreLinks();
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

/** All but the light ones; those that are not meant to last come after some that are. */
function stakingNodes(templates: readonly NodeTemplate[], nodeCount: number, clock: Clock): PlannedNode[] {
  const all = Array.from({ length: nodeCount }, (_, i) => templates[i] ?? {});
  const lasting = all.map((each) => (each.isEphemeral ? undefined : nodeOfTemplate(each, clock)));
  const after = lasting.flatMap((node) => node?.identity.nodeID ?? []);
  return all.map((each, i) => lasting[i] ?? nodeOfTemplate(each, clock, after));
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

/** The line that makes a shell's commands mean this network; no line end closes it, as upstream's. */
export function envFileText(dir: string): string {
  return `export ${NETWORK_DIR_ENV}=${quoted(dir)}`;
}
