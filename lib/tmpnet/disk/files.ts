/**
 * Files of a network's directory: written whole or not at all, read with a plain word when they cannot be.
 *
 * A file appears by a rename, so that a reader, or a crash, meets the old one or the new one and never half of one.
 * Directories and files hold keys, so they are the owner's alone.
 *
 * @module
 */

import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { errorMessage, systemErrorCode } from "../../core/errors.ts";
import { readPlainFile } from "../../core/plain_file.ts";
import type { GoJSONValue } from "../../platform/go_json/format.ts";
import { TmpnetError } from "../errors.ts";
import { parseFile } from "./json.ts";
import { unfinishedPath } from "./leftovers.ts";

/** Files may hold keys. Upstream's are 0640; its tools read these as well. */
export const FILE_MODE = 0o600;

/** A file that is run. */
export const PROGRAM_MODE = 0o700;

const DIRECTORY_MODE = 0o700;

/**
 * The most that a file may hold, in bytes: mainnet's genesis has some two million, and a directory may be anybody's.
 */
const MAX_FILE_BYTES = 64 * 1024 * 1024;

/** How a file is written. */
export interface WriteOptions {
  /** @default {0o600} */
  readonly mode?: number;
  /**
   * Whether it is on the disk, to outlive a loss of power, before the call returns. What is written anew at every start
   * need not be.
   *
   * @default {true}
   */
  readonly durable?: boolean;
}

/**
 * Writes a file by way of another one beside it. A link that has the file's name is replaced, and not followed.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function writeFileWhole(path: string, text: string, options: WriteOptions = {}): void {
  const { mode = FILE_MODE, durable = true } = options;
  const unfinished = unfinishedPath(path);
  try {
    const fd = openSync(unfinished, "wx", mode);
    try {
      writeFileSync(fd, text);
      if (durable) fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(unfinished, path);
    if (durable) syncDirectory(dirname(path));
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw unwritable(path, error);
  }
}

/** Has the disk know what a directory holds: a file's new name is its directory's content. */
export function syncDirectory(path: string): void {
  const fd = openSync(path, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/**
 * Makes a directory and those above it; one that is there is left as it is.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: DIRECTORY_MODE });
  } catch (error) {
    throw unwritable(path, error);
  }
}

/**
 * Makes a directory that nobody else has made.
 *
 * @returns `false` when it is there already.
 * @throws {TmpnetError} `unwritable`.
 */
export function makeNewDirectory(path: string): boolean {
  try {
    mkdirSync(path, { mode: DIRECTORY_MODE });
    return true;
  } catch (error) {
    if (systemErrorCode(error) === "EEXIST") return false;
    throw unwritable(path, error);
  }
}

/**
 * Reads a file of JSON that holds an object.
 *
 * @returns `undefined` when there is no such file.
 * @throws {TmpnetError} `bad-file` when it cannot be read or holds something else.
 */
export function readJSONFile(path: string): Record<string, GoJSONValue> | undefined {
  const text = readTextFile(path);
  if (text === undefined) return undefined;
  let value: GoJSONValue;
  try {
    value = parseFile(text);
  } catch (error) {
    throw badFile(path, `it is not JSON (${errorMessage(error)})`, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badFile(path, "it is not an object");
  return value as Record<string, GoJSONValue>;
}

/**
 * Reads a file of text.
 *
 * @param maxBytes What a longer file is refused at.
 * @returns `undefined` when there is no such file.
 * @throws {TmpnetError} `bad-file` when it cannot be read, is no plain file, or is too long.
 */
export function readTextFile(path: string, maxBytes = MAX_FILE_BYTES): string | undefined {
  try {
    return readPlainFile(path, maxBytes);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw badFile(path, reasonOf(error), error);
  }
}

/**
 * The names in a directory; none where there is no such directory.
 *
 * @throws {TmpnetError} `bad-file` when it cannot be read.
 */
export function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw badFile(directory, "it is not a directory that can be read", error);
  }
}

/** The names in a directory; none where it cannot be read. */
export function readableNamesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}

/** An error that says what is wrong with a file. */
export function badFile(path: string, reason: string, cause?: unknown): TmpnetError {
  return new TmpnetError({ code: "bad-file", path }, `Cannot read ${path}: ${reason}`, { cause });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  EROFS: "the file system is read-only",
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is larger than this user's may be (ulimit -f)",
  // What Bun 1.4 says instead of ENOTDIR where something is to be removed.
  EFAULT: "a part of the path is not a directory",
  ENOTDIR: "a part of the path is not a directory",
  ENOENT: "its directory does not exist",
  EISDIR: "it is a directory",
  ERR_FS_EISDIR: "it is a directory",
  ENAMETOOLONG: "the path is too long",
  ELOOP: "it is a link where none is followed, or its links go round in a circle",
};

function reasonOf(error: unknown): string {
  return REASONS[systemErrorCode(error) ?? ""] ?? errorMessage(error);
}

/** An error that says why something cannot be written. */
export function unwritable(path: string, cause: unknown): TmpnetError {
  return new TmpnetError({ code: "unwritable", path }, `Cannot write ${path}: ${reasonOf(cause)}`, { cause });
}
