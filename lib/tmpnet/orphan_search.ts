/**
 * What orphans are, and where they are looked for: in one network, or in all of a root.
 *
 * @module
 */

import { dirname, join, resolve, sep } from "node:path";
import { childDirectories, FLAGS_FILE } from "./disk/layout.ts";
import { directoryKind, madeAt, realPathOf } from "./disk/network_dirs.ts";
import type { ProcessDetails } from "./runtime/process_details.ts";
import type { ProcessInfo, ProcessTable } from "./runtime/process_table.ts";
import { START_TOLERANCE_MS } from "./runtime/proof.ts";

/** Why a process is an orphan. */
export type OrphanKind =
  /** A node whose data directory is gone or has another name, or is no node's any more. */
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

const NODE_COMMAND = new RegExp(` --config-file (/.+)/${FLAGS_FILE.replace(".", "\\.")}$`, "s");

/** The data directory that a command line names as nodes do; `undefined` for any other command line. */
export function nodeCommandOf(commandLine: string): string | undefined {
  return NODE_COMMAND.exec(commandLine)?.[1];
}

/** Where orphans are looked for. Paths are judged by their names: what they name may be gone. */
export interface Scope {
  /** The network's directory that a path lies in; `undefined` for one that lies elsewhere. */
  readonly networkOf: (path: string) => string | undefined;
  /** The directories of networks that are there. */
  readonly networks: () => readonly string[];
}

export function scopeOfRoot(named: string): Scope {
  const roots = [...new Set([named, realPathOf(named)])];
  return {
    networkOf(path) {
      const root = roots.find((each) => path.startsWith(`${each}${sep}`));
      const [name] = root === undefined ? [] : path.slice(root.length + 1).split(sep);
      return root === undefined || !name ? undefined : join(root, name);
    },
    networks: () => directoriesIn(named).filter((dir) => directoryKind(dir) === "network"),
  };
}

export function scopeOfNetwork(networkDir: string): Scope {
  const named = resolve(networkDir);
  const dirs = [...new Set([named, realPathOf(named)])];
  return {
    networkOf: (path) => dirs.find((dir) => path === dir || path.startsWith(`${dir}${sep}`)),
    networks: () => dirs.slice(-1),
  };
}

/** A search for orphans. */
export interface Search {
  readonly scope: Scope;
  readonly table: ProcessTable;
  readonly details: (pid: number) => ProcessDetails | undefined;
  readonly uid: number;
}

/** Whether a process began after the network was made that its directory's name tells of. */
export function beganIn(networkDir: string, { startedAt }: ProcessInfo): boolean {
  const made = madeAt(networkDir);
  return made !== undefined && startedAt >= made - START_TOLERANCE_MS;
}

/** Whether a process has its working directory, or an open file, in a directory of a network, or had it there. */
export function holds({ files }: ProcessDetails, networkDir: string): boolean {
  const { networkOf } = scopeOfNetwork(networkDir);
  return files.some((file) => networkOf(dirname(file)) !== undefined);
}

/** The directories in a directory; none where it cannot be read. */
export function directoriesIn(dir: string): string[] {
  try {
    return childDirectories(dir);
  } catch {
    return [];
  }
}
