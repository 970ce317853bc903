/**
 * Which networks there are, and how much of each runs. Nothing is asked over HTTP.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { systemClock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { CONFIG_FILE, childDirectories, type Env, FLAGS_FILE, LATEST_LINK, rootNetworkDir } from "./disk/layout.ts";
import { lockHolder } from "./disk/lock.ts";
import { readNetworkConfig } from "./disk/network_config.ts";
import { type DirectoryKind, directoryKind, lastUsedAt, madeAt, realPathOf, writtenAt } from "./disk/network_dirs.ts";
import { readOwnRecord } from "./disk/own_record.ts";
import { readStartRecord } from "./disk/start_record.ts";
import { diskUsage } from "./disk/usage.ts";
import { brokenNode } from "./node.ts";
import { nodeProcesses } from "./runtime/node_processes.ts";
import { ProcessRuntime } from "./runtime/process_runtime.ts";

/** How a network is, as far as its files and processes tell. */
export type NetworkState =
  /** All its nodes have a process. */
  | "running"
  /** Some of its nodes have one. */
  | "partly-running"
  | "stopped"
  /** A command is starting it for the first time. */
  | "starting"
  /** Its first start failed or was cut off: it never was healthy, and nothing of it runs. */
  | "failed"
  /** Its making was cut off: it has no `config.json`. */
  | "half-made"
  /** This user may not look into it. */
  | "unreadable";

/** A network in a list. */
export interface NetworkListing {
  /** Its directory's name: when it was made, and for whom. */
  readonly name: string;
  readonly dir: string;
  readonly state: NetworkState;
  readonly owner: string;
  readonly uuid: string;
  /** How many nodes it has, and how many of them run. */
  readonly nodeCount: number;
  readonly runningCount: number;
  /** The names of the directories of nodes that run: their IDs. */
  readonly running: readonly NodeID[];
  /** Whether its nodes are avx's own. */
  readonly ownNodes: boolean;
  /** The program that its nodes run; empty where it has none. */
  readonly program: string;
  /** Whether the link `latest` points to it. */
  readonly latest: boolean;
  /** When it was made and when it was last used, in milliseconds since 1970-01-01 UTC. */
  readonly madeAt: number;
  readonly lastUsedAt: number;
  /** What it takes on the disk, in bytes. */
  readonly bytes: number;
  /** Why its first start failed; absent where it did not, or did not live to say why. */
  readonly failure?: string;
  /** Why its files cannot be understood; absent where they can. */
  readonly problem?: string;
}

/**
 * Lists the networks of a directory, oldest first: those whose making or start failed, too.
 *
 * @param rootDir As given by the user; see `rootNetworkDir`.
 *
 * @example
 * ```ts
 * for (const { dir, state, bytes } of listNetworks(undefined, process.env)) console.log(dir, state, bytes);
 * ```
 */
export function listNetworks(rootDir: string | undefined, env: Env): NetworkListing[] {
  const root = rootNetworkDir(rootDir, env);
  const table = nodeProcesses();
  const runtime = new ProcessRuntime({ clock: systemClock, table }, { env });
  const latest = realPathOf(join(root, LATEST_LINK));
  return childDirectories(root).flatMap((path): NetworkListing[] => {
    const kind = directoryKind(path);
    if (kind === "other") return [];
    const dir = realPathOf(path);
    return [listNetwork(dir, kind, runtime, dir === latest)];
  });
}

function listNetwork(
  dir: string,
  kind: Exclude<DirectoryKind, "other">,
  runtime: ProcessRuntime,
  latest: boolean,
): NetworkListing {
  const nodes = nodeDirectories(dir);
  const running = nodes.map(brokenNode).filter((node) => runtime.inspect(node).status !== "stopped");
  const start = readStartRecord(dir);
  const listing = {
    name: basename(dir),
    dir,
    state: stateOf(dir, kind, nodes.length, running.length),
    owner: "",
    uuid: "",
    nodeCount: nodes.length,
    runningCount: running.length,
    running: running.map(({ nodeID }) => nodeID),
    ownNodes: false,
    program: "",
    latest,
    madeAt: madeAt(dir) ?? writtenAt(join(dir, CONFIG_FILE)),
    lastUsedAt: lastUsedAt(dir, nodes),
    bytes: diskUsage(dir),
    ...(start?.failed === undefined ? {} : { failure: start.failed }),
  };
  if (kind === "unreadable") return { ...listing, problem: "permission denied" };
  try {
    const config = readNetworkConfig(join(dir, CONFIG_FILE));
    return {
      ...listing,
      owner: config?.owner ?? "",
      uuid: config?.uuid ?? "",
      ownNodes: readOwnRecord(dir).ownNodes,
      program: config?.defaultRuntimeConfig.process?.avalancheGoPath ?? "",
    };
  } catch (error) {
    return { ...listing, problem: errorMessage(error) };
  }
}

function stateOf(dir: string, kind: DirectoryKind, nodeCount: number, runningCount: number): NetworkState {
  if (kind === "unreadable") return "unreadable";
  const neverHealthy = kind === "half-made" || readStartRecord(dir) !== undefined;
  if (neverHealthy && isAtWork(dir)) return "starting";
  if (runningCount > 0) return runningCount === nodeCount ? "running" : "partly-running";
  if (kind === "half-made") return "half-made";
  return neverHealthy ? "failed" : "stopped";
}

function isAtWork(dir: string): boolean {
  try {
    return lockHolder(dir) !== undefined;
  } catch {
    return false;
  }
}

/** The directories of a network that are nodes, or were to become some. */
function nodeDirectories(dir: string): string[] {
  try {
    return childDirectories(dir).filter((child) =>
      [CONFIG_FILE, FLAGS_FILE].some((name) => existsSync(join(child, name))),
    );
  } catch {
    return [];
  }
}
