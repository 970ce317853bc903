/**
 * Which logs a node has: the files that are written now, and those that were put aside before them.
 *
 * @module
 */

import { type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { readableNamesIn } from "../disk/files.ts";
import { STDIO_LOG } from "../disk/layout.ts";

/** The directory of a node's logs, in its data directory. */
export const LOGS_DIRECTORY = "logs";

/** A log that a node writes. */
export interface NodeLog {
  /** Its file's name, such as `main.log`. */
  readonly name: string;
  readonly path: string;
}

/** A file that was put aside when it was full, perhaps compressed with gzip. */
export interface AsideFile {
  readonly path: string;
  /** Its name without `.gz`: the same before and after it is compressed. */
  readonly key: string;
  /** When it was put aside, in milliseconds since 1970-01-01 UTC: nothing in it is later. */
  readonly at: number;
}

/** lumberjack's names: `main-2026-11-21T06-14-21.321.log`, in UTC. */
const ASIDE = /^(.+)-(\d{4}-\d\d-\d\dT)(\d\d)-(\d\d)-(\d\d\.\d{3})\.log(\.gz)?$/;

/** The logs of a node, sorted by name; what it prints comes last. */
export function nodeLogs(dataDir: string): NodeLog[] {
  const directory = join(dataDir, LOGS_DIRECTORY);
  const logs = readableNamesIn(directory)
    .filter((name) => name.endsWith(".log") && !ASIDE.test(name))
    .sort()
    .map((name): NodeLog => ({ name, path: join(directory, name) }));
  const stdio = join(dataDir, STDIO_LOG);
  return (fileStats(stdio)?.size ?? 0) > 0 ? [...logs, { name: STDIO_LOG, path: stdio }] : logs;
}

/** The files of a log that were put aside, oldest first; one that is there in both forms stands once. */
export function asideFiles(log: NodeLog): AsideFile[] {
  const directory = join(log.path, "..");
  const prefix = log.name.replace(/\.log$/, "");
  const found = new Map<string, AsideFile>();
  for (const name of readableNamesIn(directory)) {
    const match = name.startsWith(`${prefix}-`) ? ASIDE.exec(name) : null;
    if (match === null || match[1] !== prefix) continue;
    const [, , date, hour, minute, second, gz] = match;
    const key = gz === undefined ? name : name.slice(0, -gz.length);
    // While one is being compressed both are there, and only the first is whole.
    if (gz !== undefined && found.has(key)) continue;
    found.set(key, { path: join(directory, name), key, at: Date.parse(`${date}${hour}:${minute}:${second}Z`) });
  }
  return [...found.values()].sort((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1));
}

/** A file's state; `undefined` where there is no such file, or it is none. */
export function fileStats(path: string): Stats | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    return stats?.isFile() ? stats : undefined;
  } catch {
    return undefined;
  }
}
