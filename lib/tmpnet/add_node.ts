/**
 * A node that is added to a network, or taken out of it: its directory appears and goes in one step.
 *
 * @module
 */

import { existsSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import { unwritable } from "./disk/files.ts";
import { CONFIG_FILE } from "./disk/layout.ts";
import { unfinishedPath } from "./disk/leftovers.ts";
import type { NodeRuntimeConfig } from "./disk/runtime_config.ts";
import { TmpnetError } from "./errors.ts";
import { type FlagsMap, withDefaults } from "./flags_map.ts";
import { type TmpnetNode, writeNode } from "./node.ts";
import { nodeOfTemplate } from "./node_template.ts";
import { noteOwnProgram } from "./own_node.ts";
import { checkPlugins } from "./plugins.ts";
import { basePortOf, checkPorts, nextPortFlags } from "./ports.ts";
import type { ReadNetwork } from "./read.ts";
import { checkProgram } from "./runtime/program.ts";

/** What a node that is added is to be. */
export interface NodeOptions {
  /** Its own flags: they win over the network's. Keys among them, all three or none, are its keys. */
  readonly flags?: FlagsMap | undefined;
  /**
   * Whether it is not meant to last: nobody bootstraps from it.
   *
   * @default {true} It stakes nothing, so that nobody is told of it either.
   */
  readonly isEphemeral?: boolean | undefined;
  /** Whether it is avx's own node, in a network of avalanchego's. */
  readonly light?: boolean | undefined;
  /** The program to run, where it is not the network's. */
  readonly avalanchegoPath?: string | undefined;
  /** Where VM plugins are, where that is not the network's place. */
  readonly pluginDir?: string | undefined;
}

/**
 * Makes a node's directory. The node stakes nothing: a genesis is what it is.
 *
 * @throws {TmpnetError} `option`, `binary`, `plugins` or `unwritable`.
 */
export async function makeNode(network: ReadNetwork, options: NodeOptions, clock: Clock): Promise<TmpnetNode> {
  const { dir: networkDir, config } = network;
  const { flags = {}, light = false, isEphemeral = true } = options;
  if (light && options.avalanchegoPath) {
    const message = "A light node is avx's own: it cannot be another program at the same time";
    throw new TmpnetError({ code: "option", option: "light" }, message);
  }
  const ownRuntimeConfig = runtimeConfigOf(networkDir, config.defaultRuntimeConfig, options);
  const named = options.pluginDir ? ownRuntimeConfig?.process : undefined;
  if (named !== undefined) await checkPlugins(named.avalancheGoPath, named.pluginDir ?? "");
  const ports = await nextPorts(network);
  const lasting = network.nodes.filter((each) => !each.isEphemeral).map(({ nodeID }) => nodeID);
  const { identity } = nodeOfTemplate({ flags }, clock, isEphemeral ? lasting : []);
  const node: TmpnetNode = {
    nodeID: identity.nodeID,
    dataDir: join(networkDir, identity.nodeID),
    isEphemeral,
    flags: withDefaults(identity.flags, ports),
    runtimeConfig: ownRuntimeConfig ?? config.defaultRuntimeConfig,
    ...(ownRuntimeConfig === undefined ? {} : { ownRuntimeConfig }),
  };
  if (existsSync(node.dataDir)) {
    const message = `${node.nodeID} is a node of this network already`;
    throw new TmpnetError({ code: "option", option: "flags" }, message);
  }
  writeNode(node);
  return node;
}

/** Ports for one more node, in a network whose nodes have theirs counted from a first one. */
async function nextPorts({ nodes }: ReadNetwork): Promise<FlagsMap> {
  const basePort = basePortOf(nodes);
  if (basePort === undefined) return {};
  const flags = nextPortFlags(basePort, nodes);
  await checkPorts(Number(flags["http-port"]), 1);
  return flags;
}

function runtimeConfigOf(
  networkDir: string,
  defaults: NodeRuntimeConfig,
  { light, avalanchegoPath, pluginDir }: NodeOptions,
): NodeRuntimeConfig | undefined {
  if (!light && !avalanchegoPath && !pluginDir) return undefined;
  const { process = { avalancheGoPath: "" } } = defaults;
  if (light) return { process: { avalancheGoPath: noteOwnProgram(networkDir) } };
  const program = avalanchegoPath ? resolve(avalanchegoPath) : process.avalancheGoPath;
  checkProgram(program);
  return { process: { ...process, avalancheGoPath: program, ...(pluginDir ? { pluginDir: resolve(pluginDir) } : {}) } };
}

/**
 * Takes a node that does not run out of its network, with all that it has.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function removeNodeDirectory({ dataDir }: Pick<TmpnetNode, "dataDir">): void {
  const unwanted = unfinishedPath(dataDir);
  try {
    // Once it has this name it is no node any more, however long it takes to remove what it has.
    renameSync(dataDir, unwanted);
    rmSync(unwanted, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}

/** The name of the configuration of a node that did not start when it was added. */
export const FAILED_CONFIG_FILE = "failed-config.json";

/**
 * Takes a node that did not start out of its network; its directory stays, so that its logs can be read.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function disownNode({ dataDir }: Pick<TmpnetNode, "dataDir">): void {
  try {
    renameSync(join(dataDir, CONFIG_FILE), join(dataDir, FAILED_CONFIG_FILE));
  } catch (error) {
    throw unwritable(dataDir, error);
  }
}
