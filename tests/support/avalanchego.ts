/**
 * The real avalanchego, where this machine has one.
 *
 * @module
 */

import { findProgram } from "./programs.ts";

/** Absolute path of the avalanchego that tests run, from `AVALANCHEGO_PATH` or else `PATH`; `undefined` without one. */
export const AVALANCHEGO: string | undefined = findProgram("avalanchego", "AVALANCHEGO_PATH");

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
