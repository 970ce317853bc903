/**
 * The command that runs this avx, from wherever the library is used.
 *
 * @module
 */

import { existsSync, readdirSync, realpathSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { readPlainFile } from "../core/plain_file.ts";
import { isAvx, isCompiled, quoted } from "../core/program.ts";
import type { Env } from "./disk/layout.ts";
import { TmpnetError } from "./errors.ts";
import { findOnPath, isExecutable } from "./runtime/program.ts";

/** Names the avx to run where the library cannot run its own source: in another's executable, in a bundle, on Node. */
export const AVX_PATH_ENV = "AVX_PATH";

/** The most that is read of a file that may be the script, in bytes: it has some hundred. */
const MAX_SCRIPT_BYTES = 64 * 1024;

/** The command's source, beside this one's; `undefined` where that is packed into something else. */
const ENTRY = entryOf(import.meta.url);

/**
 * The command that runs this avx.
 *
 * 1. The executable is avx: itself.
 * 2. `AVX_PATH` names one.
 * 3. The source is there: the runtime that runs this, if it is Bun or Deno, else the first of them that is found.
 * 4. An `avx` on `PATH`.
 *
 * @throws {TmpnetError} `no-avx` when there is none.
 */
export function ownCommand(env: Env = process.env): string[] {
  if (isAvx()) return [process.execPath];
  const named = env[AVX_PATH_ENV];
  if (named) return [requireProgram(named)];
  if (ENTRY !== undefined) {
    const { versions, execPath } = process;
    if (versions["bun"] !== undefined) return [execPath, ENTRY];
    if (versions["deno"] !== undefined) return denoCommand(execPath, ENTRY);
    const bun = findProgram("bun", env) ?? pinnedBun(ENTRY);
    if (bun !== undefined) return [bun, ENTRY];
    const deno = findProgram("deno", env);
    if (deno !== undefined) return denoCommand(deno, ENTRY);
  }
  const avx = findProgram("avx", env);
  if (avx !== undefined) return [avx];
  const why = ENTRY === undefined ? "the source of avx is not there" : "neither bun nor deno is on PATH";
  throw new TmpnetError({ code: "no-avx" }, `There is nothing to run avx's own nodes with: ${why}`, {
    hint: `Name an avx by ${AVX_PATH_ENV}, or have one on PATH; ./compile.sh builds it`,
  });
}

/**
 * The script that stands for this avx where a file must name one program; `undefined` where avx is one.
 *
 * @throws {TmpnetError} `no-avx`.
 */
export function ownScript(): string | undefined {
  const command = ownCommand();
  return command.length === 1 ? undefined : `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`;
}

/** Whether a program is this very avx, and no other version of it. */
export function isThisAvx(program: string): boolean {
  try {
    if (isAvx()) return realpathSync(program) === realpathSync(process.execPath);
    return ENTRY !== undefined && readPlainFile(program, MAX_SCRIPT_BYTES) === ownScript();
  } catch {
    return false;
  }
}

function denoCommand(deno: string, entry: string): string[] {
  return [deno, "run", "--quiet", "--allow-all", entry];
}

function requireProgram(path: string): string {
  const program = resolve(path);
  if (isExecutable(program)) return program;
  throw new TmpnetError({ code: "binary", path: program }, `${AVX_PATH_ENV} names no executable file: ${program}`);
}

function findProgram(name: string, env: Env): string | undefined {
  return findOnPath(process.platform === "win32" ? `${name}.exe` : name, env);
}

/** The Bun that `compile.sh` brings into the checkout. */
function pinnedBun(entry: string): string | undefined {
  const tools = resolve(dirname(entry), "../.tools");
  if (!existsSync(tools)) return undefined;
  const places = readdirSync(tools).filter((name) => name.startsWith("bun-"));
  return places.map((name) => join(tools, name, "bun")).find(isExecutable);
}

function entryOf(url: string | undefined): string | undefined {
  // What an executable holds is no file to others.
  if (isCompiled() || !url?.startsWith("file:")) return undefined;
  const entry = fileURLToPath(new URL("../../cmd/main.ts", url));
  return existsSync(entry) ? entry : undefined;
}
