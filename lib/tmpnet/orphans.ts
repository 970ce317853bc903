/**
 * Finds processes of networks that nobody would miss and nobody would find: nodes whose directory is gone, nodes of a
 * start that was killed, and plugins of nodes that were.
 *
 * A process counts as ours when three things together say so, and is named and left alone otherwise:
 *
 * 1. its start: not before its network was made, or as it was noted when it was started;
 * 2. its command line: that of a node with this data directory, or of a plugin that a node is to run;
 * 3. the data directory: what was noted there or, where it is gone, that the process still holds files in it.
 *
 * And it runs as this user, also where this user is root and might end others' processes.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import type { Clock } from "../core/clock.ts";
import { PROCESS_CONTEXT_FILE_NAME } from "../platform/process_context.ts";
import { readJSONFile } from "./disk/files.ts";
import { CONFIG_FILE, childDirectories, type Env, FLAGS_FILE, rootNetworkDir } from "./disk/layout.ts";
import { lockHolder } from "./disk/lock.ts";
import { directoryKind, madeAt, realPathOf, writtenAt } from "./disk/network_dirs.ts";
import { readStartRecord } from "./disk/start_record.ts";
import { endProcess } from "./runtime/end_process.ts";
import { type ProcessDetails, processDetails } from "./runtime/process_details.ts";
import { type ProcessInfo, type ProcessTable, systemProcessTable } from "./runtime/process_table.ts";
import { findNode, isStillRunning } from "./runtime/proof.ts";
import { readSpawnRecord } from "./runtime/spawn_record.ts";

/** Why a process is an orphan. */
export type OrphanKind =
  /** A node whose data directory is gone, or is no node's any more. */
  | "lost-node"
  /** A node of a network whose first start was cut off. */
  | "abandoned-node"
  /** A plugin whose node has ended. */
  | "lost-plugin";

/** A process that nobody looks after. */
export interface Orphan {
  readonly kind: OrphanKind;
  readonly process: ProcessInfo;
  /** The data directory of the node that it is or was of. */
  readonly dataDir: string;
  /** What is not proven is told, and left alone. */
  readonly proven: boolean;
}

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

/** How much earlier than its network a node may seem to begin, in milliseconds: clocks are coarse. */
const START_TOLERANCE_MS = 1_500;

/** What avalanchego tells a plugin where to find it by (upstream `vms/rpcchainvm/runtime`). */
const PLUGIN_VARIABLE = "AVALANCHE_VM_RUNTIME_ENGINE_ADDR";

const NODE_COMMAND = new RegExp(` --config-file (/.+)/${FLAGS_FILE.replace(".", "\\.")}$`, "s");

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
  const search: Search = {
    roots: new Set([named, realPathOf(named)]),
    table: modules.table ?? systemProcessTable(),
    details: modules.details ?? processDetails,
    uid: modules.uid ?? process.getuid?.() ?? -1,
  };
  return [...orphanNodes(search), ...orphanPlugins(search)].sort((a, b) => a.process.pid - b.process.pid);
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

interface Search {
  /** The root, as it was named and without links. */
  readonly roots: ReadonlySet<string>;
  readonly table: ProcessTable;
  readonly details: (pid: number) => ProcessDetails | undefined;
  readonly uid: number;
}

function orphanNodes(search: Search): Orphan[] {
  const found: Orphan[] = [];
  for (const info of search.table.list((commandLine) => NODE_COMMAND.test(commandLine))) {
    const dataDir = NODE_COMMAND.exec(info.commandLine)?.[1] ?? "";
    const networkDir = dirname(dataDir);
    if (!search.roots.has(dirname(networkDir))) continue;
    const details = search.details(info.pid);
    if (details?.uid !== search.uid) continue;
    const facts = { process: info, dataDir };
    if (!existsSync(join(dataDir, CONFIG_FILE))) {
      found.push({ ...facts, kind: "lost-node", proven: beganIn(networkDir, info) && holds(details, dataDir) });
    } else if (isAbandoned(networkDir)) {
      const proven = findNode(dataDir, search.table).proven.some(({ pid }) => pid === info.pid);
      found.push({ ...facts, kind: "abandoned-node", proven });
    }
  }
  return found;
}

/** Whether a network's first start has neither succeeded nor goes on. */
function isAbandoned(networkDir: string): boolean {
  try {
    return readStartRecord(networkDir) !== undefined && lockHolder(networkDir) === undefined;
  } catch {
    return false;
  }
}

