/**
 * Removes a network's directory: a stopped one, and nothing else.
 *
 * A directory is renamed before it is emptied, so that whatever cuts the removal off leaves no half of a network that
 * looks like one; what is left then goes with the next removal. Links inside are removed and never followed, and a
 * network that is reached only by a link out of its root is left alone.
 *
 * @module
 */

import { lstatSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import { systemClock } from "../core/clock.ts";
import { systemErrorCode } from "../core/errors.ts";
import { unwritable } from "./disk/files.ts";
import type { Env } from "./disk/layout.ts";
import { unfinishedPath } from "./disk/leftovers.ts";
import { withNetworkLock } from "./disk/lock.ts";
import { directoryKind, realPathOf } from "./disk/network_dirs.ts";
import { diskUsage } from "./disk/usage.ts";
import { TmpnetError } from "./errors.ts";
import { repairLatestLinks } from "./latest_links.ts";
import { removeServiceDiscoveryOf } from "./monitoring/service_discovery.ts";
import { Network } from "./network.ts";
import { findOrphansOf } from "./orphans.ts";
import { readStoppable } from "./read.ts";
import { nodeProcesses } from "./runtime/node_processes.ts";
import { ProcessRuntime } from "./runtime/process_runtime.ts";

/** How a removal behaves. */
export interface RemoveOptions {
  /** Stops what runs first; a network of which something runs is refused otherwise. */
  readonly stop?: boolean | undefined;
  /** Finds out what would be done, and does nothing. */
  readonly dryRun?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a removal needs; all of it has a default. */
export interface RemoveModules {
  readonly clock?: Clock | undefined;
  readonly env?: Env | undefined;
}

/** What was removed, or would be. */
export interface RemovedNetwork {
  readonly dir: string;
  /** What it took on the disk. */
  readonly bytes: number;
  /** How many nodes were stopped for it. */
  readonly stopped: number;
}

/**
 * Removes one network.
 *
 * @param path Its directory. A link to a network beside it, such as `latest`, stands for that one.
 * @throws {TmpnetError} `no-network` where there is none, `unsafe` where a link leads elsewhere, `running`, `busy`,
 * `not-stopped`, `unwritable`.
 *
 * @example
 * ```ts
 * const network = await Network.start({ nodeCount: 2 });
 * const { bytes } = await removeNetwork(network.dir, { stop: true });
 * console.log(bytes);
 * ```
 */
export async function removeNetwork(
  path: string,
  options: RemoveOptions = {},
  modules: RemoveModules = {},
): Promise<RemovedNetwork> {
  const { env = process.env, clock = systemClock } = modules;
  const dir = removableDir(path);
  const runningCount = countRunning(dir, env, clock);
  if (runningCount > 0 && !options.stop) throw running(dir, runningCount);
  const facts = { dir, stopped: runningCount };
  if (options.dryRun) return { ...facts, bytes: diskUsage(dir) };

  return await withNetworkLock(
    dir,
    "removing the network",
    async () => {
      if (options.stop) await Network.stop(dir, { metricsSnapshot: false }, { env, clock });
      const left = countRunning(dir, env, clock);
      if (left > 0) throw running(dir, left);
      const bytes = diskUsage(dir);
      removeDirectory(dir);
      forgetMonitoring(dir, env);
      return { ...facts, bytes };
    },
    { signal: options.signal, waitMs: 0, orWithout: true, clock },
  ).finally(() => repairLatestLinks(dirname(dir), env));
}

/** Nodes that were killed have left what tells collectors of them. It is in nobody's way where it must stay. */
function forgetMonitoring(dir: string, env: Env): void {
  try {
    removeServiceDiscoveryOf(dir, env);
  } catch {
    // The network is removed, which was asked for.
  }
}

/** @returns The network's directory itself, with no link in it. */
function removableDir(path: string): string {
  const named = resolve(path);
  const dir = realPathOf(named);
  const isLink = lstatSync(named, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  if (isLink && dirname(dir) !== realPathOf(dirname(named))) {
    throw new TmpnetError(
      { code: "unsafe", path: named },
      `${named} is a link that leads out of its directory, to ${dir}: nothing is removed by way of it`,
      { hint: `If that network is meant, name it: --network-dir ${dir}` },
    );
  }
  const kind = directoryKind(dir);
  if (kind === "network" || kind === "half-made") return dir;
  const reason = kind === "unreadable" ? "this user may not look into it" : "it is no network";
  throw new TmpnetError({ code: "no-network", path: dir }, `${dir} is not removed: ${reason}`);
}

/** How many nodes run, or may, as may what is none of its nodes any more: what looks like a node and cannot be proven to be one may be writing there, too. */
function countRunning(dir: string, env: Env, clock: Clock): number {
  const orphans = findOrphansOf(dir).length;
  if (directoryKind(dir) === "half-made") return orphans;
  const runtime = new ProcessRuntime({ clock, table: nodeProcesses() }, { env });
  const nodes = readStoppable(dir).nodes.filter((node) => {
    const state = runtime.inspect(node);
    return state.status !== "stopped" || state.unproven.length > 0;
  });
  return nodes.length + orphans;
}

function removeDirectory(dir: string): void {
  const unwanted = unfinishedPath(dir);
  try {
    renameSync(dir, unwanted);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") throw gone(dir, error);
    throw unwritable(dir, error);
  }
  try {
    rmSync(unwanted, { recursive: true, force: true, maxRetries: 3 });
  } catch (error) {
    throw unwritable(unwanted, error);
  }
}

function running(dir: string, count: number): TmpnetError {
  const nodes = count === 1 ? "a node of it runs" : `${count} nodes of it run`;
  return new TmpnetError({ code: "running", path: dir }, `${basename(dir)} is not removed: ${nodes}`, {
    hint: "Stop it first, or add --stop",
  });
}

function gone(dir: string, cause: unknown): TmpnetError {
  return new TmpnetError({ code: "no-network", path: dir }, `${dir} is gone already`, { cause });
}
