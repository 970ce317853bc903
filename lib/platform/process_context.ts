/**
 * `process.json`: how a running node tells whoever started it where it can be found.
 *
 * The file exists only while the node runs. It appears whole, by a rename, so that a reader never sees half of it.
 * Source: upstream `config/node/process_context.go` and `node/node.go`.
 *
 * @module
 */

import { renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemErrorCode } from "../core/errors.ts";
import { readPlainFile } from "../core/plain_file.ts";
import { PlatformError } from "./errors.ts";

/** The file's name in a node's data directory, unless `process-context-file` says otherwise. */
export const PROCESS_CONTEXT_FILE_NAME = "process.json";

/** Owner reads and writes, group reads: upstream `utils/perms` `ReadWrite`. */
const FILE_MODE = 0o640;

/** The most that is read, in bytes: the file has some hundred, and it lies where anybody may have put another. */
const MAX_FILE_BYTES = 64 * 1024;

/** Where a node is. */
export interface ProcessContext {
  /** The process ID. */
  readonly pid: number;
  /** The HTTP API, such as `http://127.0.0.1:9650`. */
  readonly uri: string;
  /** Where peers connect to, such as `127.0.0.1:9651` or `[::1]:9651`. */
  readonly stakingAddress: string;
}

/** The file's text, as avalanchego prints it. */
export function formatProcessContext({ pid, uri, stakingAddress }: ProcessContext): string {
  return JSON.stringify({ pid, uri, stakingAddress }, null, 2);
}

/**
 * Writes the file, replacing any that is there.
 *
 * @param path The file, in a directory that exists.
 * @throws The system's error when the directory cannot be written.
 */
export function writeProcessContext(path: string, context: ProcessContext): void {
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(unfinished, formatProcessContext(context), { mode: FILE_MODE });
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}

/**
 * Reads the file, whoever wrote it; fields that are not known are passed over.
 *
 * @returns `undefined` when there is no such file, or an empty one: avalanchego makes it first and fills it then.
 * @throws {PlatformError} `process-context` when it holds something else.
 * @throws The system's error when it cannot be read, or an `Error` when it is no plain file of that size.
 */
export function readProcessContext(path: string): ProcessContext | undefined {
  let text: string;
  try {
    text = readPlainFile(path, MAX_FILE_BYTES);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
  return text.length === 0 ? undefined : parseProcessContext(text, path);
}

/** Removes the file; one that is not there is no fault. */
export function removeProcessContext(path: string): void {
  rmSync(path, { force: true });
}

function parseProcessContext(text: string, path: string): ProcessContext {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw malformed(path, "it is not JSON", error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw malformed(path, "it is not an object");

  const { pid, uri, stakingAddress = "" } = value as Record<string, unknown>;
  if (typeof pid !== "number" || !Number.isSafeInteger(pid) || pid <= 0) throw malformed(path, "pid is no process ID");
  if (typeof uri !== "string" || !URL.canParse(uri)) throw malformed(path, "uri is no URI");
  if (typeof stakingAddress !== "string") throw malformed(path, "stakingAddress is no text");
  return { pid, uri, stakingAddress };
}

function malformed(path: string, reason: string, cause?: unknown): PlatformError {
  return new PlatformError({ code: "process-context", path }, `Cannot read ${path}: ${reason}`, {
    cause,
    hint: "If its node no longer runs, remove the file",
  });
}
