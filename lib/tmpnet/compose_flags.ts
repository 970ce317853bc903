/**
 * All flags that a node is started with, and who wins: the node, its network, tmpnet, and last what follows from the
 * network itself.
 *
 * Source: upstream `tests/fixture/tmpnet/node.go` `composeFlags` and `network.go`.
 *
 * @module
 */

import { PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import { chainIDByAlias } from "../platform/genesis/aliases.ts";
import type { GenesisConfig } from "../platform/genesis/config.ts";
import { genesisInfo } from "../platform/genesis/info.ts";
import { formatGenesis } from "../platform/genesis/text.ts";
import { formatGoJSON } from "../platform/go_json/format.ts";
import { isProductionNetwork } from "../platform/networks.ts";
import { SINGLE_NODE_FLAGS, TMPNET_FLAGS } from "./defaults.ts";
import { type JSONMap, sortedMap } from "./disk/json.ts";
import type { NetworkConfig } from "./disk/network_config.ts";
import type { OlderChainConfig } from "./disk/older_chain_configs.ts";
import { isCreated, type SubnetRecord } from "./disk/subnets.ts";
import { type FlagsMap, withDefaults } from "./flags_map.ts";
import type { TmpnetNode } from "./node.ts";

/** What nodes of a network have in common. */
export interface NetworkFacts {
  readonly config: NetworkConfig;
  readonly networkID: number;
  /** `undefined` where nodes have the genesis built in. */
  readonly genesis: GenesisConfig | undefined;
  readonly subnets: readonly SubnetRecord[];
  readonly nodeCount: number;
  /** Whether avx's own nodes share processes; their number decides where it is not said. */
  readonly sharedProcesses?: boolean | undefined;
  /** Chain configurations of a network of an older layout; what stands in its files of today wins. */
  readonly olderChainConfigs?: ReadonlyMap<string, OlderChainConfig>;
}

/** A node that others may bootstrap from. */
export interface Bootstrapper {
  readonly nodeID: string;
  readonly stakingAddress: string;
}

/** Flags that are the same for all nodes; made once for as many as are started. */
export function commonFlags(facts: NetworkFacts): FlagsMap {
  const { config, networkID, genesis, subnets, nodeCount } = facts;
  const subnetConfigs = subnetConfigContent(config, subnets);
  const isAlone = nodeCount === 1 && genesis?.initialStakers.length === 1;
  return withDefaults(
    config.defaultFlags,
    TMPNET_FLAGS,
    { "network-id": String(networkID) },
    genesis === undefined ? {} : { "genesis-file-content": base64(formatGenesis(genesis)) },
    isAlone ? SINGLE_NODE_FLAGS : {},
    subnetConfigs === undefined ? {} : { "subnet-config-content": subnetConfigs },
    { "chain-config-content": chainConfigContent(facts) },
  );
}

/**
 * Flags of one node.
 *
 * @param common From {@link commonFlags}.
 * @param bootstrappers Nodes that run and are meant to last; the node itself is passed over. Fuji and mainnet have
 * theirs built in.
 * @param runtimeFlags What the runtime needs unless something else is said.
 */
export function composeFlags(
  node: Pick<TmpnetNode, "nodeID" | "flags">,
  networkID: number,
  common: FlagsMap,
  bootstrappers: readonly Bootstrapper[],
  runtimeFlags: FlagsMap,
): FlagsMap {
  const others = bootstrappers.filter(({ nodeID }) => nodeID !== node.nodeID);
  const bootstrap: FlagsMap = isProductionNetwork(networkID)
    ? {}
    : {
        "bootstrap-ids": others.map(({ nodeID }) => nodeID).join(","),
        "bootstrap-ips": others.map(({ stakingAddress }) => stakingAddress).join(","),
      };
  return withDefaults(node.flags, common, bootstrap, runtimeFlags);
}

/** By alias or chain ID: the configuration as bytes, as upstream's `chains.ChainConfig` is written. */
function chainConfigContent({
  config: { primaryChainConfigs },
  subnets,
  genesis,
  olderChainConfigs = new Map(),
}: NetworkFacts): string {
  const configs: Record<string, { Config: string | null; Upgrade: string | null }> = {};
  const info = olderChainConfigs.size === 0 || genesis === undefined ? undefined : genesisInfo(genesis);
  // A node looks for a chain's ID first: by that name an older configuration would hide today's.
  const todaysNameOf = (name: string): string | undefined => {
    const chainID = info && chainIDByAlias(info, name);
    return Object.keys(primaryChainConfigs).find((alias) => {
      return alias === name || (info !== undefined && chainID !== undefined && chainIDByAlias(info, alias) === chainID);
    });
  };
  for (const [name, { config, upgrade }] of olderChainConfigs) {
    configs[todaysNameOf(name) ?? name] = {
      Config: config === undefined ? null : base64(config),
      Upgrade: upgrade === undefined ? null : base64(upgrade),
    };
  }
  for (const [alias, config] of Object.entries(primaryChainConfigs)) {
    const { Upgrade = null } = configs[alias] ?? {};
    configs[alias] = { Config: base64(formatGoJSON(sortedMap(config))), Upgrade };
  }
  for (const { chainID, config } of subnets.flatMap(({ chains }) => chains)) {
    if (!isCreated(chainID)) continue; // what has no ID yet cannot be named
    const { Upgrade = null } = configs[chainID] ?? {};
    configs[chainID] = { Config: base64(config), Upgrade };
  }
  return base64(formatGoJSON(sortedMap(configs)));
}

/** By subnet ID; `undefined` when no subnet has a configuration. */
function subnetConfigContent(
  { primarySubnetConfig }: NetworkConfig,
  subnets: readonly SubnetRecord[],
): string | undefined {
  const configs: Record<string, JSONMap> = { [PRIMARY_NETWORK_ID]: primarySubnetConfig };
  for (const { subnetID, config } of subnets) if (isCreated(subnetID)) configs[subnetID] = config;
  const set = Object.entries(configs).filter(([, config]) => Object.keys(config).length > 0);
  return set.length === 0 ? undefined : base64(formatGoJSON(sortedMap(Object.fromEntries(set))));
}

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}
