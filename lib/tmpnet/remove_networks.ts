/**
 * Removes the networks of a root that nobody uses any more, and what earlier removals have left.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../core/clock.ts";
import { sleep } from "../core/sleep.ts";
import { readableNamesIn } from "./disk/files.ts";
import { type Env, rootNetworkDir } from "./disk/layout.ts";
import { isProcessRunning } from "./disk/leftovers.ts";
import { TmpnetError } from "./errors.ts";
import { repairLatestLinks } from "./latest_links.ts";
import { listNetworks, type NetworkListing } from "./listing.ts";
import { type RemovedNetwork, type RemoveModules, type RemoveOptions, removeNetwork } from "./remove.ts";

/** The longest time between two files of a network that is made, in milliseconds: a slow disk's. */
const MAKING_PAUSE_MS = 2_000;

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

/** What removals that were cut off have left in a root. */
function removeRemains(root: string): void {
  for (const name of readableNamesIn(root)) {
    const [, pid] = /^\.\d{8}-\d{6}.*\.(\d+)\.\d+\.tmp$/s.exec(name) ?? [];
    if (pid === undefined || isProcessRunning(Number(pid))) continue;
    try {
      rmSync(join(root, name), { recursive: true, force: true });
    } catch {
      // It is in nobody's way.
    }
  }
}
