/**
 * The second process of a measurement: this program again, compiled or not.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";

/** Starts this program with other arguments; it ends with its parent's kill. */
export function spawnSelf(args: readonly string[]): ChildProcess {
  const script = process.argv[1];
  const compiled = script === undefined || script.startsWith("/$bunfs/") || script.startsWith("B:\\~BUN");
  const command = compiled ? [...args] : [script, ...args];
  return spawn(process.execPath, command, { stdio: ["ignore", "inherit", "inherit"] });
}
