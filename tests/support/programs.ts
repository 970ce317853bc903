/**
 * Programs of others that tests run where they are found.
 *
 * @module
 */

import { resolve } from "node:path";
import { findOnPath, isExecutable } from "../../lib/tmpnet/runtime/program.ts";

/**
 * Finds a program.
 *
 * @param name As it is called on `PATH`.
 * @param variable Names the variable that says which to take.
 * @returns Its absolute path; `undefined` when there is none.
 * @throws When the variable names no program: a path that was given and is wrong must not look like a skip.
 */
export function findProgram(name: string, variable: string): string | undefined {
  const { [variable]: named } = process.env;
  if (named) {
    const path = resolve(named);
    if (!isExecutable(path)) throw new Error(`${variable} names no executable file: ${path}`);
    return path;
  }
  return findOnPath(name, process.env);
}