function orphanPlugins(search: Search): Orphan[] {
  const ended = endedNodes(search);
  const found: Orphan[] = [];
  // The process of a plugin is called by its path alone.
  for (const info of search.table.list(
    (commandLine) => commandLine.startsWith("/") && !NODE_COMMAND.test(commandLine),
  )) {
    const details = search.details(info.pid);
    if (details?.uid !== search.uid || details.session === undefined) continue;
    if (!details.environment.has(PLUGIN_VARIABLE) || search.table.read(details.session) !== undefined) continue;
    const orphan = ofEndedNode(info, details.session, ended) ?? ofLostNode(info, details, search);
    if (orphan !== undefined) found.push(orphan);
  }
  return found;
}

/** A node that is no more, as its directory has it. */
interface EndedNode {
  readonly dataDir: string;
  /** The process that it was: the session of its plugins, which no other process gets as its pid while they run. */
  readonly pid: number;
  /** It began before this, in milliseconds since 1970-01-01 UTC, and not long before. */
  readonly begunAt: number;
  readonly pluginDir: string;
}

function endedNodes({ roots, table }: Search): EndedNode[] {
  return [...roots]
    .slice(0, 1)
    .flatMap(networkDirectories)
    .flatMap(nodeDirectories)
    .flatMap((dataDir): EndedNode[] => {
      const record = readSpawnRecord(dataDir);
      const { pid: written } = readObject(join(dataDir, PROCESS_CONTEXT_FILE_NAME));
      const pid = record?.process?.pid ?? (typeof written === "number" ? written : undefined);
      const pluginDir = readObject(join(dataDir, FLAGS_FILE))["plugin-dir"];
      if (pid === undefined || typeof pluginDir !== "string" || table.read(pid) !== undefined) return [];
      const begunAt = record?.spawnedAt ?? madeAt(dirname(dataDir)) ?? writtenAt(join(dataDir, FLAGS_FILE));
      return [{ dataDir, pid, begunAt, pluginDir }];
    });
}

function ofEndedNode(info: ProcessInfo, session: number, ended: readonly EndedNode[]): Orphan | undefined {
  const node = ended.find(({ pid }) => pid === session);
  if (node === undefined) return undefined;
  const isPlugin =
    info.commandLine.startsWith(`${realPathOf(node.pluginDir)}${sep}`) ||
    info.commandLine.startsWith(`${node.pluginDir}${sep}`);
  const proven = isPlugin && info.startedAt >= node.begunAt - START_TOLERANCE_MS;
  return { kind: "lost-plugin", process: info, dataDir: node.dataDir, proven };
}

/** A plugin works in the directory of its node, where avx has started that. */
function ofLostNode(info: ProcessInfo, details: ProcessDetails, { roots }: Search): Orphan | undefined {
  for (const file of details.files) {
    const dataDir = dataDirOf(file, roots);
    if (dataDir === undefined || existsSync(join(dataDir, CONFIG_FILE))) continue;
    return { kind: "lost-plugin", process: info, dataDir, proven: beganIn(dirname(dataDir), info) };
  }
  return undefined;
}

/** The data directory that a path lies in, judged by its name. */
function dataDirOf(path: string, roots: ReadonlySet<string>): string | undefined {
  for (const root of roots) {
    if (!path.startsWith(`${root}${sep}`)) continue;
    const [network, node] = path.slice(root.length + 1).split(sep);
    if (network !== undefined && node?.startsWith("NodeID-")) return join(root, network, node);
  }
  return undefined;
}

/** Whether a process began after the network was made that its directory's name tells of. */
function beganIn(networkDir: string, { startedAt }: ProcessInfo): boolean {
  const made = madeAt(networkDir);
  return made !== undefined && startedAt >= made - START_TOLERANCE_MS;
}

function holds({ files }: ProcessDetails, dataDir: string): boolean {
  const real = realPathOf(dataDir);
  return files.some((file) => [dataDir, real].some((dir) => file === dir || file.startsWith(`${dir}${sep}`)));
}

function networkDirectories(root: string): string[] {
  return directoriesIn(root).filter((dir) => directoryKind(dir) === "network");
}

function nodeDirectories(networkDir: string): string[] {
  return directoriesIn(networkDir).filter((dir) => basename(dir).startsWith("NodeID-"));
}

function directoriesIn(dir: string): string[] {
  try {
    return childDirectories(dir);
  } catch {
    return [];
  }
}

function readObject(path: string): Record<string, unknown> {
  try {
    return readJSONFile(path) ?? {};
  } catch {
    return {};
  }
}
