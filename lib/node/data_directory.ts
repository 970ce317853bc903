/**
 * The directory that a node has to itself.
 *
 * @module
 */

import { accessSync, constants, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { Clock } from "../core/clock.ts";
import {
  type ProcessContext,
  readProcessContext,
  removeProcessContext,
  writeProcessContext,
} from "../platform/process_context.ts";
import { plainReason } from "./config/settings.ts";
import { inUse, lockDirectory } from "./directory_lock.ts";
import { NodeError } from "./errors.ts";

/** What holds keys is closed to others. */
const DIRECTORY_MODE = 0o700;

/** How long a node that may run there has to answer. */
const ANSWER_TIMEOUT_MS = 500;

/**
 * Makes a directory that can be written.
 *
 * @param flag Who is told of in the error.
 * @throws {NodeError} `cannot-write`.
 */
export function prepareDirectory(path: string, flag: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
    accessSync(path, constants.W_OK);
  } catch (error) {
    throw cannotWrite(path, flag, error);
  }
}

/** The error for a place that a node must write to and cannot. */
export function cannotWrite(path: string, flag: string, error: unknown): NodeError {
  return new NodeError({ code: "cannot-write", path }, `Cannot write to ${path}: ${plainReason(error)}`, {
    cause: error,
    hint: `Give a directory that can be written with ${flag}`,
  });
}

/**
 * Takes the data directory for a node: two with one identity would drive each other's peers away. Disposing of what is
 * returned gives it back.
 *
 * @param pid The process that the node is known by.
 * @throws {NodeError} `in-use` where another node runs there, `cannot-write`.
 */
export async function claimDataDirectory(
  modules: { readonly clock: Clock },
  path: string,
  pid: number,
): Promise<Disposable> {
  prepareDirectory(path, "data-dir");
  try {
    return await lockDirectory(modules, path, pid);
  } catch (error) {
    throw error instanceof NodeError ? error : cannotWrite(path, "data-dir", error);
  }
}

/**
 * Takes over the place of the process context file: one that a killed node left behind is removed.
 *
 * @param pid The process that the node is known by.
 * @throws {NodeError} `in-use` where its node still runs, `cannot-write`.
 */
export async function claimProcessContext(path: string, pid: number): Promise<void> {
  prepareDirectory(dirname(path), "process-context-file");
  let left: ProcessContext | undefined;
  try {
    left = readProcessContext(path);
  } catch {
    // What cannot be read tells of no running node.
  }
  if (left !== undefined && left.pid !== pid && (await isRunning(left))) {
    throw inUse(path, left.pid);
  }
  removeProcessContext(path);
}

/** Whether the process is there and answers as a node: a process ID alone may be someone else's by now. */
async function isRunning({ pid, uri }: ProcessContext): Promise<boolean> {
  try {
    process.kill(pid, 0);
    const response = await fetch(`${uri}/ext/health/liveness`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
    return response.headers.has("node-id");
  } catch {
    return false;
  }
}

/**
 * Tells others where the node is.
 *
 * @throws {NodeError} `cannot-write`.
 */
export function announceProcess(path: string, context: ProcessContext): void {
  try {
    writeProcessContext(path, context);
  } catch (error) {
    throw cannotWrite(path, "process-context-file", error);
  }
}

/** Takes back what {@link announceProcess} told, unless another node has told since. */
export function withdrawProcess(path: string, pid: number): void {
  try {
    if (readProcessContext(path)?.pid === pid) removeProcessContext(path);
  } catch {
    // Whatever it is, it is not ours.
  }
}
