/**
 * Files of a network's directory: written whole or not at all, read with a plain word when they cannot be.
 *
 * A file appears by a rename, so that a reader, or a crash, meets the old one or the new one and never half of one.
 * Directories and files hold keys, so they are the owner's alone.
 *
 * @module
 */

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { errorMessage, systemErrorCode } from "../../core/errors.ts";
import { TmpnetError } from "../errors.ts";

/** Files may hold keys. Upstream's are 0640; its tools read these as well. */
export const FILE_MODE = 0o600;

/** A file that is run. */
export const PROGRAM_MODE = 0o700;

const DIRECTORY_MODE = 0o700;

let counter = 0;

/**
 * Writes a file by way of another one beside it.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function writeFileWhole(path: string, text: string, mode: number = FILE_MODE): void {
  const unfinished = join(dirname(path), `.${basename(path)}.${process.pid}.${counter++}.tmp`);
  try {
    writeFileSync(unfinished, text, { mode });
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw unwritable(path, error);
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
export function readJSONFile(path: string): Record<string, unknown> | undefined {
  const text = readTextFile(path);
  if (text === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw badFile(path, `it is not JSON (${errorMessage(error)})`, error);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw badFile(path, "it is not an object");
  return value as Record<string, unknown>;
}

/**
 * Reads a file of text.
 *
 * @returns `undefined` when there is no such file.
 * @throws {TmpnetError} `bad-file` when it cannot be read.
 */
export function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw badFile(path, reasonOf(error), error);
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
  ENOTDIR: "a part of the path is not a directory",
  ENOENT: "its directory does not exist",
  EISDIR: "it is a directory",
  ENAMETOOLONG: "the path is too long",
  ELOOP: "its links go round in a circle",
};

function reasonOf(error: unknown): string {
  return REASONS[systemErrorCode(error) ?? ""] ?? errorMessage(error);
}

/** An error that says why something cannot be written. */
export function unwritable(path: string, cause: unknown): TmpnetError {
  return new TmpnetError({ code: "unwritable", path }, `Cannot write ${path}: ${reasonOf(cause)}`, { cause });
}
