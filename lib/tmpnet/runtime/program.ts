/**
 * Whether a program can be run, and where programs are found.
 *
 * @module
 */

import { accessSync, constants, statSync } from "node:fs";
import { delimiter, resolve } from "node:path";
import type { Env } from "../disk/layout.ts";
import { TmpnetError } from "../errors.ts";

const HINT = "Name an avalanchego with --avalanchego-path, or leave it out to run avx's own nodes";

/** What to do where a network that is there already names the program. */
export const RECORDED_PROGRAM_HINT =
  "Put it back, or name another as avalancheGoPath in the config.json of the network or of the node";

/**
 * Checks a program before anything is made for it.
 *
 * @param hint What to do about it.
 * @throws {TmpnetError} `binary` when there is none, or it is no program.
 */
export function checkProgram(path: string, hint = HINT): void {
  const refused = (message: string, cause?: unknown) =>
    new TmpnetError({ code: "binary", path }, message, { cause, hint });
  if (path === "") throw refused("No program is named to run as a node");
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) {
    throw refused(`Cannot run ${path}: there is no such file`);
  }
  try {
    accessSync(path, constants.X_OK);
  } catch (cause) {
    throw refused(`Cannot run ${path}: it is not executable`, cause);
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

/** Where a program is that is called by its name alone: the first on `PATH`. */
export function findOnPath(name: string, { PATH = "" }: Env): string | undefined {
  const directories = PATH.split(delimiter).filter((directory) => directory !== "");
  return directories.map((directory) => resolve(directory, name)).find(isExecutable);
}
