/**
 * The second process of a measurement: this program again, compiled or not.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { isCompiled } from "../lib/core/program.ts";

/** Starts this program with other arguments; it ends with its parent's kill. */
export function spawnSelf(args: readonly string[]): ChildProcess {
  const command = isCompiled() ? [...args] : [process.argv[1] as string, ...args];
  return spawn(process.execPath, command, { stdio: ["ignore", "inherit", "inherit"] });
}
