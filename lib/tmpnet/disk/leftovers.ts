/**
 * What processes that were killed in the middle of their work have left in a network's directory.
 *
 * Files and directories that are not finished have names of their own, which say whose they are: nobody reads them, and
 * once their process is no more they are cleared away.
 *
 * @module
 */

import { readdirSync, rmdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemErrorCode } from "../../core/errors.ts";

let counter = 0;

/** A name beside a path for what is not finished, or no longer wanted. */
export function unfinishedPath(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}.${counter++}.tmp`);
}

/** The names of {@link unfinishedPath}, and of a `process.json` that a node was writing. */
const UNFINISHED = /^\..+?\.(\d+)(?:\.\d+)?\.tmp$/;

/**
 * Clears away what processes that are no more have left unfinished. What cannot be removed stays: it is in nobody's way.
 *
 * @param networkDir Nobody else may be at work on it.
 */
export function removeLeftovers(networkDir: string): void {
  for (const { name, isDirectory } of entriesOf(networkDir)) {
    const path = join(networkDir, name);
    if (removeIfLeftOver(path) || !isDirectory) continue;
    for (const inner of entriesOf(path)) removeIfLeftOver(join(path, inner.name));
    // A node that was about to be made: directories that hold anything are left.
    if (name.startsWith("NodeID-")) attempt(() => rmdirSync(path));
  }
}

/** {@link removeLeftovers} of one directory that others use as well, and of nothing below it. */
export function removeLeftoversIn(directory: string): void {
  for (const { name, isDirectory } of entriesOf(directory)) if (!isDirectory) removeIfLeftOver(join(directory, name));
}

function removeIfLeftOver(path: string): boolean {
  const [, pid] = UNFINISHED.exec(basename(path)) ?? [];
  if (pid === undefined || isProcessRunning(Number(pid))) return false;
  attempt(() => rmSync(path, { recursive: true, force: true }));
  return true;
}

/** Whether there is a process with this pid, whoever it is by now. */
export function isProcessRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemErrorCode(error) !== "ESRCH";
  }
}

function entriesOf(dir: string): { readonly name: string; readonly isDirectory: boolean }[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries.map((entry) => ({ name: entry.name, isDirectory: entry.isDirectory() }));
  } catch {
    return [];
  }
}

function attempt(step: () => void): void {
  try {
    step();
  } catch {
    // What cannot be removed stays.
  }
}
