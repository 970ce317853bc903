/**
 * Which networks there are, and how much of each runs. Nothing is asked over HTTP.
 *
 * @module
 */

import { existsSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import { CONFIG_FILE, childDirectories, type Env, LATEST_LINK, rootNetworkDir } from "./disk/layout.ts";
import { readNetworkConfig } from "./disk/network_config.ts";
import { readOwnRecord } from "./disk/own_record.ts";
import { brokenNode } from "./node.ts";
import { ProcessRuntime } from "./runtime/process_runtime.ts";
import { type ProcessTable, systemProcessTable } from "./runtime/process_table.ts";

/** A network in a list. */
export interface NetworkListing {
  /** Its directory's name: when it was made, and for whom. */
  readonly name: string;
  readonly dir: string;
  readonly owner: string;
  readonly uuid: string;
  /** How many nodes it has, and how many of them run. */
  readonly nodeCount: number;
  readonly runningCount: number;
  /** Whether its nodes are avx's own. */
  readonly ownNodes: boolean;
  /** The program that its nodes run; empty where it has none. */
  readonly program: string;
  /** Whether the link `latest` points to it. */
  readonly latest: boolean;
  /** Why its files cannot be understood; absent where they can. */
  readonly problem?: string;
}

/**
 * Lists the networks of a directory, oldest first.
 *
 * @param rootDir As given by the user; see `rootNetworkDir`.
 *
 * @example
 * ```ts
 * for (const network of listNetworks(undefined, process.env)) console.log(network.dir);
 * ```
 */
export function listNetworks(rootDir: string | undefined, env: Env): NetworkListing[] {
  const root = rootNetworkDir(rootDir, env);
  const runtime = new ProcessRuntime({ clock: systemClock, table: snapshotOf(systemProcessTable()) }, { env });
  const latest = realPathOf(join(root, LATEST_LINK));
  return childDirectories(root)
    .filter((dir) => existsSync(join(dir, CONFIG_FILE)))
    .map((dir) => realPathOf(dir) ?? dir)
    .map((dir) => listNetwork(dir, runtime, dir === latest));
}

function listNetwork(dir: string, runtime: ProcessRuntime, latest: boolean): NetworkListing {
  const nodes = childDirectories(dir).filter((child) => existsSync(join(child, CONFIG_FILE)));
  const runningCount = nodes.filter((child) => runtime.inspect(brokenNode(child)).status !== "stopped").length;
  const facts = { name: basename(dir), dir, nodeCount: nodes.length, runningCount, latest };
  try {
    const config = readNetworkConfig(join(dir, CONFIG_FILE));
    return {
      ...facts,
      owner: config?.owner ?? "",
      uuid: config?.uuid ?? "",
      ownNodes: readOwnRecord(dir).ownNodes,
      program: config?.defaultRuntimeConfig.process?.avalancheGoPath ?? "",
    };
  } catch (error) {
    return { ...facts, owner: "", uuid: "", ownNodes: false, program: "", problem: errorMessage(error) };
  }
}

/** The table as it is now: read once, however often it is asked. */
function snapshotOf(table: ProcessTable): ProcessTable {
  let all: ReturnType<ProcessTable["list"]> | undefined;
  const processes = () => {
    all ??= table.list((commandLine) => commandLine.includes(" --config-file "));
    return all;
  };
  return {
    read: (pid) => processes().find((info) => info.pid === pid),
    list: (wanted) => processes().filter(({ commandLine }) => wanted(commandLine)),
  };
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
