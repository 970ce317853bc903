/**
 * Which files of a network's directory belong to a snapshot: its state and its configuration.
 *
 * What tells of one run alone stays behind: logs, process.json, flags.json, which is composed anew at every start,
 * metrics, locks, what is unfinished. So do plugins and other programs: they are named, not carried.
 *
 * @module
 */

import { type Dirent, lstatSync, readdirSync, readlinkSync } from "node:fs";
import { basename, isAbsolute, join, posix } from "node:path";
import { PROCESS_CONTEXT_FILE_NAME } from "../../platform/process_context.ts";
import { badFile } from "../disk/files.ts";
import { FLAGS_FILE, HOST_LOG, METRICS_FILE, NETWORK_ENV_FILE, STDIO_LOG } from "../disk/layout.ts";
import { LOCK_FILE } from "../disk/lock.ts";
import { START_RECORD_FILE } from "../disk/start_record.ts";
import { SNAPSHOTS_DIRECTORY } from "../monitoring/snapshot.ts";
import { OWN_NODE_SCRIPT } from "../own_node.ts";
import { SPAWN_RECORD_FILE } from "../runtime/spawn_record.ts";
import { TEST_RECORD_FILE } from "../testing/test_record.ts";
import { SnapshotError } from "./errors.ts";

/** A file, directory or link of a snapshot. */
export interface ContentItem {
  /** From the network's directory, with `/` between its parts. */
  readonly path: string;
  readonly kind: "file" | "directory" | "symlink";
  /** Unix permission bits. */
  readonly mode: number;
  /** Bytes of a file. */
  readonly size: number;
  /** What a link points to. */
  readonly target: string;
}

/** Left out of the network's directory. */
const NETWORK_LEFT_OUT = new Set<string>([
  NETWORK_ENV_FILE,
  METRICS_FILE,
  HOST_LOG,
  START_RECORD_FILE,
  OWN_NODE_SCRIPT,
  TEST_RECORD_FILE,
]);

/** Left out of the directories in it. */
const NODE_LEFT_OUT = new Set<string>([
  FLAGS_FILE,
  PROCESS_CONTEXT_FILE_NAME,
  SPAWN_RECORD_FILE,
  STDIO_LOG,
  SNAPSHOTS_DIRECTORY,
  "logs",
  "plugins",
  "profiles",
]);

/**
 * Whether a path belongs to a snapshot; asked of what is saved, and again of what is loaded.
 *
 * @param path From the network's directory, with `/` between its parts.
 */
export function belongs(path: string): boolean {
  const [first = "", second] = path.split("/");
  if (first.startsWith(LOCK_FILE) || isUnfinished(first)) return false;
  if (second === undefined) return !NETWORK_LEFT_OUT.has(first);
  return !NODE_LEFT_OUT.has(second) && !isUnfinished(second);
}

function isUnfinished(name: string): boolean {
  return name.startsWith(".") && name.endsWith(".tmp");
}

/**
 * Lists what belongs to a snapshot, directories before what is in them.
 *
 * @throws {SnapshotError} `outside` for a link that leads out of the network: what it leads to would be missing.
 * @throws {TmpnetError} `bad-file` for what cannot be read.
 */
export function contentsOf(networkDir: string): ContentItem[] {
  const items: ContentItem[] = [];
  const walk = (parent: string): void => {
    for (const entry of entriesOf(join(networkDir, parent))) {
      const path = posix.join(parent, entry.name);
      if (!belongs(path)) continue;
      const item = itemAt(networkDir, path);
      if (item === undefined) continue;
      items.push(item);
      if (item.kind === "directory") walk(path);
    }
  };
  walk("");
  return items;
}

/** Files and links, and the bytes of all files. */
export function measure(items: readonly ContentItem[]): { readonly files: number; readonly bytes: number } {
  const files = items.filter(({ kind }) => kind !== "directory").length;
  return { files, bytes: items.reduce((sum, { size }) => sum + size, 0) };
}

/** @returns `undefined` for sockets and pipes, which hold nothing, and for what has just gone. */
function itemAt(networkDir: string, path: string): ContentItem | undefined {
  const full = join(networkDir, path);
  const stat = lstatSync(full, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  const mode = stat.mode & 0o777;
  if (stat.isDirectory()) return { path, kind: "directory", mode, size: 0, target: "" };
  if (stat.isFile()) return { path, kind: "file", mode, size: stat.size, target: "" };
  if (!stat.isSymbolicLink()) return undefined;
  const target = readlinkSync(full);
  const lands = posix.normalize(posix.join(posix.dirname(path), target));
  if (isAbsolute(target) || lands.startsWith("..") || target.split("/").slice(1).includes("..")) {
    const message = `${full} is a link to ${target}: a snapshot would be without what lies there`;
    throw new SnapshotError({ code: "outside", what: basename(path) }, message, {
      hint: "Put what it leads to in its place",
    });
  }
  return { path, kind: "symlink", mode, size: 0, target };
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw badFile(path, "the directory cannot be read", error);
  }
}
