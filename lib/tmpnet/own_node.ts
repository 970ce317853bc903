/**
 * avx's own node as a program that can be named in a network's files.
 *
 * tmpnet's files name one program, which is called with `--config-file`. The compiled avx is such a program. Run from
 * source it is a runtime with arguments: a script beside the network's files stands for it.
 *
 * @module
 */

import { join } from "node:path";
import { PROGRAM_MODE, readTextFile, writeFileWhole } from "./disk/files.ts";
import { CONFIG_FILE } from "./disk/layout.ts";
import { writeNetworkConfig } from "./disk/network_config.ts";
import { readOwnRecord, updateOwnRecord } from "./disk/own_record.ts";
import type { NodeRuntimeConfig } from "./disk/runtime_config.ts";
import { writeNode } from "./node.ts";
import { ownCommand, ownScript } from "./own_command.ts";
import { type ReadNetwork, readNetwork } from "./read.ts";

/** The script in a network's directory. */
export const OWN_NODE_SCRIPT = "avx-node";

/**
 * The program to name in the files of a network whose nodes are avx's own.
 *
 * @param networkDir Where a script is written, where one is needed.
 * @throws {TmpnetError} `unwritable`.
 */
export function ownNodeProgram(networkDir: string): string {
  const text = ownScript();
  if (text === undefined) return ownCommand()[0] ?? "";
  const path = join(networkDir, OWN_NODE_SCRIPT);
  if (readTextFile(path) !== text) writeFileWhole(path, text, { mode: PROGRAM_MODE });
  return path;
}

/**
 * {@link ownNodeProgram}, and notes it, so that another avx can take its place.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function noteOwnProgram(networkDir: string): string {
  const ownProgram = ownNodeProgram(networkDir);
  if (readOwnRecord(networkDir).ownProgram !== ownProgram) updateOwnRecord(networkDir, { ownProgram });
  return ownProgram;
}

/**
 * Has a network's own nodes run this avx, wherever the one that made them lies, or lay.
 *
 * @returns The network as it is then.
 * @throws {TmpnetError} `no-network`, `bad-file` or `unwritable`.
 */
export function renewOwnProgram(networkDir: string): ReadNetwork {
  const network = readNetwork(networkDir);
  const { ownNodes, ownProgram } = readOwnRecord(networkDir);
  const { config } = network;
  const named = ownNodes ? config.defaultRuntimeConfig.process?.avalancheGoPath : undefined;
  const before = new Set([ownProgram, named]);
  before.delete(undefined);
  if (before.size === 0) return network;

  const now = noteOwnProgram(networkDir);
  const renewed = (runtime: NodeRuntimeConfig): NodeRuntimeConfig => {
    const { process } = runtime;
    if (process === undefined || process.avalancheGoPath === now || !before.has(process.avalancheGoPath))
      return runtime;
    return { ...runtime, process: { ...process, avalancheGoPath: now } };
  };
  const defaultRuntimeConfig = renewed(config.defaultRuntimeConfig);
  if (defaultRuntimeConfig !== config.defaultRuntimeConfig) {
    writeNetworkConfig(join(networkDir, CONFIG_FILE), { ...config, defaultRuntimeConfig });
  }
  for (const node of network.nodes) {
    const own = node.ownRuntimeConfig;
    if (own !== undefined && renewed(own) !== own) writeNode({ ...node, ownRuntimeConfig: renewed(own) });
  }
  return readNetwork(networkDir);
}
