/**
 * What a light node knows of its network's chains: their IDs, and who validated first.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import type { ID } from "../core/ids/id.ts";
import { chainAliases, chainIDByAlias } from "../platform/genesis/aliases.ts";
import { type GenesisValidator, genesisInfo } from "../platform/genesis/info.ts";
import { standardGenesis } from "../platform/genesis/standard.ts";
import { standardFacts } from "../platform/genesis/standard_facts.ts";
import type { NodeConfig } from "./config/node_config.ts";

/** A chain and what it is usually called. */
export interface NamedChain {
  readonly chainID: ID;
  readonly alias: string;
}

/** The facts of one network. */
export interface ChainFacts {
  readonly genesisHash: ID;
  /** None on mainnet and fuji, whose first validators have long been followed by others. */
  readonly validators: readonly GenesisValidator[];
  /** The Primary Network's chains, by the name that logs and metrics give them. */
  readonly chains: readonly NamedChain[];
  /** The chain of an alias or ID. */
  findChain(name: string): ID | undefined;
  /** What logs and metrics call a chain; its ID where it has no alias. */
  aliasOf(chainID: ID): string;
  /** What a chain's virtual machine is called in metrics; `app` where it is not one of upstream's. */
  machineOf(chainID: ID): string;
}

/**
 * Where the metrics of upstream's chains stand: the name of the virtual machine, and what the C-Chain's puts before those
 * of its app protocols (upstream `graft/coreth/plugin/evm/vm.go`, `sdkMetricsPrefix`).
 */
const MACHINES: Readonly<Record<string, string>> = { P: "platformvm", X: "avm", C: "evm_sdk" };
const OTHER_MACHINE = "app";

/**
 * Works out the facts of the network that a node is told to join.
 *
 * @throws {GenesisError} When they do not follow from its genesis.
 */
export async function loadChainFacts(
  { networkID, genesis, chainAliases }: Pick<NodeConfig, "networkID" | "genesis" | "chainAliases">,
  clock: Clock,
): Promise<ChainFacts> {
  const standard = genesis === undefined ? standardFacts(networkID) : undefined;
  if (standard !== undefined) return facts(standard, [], chainAliases);
  const info = genesisInfo(genesis ?? (await standardGenesis(networkID, clock)));
  return facts(info, info.validators, chainAliases);
}

function facts(
  info: { readonly hash: ID; readonly xChainID: ID; readonly cChainID: ID },
  validators: readonly GenesisValidator[],
  aliases: ReadonlyMap<string, ID>,
): ChainFacts {
  const chains = [...chainAliases(info)].map(([chainID, [alias = chainID]]) => ({ chainID, alias }));
  const builtIn = new Map(chains.map(({ alias, chainID }) => [chainID, alias]));
  const configured = new Map<ID, string>();
  // The first alias of a chain is its primary one.
  for (const [alias, chainID] of aliases) if (!configured.has(chainID)) configured.set(chainID, alias);
  return {
    genesisHash: info.hash,
    validators,
    chains,
    aliasOf: (chainID) => builtIn.get(chainID) ?? configured.get(chainID) ?? chainID,
    machineOf: (chainID) => MACHINES[builtIn.get(chainID) ?? ""] ?? OTHER_MACHINE,
    findChain: (name) => chainIDByAlias(info, name) ?? aliases.get(name) ?? aliasedID(aliases, name),
  };
}

/** A chain that has an alias is known by its ID too. */
function aliasedID(aliases: ReadonlyMap<string, ID>, name: string): ID | undefined {
  for (const id of aliases.values()) {
    if (id === name) return id;
  }
  return undefined;
}
