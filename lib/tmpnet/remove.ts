/**
 * Removes networks' directories: stopped ones, and nothing else.
 *
 * A directory is renamed before it is emptied, so that whatever cuts the removal off leaves no half of a network that
 * looks like one; what is left then goes with the next removal. Links inside are removed and never followed, and a
 * network that is reached only by a link out of its root is left alone.
 *
 * @module
 */

import { lstatSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import type { Clock } from "../core/clock.ts";
import { systemClock } from "../core/clock.ts";
import { systemErrorCode } from "../core/errors.ts";
import { sleep } from "../core/sleep.ts";
import { unwritable } from "./disk/files.ts";
import { type Env, LATEST_LINK, pointLink, readLink, rootNetworkDir } from "./disk/layout.ts";
import { unfinishedPath } from "./disk/leftovers.ts";
import { withNetworkLock } from "./disk/lock.ts";
import { directoryKind, isLatestLink, realPathOf } from "./disk/network_dirs.ts";
import { diskUsage } from "./disk/usage.ts";
import { TmpnetError } from "./errors.ts";
import { listNetworks, type NetworkListing } from "./listing.ts";
import { removeServiceDiscoveryOf } from "./monitoring/service_discovery.ts";
import { Network } from "./network.ts";
import { findOrphansOf } from "./orphans.ts";
import { readStoppable } from "./read.ts";
import { nodeProcesses } from "./runtime/node_processes.ts";
import { ProcessRuntime } from "./runtime/process_runtime.ts";

/** The longest time between two files of a network that is made, in milliseconds: a slow disk's. */
const MAKING_PAUSE_MS = 2_000;

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

/** A network that could not be removed. */
export interface NotRemoved {
  readonly dir: string;
  readonly error: unknown;
}

/** What became of several removals. */
export interface Removals {
  readonly removed: readonly RemovedNetwork[];
  readonly failed: readonly NotRemoved[];
  /** What was not meant, because it runs or is another's. */
  readonly kept: readonly NetworkListing[];
}

/** Which networks of a root are meant. */
export interface WhichNetworks {
  /** As given by the user; see `rootNetworkDir`. */
  readonly rootDir?: string | undefined;
  /** Only those that were not used for so long, in milliseconds. Failed starts are meant whatever their age. */
  readonly olderThanMs?: number | undefined;
  /** Only those that were cut off while they were made: they hold nothing. */
  readonly halfMade?: boolean | undefined;
}

/**
 * Removes all networks of a root that are stopped, failed starts and half-made ones with them.
 *
 * With `stop`, those that run are stopped and removed, too.
 *
 * @example
 * ```ts
 * const { removed } = await removeNetworks({ olderThanMs: 7 * 24 * 3_600_000 }, { dryRun: true });
 * for (const { dir, bytes } of removed) console.log(dir, bytes);
 * ```
 */
export async function removeNetworks(
  which: WhichNetworks,
  options: RemoveOptions = {},
  modules: RemoveModules = {},
): Promise<Removals> {
  const { env = process.env, clock = systemClock } = modules;
  const root = rootNetworkDir(which.rootDir, env);
  const oldest = clock.now() - (which.olderThanMs ?? 0);
  const isMeant = ({ state, lastUsedAt }: NetworkListing): boolean => {
    if (state === "half-made") return lastUsedAt <= clock.now() - MAKING_PAUSE_MS;
    if (which.halfMade) return false;
    if (state === "failed") return true;
    if (state === "unreadable" || state === "starting") return false;
    return (state === "stopped" || options.stop === true) && (which.olderThanMs === undefined || lastUsedAt < oldest);
  };
  await waitForMakers(root, env, clock, options.signal);
  const removed: RemovedNetwork[] = [];
  const failed: NotRemoved[] = [];
  const kept: NetworkListing[] = [];
  for (const listing of listNetworks(root, env)) {
    if (options.signal?.aborted) break;
    if (!isMeant(listing)) {
      kept.push(listing);
      continue;
    }
    try {
      removed.push(await removeNetwork(listing.dir, options, modules));
    } catch (error) {
      // Somebody else has just removed it.
      if (!(error instanceof TmpnetError && error.type.code === "no-network")) failed.push({ dir: listing.dir, error });
    }
  }
  if (!options.dryRun) {
    removeRemains(root);
    repairLatestLinks(root, env);
  }
  return { removed, failed, kept };
}

/**
 * A directory that is half made may be in the making: one that is written to every few milliseconds is left time. Not to
 * be written to for long is the mark of one that was cut off.
 */
async function waitForMakers(root: string, env: Env, clock: Clock, signal: AbortSignal | undefined): Promise<void> {
  const newest = Math.max(
    0,
    ...listNetworks(root, env)
      .filter(({ state }) => state === "half-made")
      .map(({ lastUsedAt }) => lastUsedAt),
  );
  const waitMs = newest + MAKING_PAUSE_MS - clock.now();
  if (waitMs > 0) await sleep(clock, Math.min(waitMs, MAKING_PAUSE_MS), signal);
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

/** What removals that were cut off have left in a root. */
function removeRemains(root: string): void {
  for (const name of namesIn(root)) {
    const [, pid] = /^\.\d{8}-\d{6}.*\.(\d+)\.\d+\.tmp$/s.exec(name) ?? [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(root, name), { recursive: true, force: true });
    } catch {
      // It is in nobody's way.
    }
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== "ESRCH";
  }
}

/**
 * Points the links `latest` and `latest_<owner>` that lead nowhere to the last network that is there, and removes those
 * for which there is none.
 */
export function repairLatestLinks(root: string, env: Env): void {
  const broken = namesIn(root).filter((name) => isLatestLink(name) && leadsNowhere(join(root, name)));
  if (broken.length === 0) return;
  const there = listNetworks(root, env).filter(({ state }) => state !== "failed" && state !== "half-made");
  for (const name of broken) {
    const owner = name.slice(LATEST_LINK.length + 1);
    const last = there.filter((network) => name === LATEST_LINK || network.owner === owner).at(-1);
    try {
      if (last === undefined) rmSync(join(root, name), { force: true });
      else pointLink(last.dir, name);
    } catch {
      // A link that leads nowhere is said to be so by whoever goes by it.
    }
  }
}

function leadsNowhere(path: string): boolean {
  const target = readLink(path);
  if (target === undefined) return false;
  return lstatSync(resolve(dirname(path), target), { throwIfNoEntry: false }) === undefined;
}

function namesIn(dir: string): string[] {
  try {
    return readdirSync(dir);
  } catch {
    return [];
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
