/**
 * avx's own node as a program that can be named in a network's files.
 *
 * tmpnet's files name one program, which is called with `--config-file`. The compiled avx is such a program. Run from
 * source it is a runtime with arguments: a script beside the network's files stands for it.
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isCompiled, quoted } from "../core/program.ts";
import { PROGRAM_MODE, writeFileWhole } from "./disk/files.ts";

/** The script in a network's directory. */
export const OWN_NODE_SCRIPT = "avx-node";

/** The command that runs this avx: the executable, or a runtime and what it needs to run the source. */
export function ownCommand(): string[] {
  if (isCompiled()) return [process.execPath];
  const entry = fileURLToPath(new URL("../../cmd/main.ts", import.meta.url));
  const isDeno = process.versions["deno"] !== undefined;
  return isDeno ? [process.execPath, "run", "--quiet", "--allow-all", entry] : [process.execPath, entry];
}

/**
 * The program to name in the files of a network whose nodes are avx's own.
 *
 * @param networkDir Where a script is written, where one is needed.
 * @throws {TmpnetError} `unwritable`.
 */
export function ownNodeProgram(networkDir: string): string {
  const [program = "", ...args] = ownCommand();
  if (args.length === 0) return program;
  const path = join(networkDir, OWN_NODE_SCRIPT);
  writeFileWhole(path, `#!/bin/sh\nexec ${[program, ...args].map(quoted).join(" ")} "$@"\n`, { mode: PROGRAM_MODE });
  return path;
}
