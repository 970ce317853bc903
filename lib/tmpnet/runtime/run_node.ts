/**
 * How a node's process is run: as what, with which environment, and where what it prints goes.
 *
 * @module
 */

import { spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../../core/errors.ts";
import type { HostRequest } from "../../platform/node_host.ts";
import { FILE_MODE, unwritable } from "../disk/files.ts";
import type { Env } from "../disk/layout.ts";
import { STDIO_LOG } from "../disk/layout.ts";
import { TmpnetError } from "../errors.ts";
import type { FlagsMap } from "../flags_map.ts";
import { nodeArguments } from "./proof.ts";

/**
 * What nodes display, unless a flag or a variable of the user's says otherwise: errors alone. They log the rest to
 * files that are turned over; `stdio.log` is not, and is to hold what a log cannot.
 */
const QUIET_DISPLAY: Readonly<Record<string, string>> = {
  "log-display-level": "error",
  "log-disable-display-plugin-logs": "true",
};

/**
 * How hot code must be before avx's runtime compiles it for speed: twenty times what it is by default. Nodes that start
 * side by side share few cores, and most of what they run then they run a few times: measured with thirty nodes on two
 * cores, it takes a quarter off the processor time of each. What a node under load runs gets hot all the same.
 */
const PATIENT_COMPILER: Readonly<Record<string, string>> = { BUN_JSC_thresholdForOptimizeAfterWarmUp: "20000" };

/**
 * Runs a program as a node and the leader of a session, which outlives whoever started it.
 *
 * @param onEnd Is told why it could not be run, or how it ended, in words that follow "it".
 * @returns Its process; `undefined` where there is none.
 * @throws {TmpnetError} `binary`, `unwritable`.
 */
export function runAlone(
  dataDir: string,
  program: string,
  { flags, env }: { readonly flags: FlagsMap; readonly env: Env },
  onEnd: (how: string) => void,
): number | undefined {
  const stdio = openStdio(dataDir);
  try {
    const child = spawn(program, nodeArguments(dataDir), {
      cwd: dataDir,
      detached: true,
      env: { ...PATIENT_COMPILER, ...quietDisplay(flags), ...env },
      stdio: ["ignore", stdio, stdio],
    });
    child.on("error", (error) => onEnd(`could not be run: ${errorMessage(error)}`));
    child.on("exit", (code, signal) => onEnd(ending(code, signal)));
    child.unref();
    return child.pid;
  } catch (cause) {
    const message = `Cannot run ${program}: ${errorMessage(cause)}`;
    throw new TmpnetError({ code: "binary", path: program }, message, { cause });
  } finally {
    closeSync(stdio);
  }
}

/**
 * What a host is to run for {@link runAlone} to have the same node.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function hostRequest(
  dataDir: string,
  { flags, env }: { readonly flags: FlagsMap; readonly env: Env },
): HostRequest {
  closeSync(openStdio(dataDir));
  const quiet = Object.entries(quietDisplay(flags));
  return {
    dataDir,
    args: nodeArguments(dataDir),
    // What the caller's environment says stands above; the host has it.
    env: Object.fromEntries(quiet.filter(([name]) => env[name] === undefined)),
    stdio: join(dataDir, STDIO_LOG),
  };
}

/** How a process ended, in words that follow "it". */
export function ending(code: number | null, signal: NodeJS.Signals | null): string {
  return signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
}

/** Empties the file for what a node prints. */
function openStdio(dataDir: string): number {
  const path = join(dataDir, STDIO_LOG);
  try {
    // Not through a link: what that points to is not ours to empty. A pipe would wait for a reader.
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW, O_NONBLOCK } = constants;
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** {@link QUIET_DISPLAY} as variables of the environment, but for what flags say. */
function quietDisplay(flags: FlagsMap): Record<string, string> {
  const quiet = Object.entries(QUIET_DISPLAY).filter(([name]) => flags[name] === undefined);
  return Object.fromEntries(quiet.map(([name, value]) => [`AVAGO_${name.toUpperCase().replaceAll("-", "_")}`, value]));
}
