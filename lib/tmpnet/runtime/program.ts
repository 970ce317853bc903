/**
 * Whether a program can be run as a node.
 *
 * @module
 */

import { accessSync, constants, statSync } from "node:fs";
import { TmpnetError } from "../errors.ts";

const HINT = "Name an avalanchego with --avalanchego-path, or leave it out to run avx's own nodes";

/**
 * Checks a program before anything is made for it.
 *
 * @throws {TmpnetError} `binary` when there is none, or it is no program.
 */
export function checkProgram(path: string): void {
  if (path === "") throw refused(path, "No program is named to run as a node");
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw refused(path, `Cannot run ${path}: there is no such file`);
  }
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw refused(path, `Cannot run ${path}: it is not executable`, cause);
  }
}

/** Whether a path is a file that may be run. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function refused(path: string, message: string, cause?: unknown): TmpnetError {
  return new TmpnetError({ code: "binary", path }, message, { cause, hint: HINT });
}
