/**
 * Finds processes of networks that nobody would miss and nobody would find: nodes whose directory is gone or has another
 * name, nodes of a start that was killed, and plugins of nodes that were.
 *
 * A process counts as ours when three things together say so, and is named and left alone otherwise:
 *
 * 1. its start: not before its network was made, or as it was noted when it was started;
 * 2. its command line: that of a node with this data directory, or of a plugin that a node is to run;
 * 3. the data directory: what was noted there or, where it is gone, that the process still holds files of its network.
 *
 * And it runs as this user, also where this user is root and might end others' processes.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname, join, sep } from "node:path";
import type { Clock } from "../core/clock.ts";
import { CONFIG_FILE, type Env, rootNetworkDir } from "./disk/layout.ts";
import { lockHolder } from "./disk/lock.ts";
import { readStartRecord } from "./disk/start_record.ts";
import { harmless } from "./logs/entry.ts";
import { orphanPlugins } from "./orphan_plugins.ts";
import {
  beganIn,
  holds,
  nodeCommandOf,
  type Orphan,
  type Scope,
  type Search,
  scopeOfNetwork,
  scopeOfRoot,
} from "./orphan_search.ts";
import { endProcess } from "./runtime/end_process.ts";
import { type ProcessDetails, processDetails } from "./runtime/process_details.ts";
import { type ProcessInfo, type ProcessTable, systemProcessTable } from "./runtime/process_table.ts";
import { findNode, isNodeOf, isStillRunning } from "./runtime/proof.ts";

export type { Orphan, OrphanKind } from "./orphan_search.ts";

/** What the search needs; all of it has a default. */
export interface OrphanModules {
  readonly table?: ProcessTable | undefined;
  readonly details?: ((pid: number) => ProcessDetails | undefined) | undefined;
  /** Whose processes are ours. @default This process's user. */
  readonly uid?: number | undefined;
}

/** How an orphan came to its end. */
export interface EndedOrphan {
  readonly orphan: Orphan;
  readonly how: "stopped" | "killed" | "still-running";
}

/** How long an orphan may take to end before it is killed, in milliseconds. */
const GRACE_MS = 10_000;

/**
 * Looks for orphans of the networks of a root.
 *
 * @param rootDir As given by the user; see `rootNetworkDir`. It need not be there any more.
 *
 * @example
 * ```ts
 * for (const { kind, process: found } of findOrphans(undefined, process.env)) console.log(kind, found.pid);
 * ```
 */
export function findOrphans(rootDir: string | undefined, env: Env, modules: OrphanModules = {}): Orphan[] {
  const named = rootNetworkDir(rootDir, env);
  return find(scopeOfRoot(named), modules);
}

/**
 * Looks for orphans of one network: what still runs of it and is no node of its directory. The nodes of a start that
 * was cut off are, and are left out.
 *
 * @param networkDir It need not be there any more.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * console.log(findOrphansOf(network.dir).length); // 0
 * ```
 */
export function findOrphansOf(networkDir: string, modules: OrphanModules = {}): Orphan[] {
  return find(scopeOfNetwork(networkDir), modules).filter(({ kind }) => kind !== "abandoned-node");
}

/**
 * Ends orphans that are proven to be ours; each is looked up again before it is sent anything.
 *
 * @returns What became of them; those that are not proven are left out.
 *
 * @example
 * ```ts
 * const ended = await endOrphans(findOrphans(undefined, process.env), { clock: systemClock });
 * console.log(ended.length);
 * ```
 */
export async function endOrphans(
  orphans: readonly Orphan[],
  modules: { readonly clock: Clock; readonly table?: ProcessTable | undefined },
): Promise<EndedOrphan[]> {
  const { clock, table = systemProcessTable() } = modules;
  const proven = orphans.filter((orphan) => orphan.proven);
  return await Promise.all(
    proven.map(async (orphan): Promise<EndedOrphan> => {
      const how = await endProcess(orphan.process, { clock, table }, { graceMs: GRACE_MS });
      return { orphan, how: isStillRunning(orphan.process, table) ? "still-running" : how };
    }),
  );
}

/** What an orphan is, in words that follow "process 4711:". */
export function orphanName({ kind, dataDir }: Orphan): string {
  const dir = harmless(dataDir);
  switch (kind) {
    case "lost-node":
      return `a node whose directory ${dir} is gone`;
    case "abandoned-node":
      return `a node of a start that was cut off, ${dir}`;
    case "lost-plugin":
      return `a plugin of a node that has ended, ${dir}`;
  }
}

function find(scope: Scope, modules: OrphanModules): Orphan[] {
  const search: Search = {
    scope,
    table: modules.table ?? systemProcessTable(),
    details: modules.details ?? processDetails,
    uid: modules.uid ?? process.getuid?.() ?? -1,
  };
  return [...orphanNodes(search), ...orphanPlugins(search)].sort((a, b) => a.process.pid - b.process.pid);
}

function orphanNodes({ scope, table, details: detailsOf, uid }: Search): Orphan[] {
  const found: Orphan[] = [];
  for (const info of table.list((commandLine) => nodeCommandOf(commandLine) !== undefined)) {
    const dataDir = nodeCommandOf(info.commandLine) ?? "";
    const networkDir = dirname(dataDir);
    const isNamed = scope.networkOf(dataDir) === networkDir;
    const isLost = !existsSync(join(dataDir, CONFIG_FILE));
    if (!isLost && !(isNamed && isAbandoned(networkDir))) continue;
    const details = detailsOf(info.pid);
    if (details?.uid !== uid) continue;
    const facts = { process: info, dataDir };
    if (!isLost) {
      const proven = findNode(dataDir, table).proven.some(({ pid }) => pid === info.pid);
      found.push({ ...facts, kind: "abandoned-node", proven });
      continue;
    }
    // A directory that was renamed, or its network with it, is no more what the command line says.
    const isHere = isNamed || details.files.some((file) => scope.networkOf(file) !== undefined);
    const proven =
      isHere && ((beganIn(networkDir, info) && holds(details, networkDir)) || isNotedWhereItWorks(info, details));
    if (isNamed || proven) found.push({ ...facts, kind: "lost-node", proven });
  }
  return found;
}

/** How many directories above a file that a node has open its data directory may lie: `logs/main.log` has two. */
const MAX_DEPTH = 3;

/** Whether a directory above a file that a process holds has the note that proves the process to be its node. */
function isNotedWhereItWorks(info: ProcessInfo, { files }: ProcessDetails): boolean {
  const dirs = new Set<string>();
  for (const file of files.filter((path) => path.startsWith(sep))) {
    for (let dir = file, depth = 0; depth < MAX_DEPTH; dir = dirname(dir), depth++) dirs.add(dir);
  }
  return [...dirs].some((dir) => isNodeOf(dir, info));
}

/** Whether a network's first start has neither succeeded nor goes on. */
function isAbandoned(networkDir: string): boolean {
  try {
    return readStartRecord(networkDir) !== undefined && lockHolder(networkDir) === undefined;
  } catch {
    return false;
  }
}
