/**
 * Which process is a collector: the question before every signal, and before a second one is started.
 *
 * Its command line names tmpnet's configuration, it works in tmpnet's directory (where the system tells), and it began
 * before `run.pid` named it. A pid that has changed hands since is no collector.
 *
 * @module
 */

import { readlinkSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { readTextFile } from "../disk/files.ts";
import type { Env } from "../disk/layout.ts";
import type { ProcessInfo, ProcessTable } from "../runtime/process_table.ts";
import { START_TOLERANCE_MS } from "../runtime/proof.ts";
import type { Collector } from "./collectors.ts";
import { collectorDir } from "./layout.ts";

/** The file that names a collector's process: its pid, and nothing else. */
export const PID_FILE = "run.pid";

/** A collector that runs. */
export interface RunningCollector {
  readonly info: ProcessInfo;
  /** Its own pages, such as `http://127.0.0.1:9090`. */
  readonly url: string;
  /** Whether it keeps what it collects, and can be asked for it. */
  readonly isLocal: boolean;
}

/** Looks for a collector's process. Changes nothing. */
export function findCollector(collector: Collector, env: Env, table: ProcessTable): RunningCollector | undefined {
  const directory = realPathOf(collectorDir(collector.name, env));
  if (directory === undefined) return undefined;
  const info = named(collector, directory, table) ?? unnamed(collector, directory, table);
  if (info === undefined) return undefined;
  const config = textOf(join(directory, collector.configFile));
  const port = collector.portOf(info.commandLine, config) ?? collector.defaultPort;
  const isLocal = info.commandLine.includes(" --storage.tsdb.path=");
  return { info, url: `http://127.0.0.1:${port}`, isLocal };
}

/** The process that `run.pid` names, if it is one. */
function named(collector: Collector, directory: string, table: ProcessTable): ProcessInfo | undefined {
  const path = join(directory, PID_FILE);
  const [, pid] = /^(\d{1,10})\s*$/.exec(textOf(path)) ?? [];
  const info = pid === undefined || Number(pid) < 1 ? undefined : table.read(Number(pid));
  if (info === undefined || !isCommandOf(collector, info.commandLine)) return undefined;
  const cwd = workingDirectoryOf(info.pid);
  if (cwd !== undefined && cwd !== directory) return undefined;
  const writtenAt = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return info.startedAt <= writtenAt + START_TOLERANCE_MS ? info : undefined;
}

/** One that was started and not written down: known by its directory, where the system tells that. */
function unnamed(collector: Collector, directory: string, table: ProcessTable): ProcessInfo | undefined {
  return table
    .list((commandLine) => isCommandOf(collector, commandLine))
    .find(({ pid }) => workingDirectoryOf(pid) === directory);
}

function isCommandOf({ configArgument }: Collector, commandLine: string): boolean {
  return ` ${commandLine} `.includes(` ${configArgument} `);
}

/** `undefined` where the system does not tell. */
function workingDirectoryOf(pid: number): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

function textOf(path: string): string {
  try {
    return readTextFile(path) ?? "";
  } catch {
    return "";
  }
}

function realPathOf(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
