/**
 * Options of `avx net start` that say what kind of network it is to be.
 *
 * @module
 */

import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { errorMessage } from "../../lib/core/errors.ts";
import { networkID } from "../../lib/platform/networks.ts";
import { DEFAULT_NETWORK_ID } from "../../lib/tmpnet/defaults.ts";
import type { NetworkOptions } from "../../lib/tmpnet/network_options.ts";
import { readNodeTemplate } from "../../lib/tmpnet/node_template.ts";
import type { CommandContext } from "../command.ts";
import { UsageError } from "../errors.ts";
import { collect } from "./node_options.ts";
import { parseCount } from "./options.ts";

/** As commander gives them. */
export interface KindOptions {
  readonly networkId?: number;
  readonly genesisFile?: string;
  readonly cChainGenesisFile?: string;
  readonly fund?: readonly string[];
  readonly upgradeFile?: string;
  readonly node?: readonly string[];
  readonly lightNodeCount?: number;
  readonly basePort?: number;
  readonly reuseDynamicPorts?: boolean;
  readonly sharedProcesses?: boolean;
}

/** Adds the options. */
export function addKindOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--light-node-count <n>", "how many of avx's own nodes beside avalanchego's").argParser(
        parseCount("--light-node-count"),
      ),
    )
    .addOption(
      new Option(
        "--node <file>",
        "what one node is to be: JSON with its flags, keys among them, and its runtimeConfig, as a node's config.json; may be repeated",
      ).argParser(collect),
    )
    .addOption(
      new Option(
        "--network-id <id>",
        `the network's number or name; nodes of mainnet and fuji join those (default: ${DEFAULT_NETWORK_ID})`,
      ).argParser(parseNetworkID),
    )
    .option("--genesis-file <file>", "the genesis, in place of one that is made for the nodes")
    .option("--c-chain-genesis-file <file>", "the C-Chain's genesis, in place of one that funds keys")
    .addOption(
      new Option("--fund <address>", "an address to fund in the genesis: X-…, P-… or 0x…; may be repeated").argParser(
        collect,
      ),
    )
    .option("--upgrade-file <file>", "when upgrades are active, as avalanchego's --upgrade-file says it")
    .addOption(
      new Option("--base-port <port>", "the first of the nodes' ports, two for each (default: free ones)").argParser(
        parseCount("--base-port"),
      ),
    )
    .option("--reuse-dynamic-ports", "ask for the same API ports again at a restart (default)")
    .option("--no-reuse-dynamic-ports", "have other ports after a restart")
    .option("--shared-processes", "have avx's own nodes share processes (default: where more than ten start)")
    .option("--no-shared-processes", "have a process for each node");
}

/** The options as the library takes them. */
export function kindOptions(options: KindOptions, { cwd }: CommandContext): Partial<NetworkOptions> {
  const fromHere = (path: string | undefined) => (path ? resolve(cwd, path) : undefined);
  return {
    networkID: options.networkId,
    genesisFile: fromHere(options.genesisFile),
    cChainGenesisFile: fromHere(options.cChainGenesisFile),
    fund: options.fund,
    upgradeFile: fromHere(options.upgradeFile),
    nodes: options.node?.map((path) => readNodeTemplate(resolve(cwd, path))),
    lightNodeCount: options.lightNodeCount,
    basePort: options.basePort,
    reuseDynamicPorts: options.reuseDynamicPorts,
    sharedProcesses: options.sharedProcesses,
  };
}

function parseNetworkID(text: string): number {
  try {
    return networkID(text);
  } catch (error) {
    throw new UsageError(errorMessage(error));
  }
}
