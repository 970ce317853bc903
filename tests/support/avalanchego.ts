/**
 * The real avalanchego, where this machine has one.
 *
 * @module
 */

import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";

/** Absolute path of the avalanchego that tests run, from `AVALANCHEGO_PATH` or else `PATH`; `undefined` without one. */
export const AVALANCHEGO: string | undefined = findAvalanchego();

/**
 * Names a test so that a skip says why: give it to the test that is skipped without avalanchego.
 *
 * @example
 * ```ts
 * test.skipIf(AVALANCHEGO === undefined)(needsAvalanchego("avalanchego lists avx among its peers"), async () => {
 *   const node = spawn(AVALANCHEGO as string, ["--config-file", file]);
 * });
 * ```
 */
export function needsAvalanchego(name: string): string {
  return AVALANCHEGO === undefined ? `${name} (skipped: no avalanchego by AVALANCHEGO_PATH or on PATH)` : name;
}

function findAvalanchego(): string | undefined {
  const { AVALANCHEGO_PATH, PATH = "" } = process.env;
  if (AVALANCHEGO_PATH) {
    const path = resolve(AVALANCHEGO_PATH);
    // A path that was given and is wrong must not look like a skip.
    if (!isExecutable(path)) throw new Error(`AVALANCHEGO_PATH names no executable file: ${path}`);
    return path;
  }
  return PATH.split(delimiter)
    .filter((directory) => directory !== "")
    .map((directory) => join(directory, "avalanchego"))
    .find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
