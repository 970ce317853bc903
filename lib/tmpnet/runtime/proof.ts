/**
 * Which process is a node: a question that must be answered before any signal is sent.
 *
 * A process is proven to be a node when its command line says so and its start does:
 *
 * 1. Its command line ends in `--config-file <data dir>/flags.json`: so tmpnet and avx start nodes.
 * 2. And one of these holds:
 *    - avx noted this pid with this start when it started the node;
 *    - avx noted that it was about to start the node, and the process began after that;
 *    - the node's `process.json` names this pid, and was written after the process began. Whoever got the pid later
 *      began later.
 *
 * What has the command line and not the start is a suspect: it is told, and left alone.
 *
 * @module
 */

import { statSync } from "node:fs";
import { join } from "node:path";
import { PROCESS_CONTEXT_FILE_NAME, type ProcessContext, readProcessContext } from "../../platform/process_context.ts";
import { FLAGS_FILE } from "../disk/layout.ts";
import type { ProcessInfo, ProcessTable } from "./process_table.ts";
import { readSpawnRecord, type SpawnRecord } from "./spawn_record.ts";

/** What is known about a node's process. */
export interface Findings {
  /** The node. More than one when its command was run twice. */
  readonly proven: readonly ProcessInfo[];
  /** Looks like the node, and cannot be proven to be it. */
  readonly suspects: readonly ProcessInfo[];
  /** What the node wrote about itself; `undefined` when there is no such file, or none that can be understood. */
  readonly context: ProcessContext | undefined;
}

/**
 * How far the start of a process may seem to lie on the wrong side of a file's time, in milliseconds: starts are told
 * in hundredths of a second on Linux and whole seconds elsewhere, and file times come from a coarser clock.
 */
export const START_TOLERANCE_MS = 1_500;

/** The arguments that a node is started with. */
export function nodeArguments(dataDir: string): [string, string] {
  return ["--config-file", join(dataDir, FLAGS_FILE)];
}

/** Whether a command line is that of the node with this data directory. */
export function isCommandOf(dataDir: string, commandLine: string): boolean {
  return commandLine.endsWith(` ${nodeArguments(dataDir).join(" ")}`);
}

/**
 * Looks for the node with this data directory.
 *
 * @param dataDir As its flags have it: the real path.
 */
export function findNode(dataDir: string, table: ProcessTable): Findings {
  const record = readSpawnRecord(dataDir);
  const written = readContext(dataDir);
  const proven: ProcessInfo[] = [];
  const suspects: ProcessInfo[] = [];
  for (const info of candidates(dataDir, table, record, written?.context)) {
    (isProven(info, record, written) ? proven : suspects).push(info);
  }
  return { proven, suspects, context: written?.context };
}

/**
 * Whether what was noted in a data directory proves a process to be its node, whatever its command line names: a
 * directory that was renamed has its notes still. That it is a node's command line is the caller's to see.
 */
export function isNodeOf(dataDir: string, info: ProcessInfo): boolean {
  return isProven(info, readSpawnRecord(dataDir), readContext(dataDir));
}

/** Whether a process that was proven before is still the same one: asked before each further signal. */
export function isStillRunning(proven: ProcessInfo, table: ProcessTable): boolean {
  return table.read(proven.pid)?.startMark === proven.startMark;
}

/** The pids that files name are enough where one of them is the node; else the whole table is looked through. */
function candidates(
  dataDir: string,
  table: ProcessTable,
  record: SpawnRecord | undefined,
  context: ProcessContext | undefined,
): ProcessInfo[] {
  const named = new Set([record?.process?.pid, context?.pid]);
  const found: ProcessInfo[] = [];
  for (const pid of named) {
    const info = pid === undefined ? undefined : table.read(pid);
    if (info === undefined) continue;
    // What we have just started has no command line until it has become its program.
    const isBecoming = info.commandLine === "" && isNoted(info, record);
    if (isBecoming || isCommandOf(dataDir, info.commandLine)) found.push(info);
  }
  return found.length > 0 ? found : table.list((commandLine) => isCommandOf(dataDir, commandLine));
}

function isProven(info: ProcessInfo, record: SpawnRecord | undefined, written: WrittenContext | undefined): boolean {
  if (record?.process?.pid === info.pid) return isNoted(info, record);
  const startedSinceNote = record !== undefined && info.startedAt >= record.spawnedAt - START_TOLERANCE_MS;
  if (startedSinceNote && record.process === undefined) return true;
  return written?.context.pid === info.pid && info.startedAt <= written.at + START_TOLERANCE_MS;
}

/** Whether a process is the very one that avx noted. */
function isNoted(info: ProcessInfo, record: SpawnRecord | undefined): boolean {
  return record?.process?.pid === info.pid && record.process.startMark === info.startMark;
}

interface WrittenContext {
  readonly context: ProcessContext;
  /** When the file was written, in milliseconds since 1970-01-01 UTC. */
  readonly at: number;
}

function readContext(dataDir: string): WrittenContext | undefined {
  const path = join(dataDir, PROCESS_CONTEXT_FILE_NAME);
  try {
    const at = statSync(path).mtimeMs;
    const context = readProcessContext(path);
    return context === undefined ? undefined : { context, at };
  } catch {
    return undefined;
  }
}
