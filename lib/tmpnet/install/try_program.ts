/**
 * Whether a program that was downloaded runs on this machine, and which version it says it is.
 *
 * @module
 */

import { execFile } from "node:child_process";
import { errorMessage } from "../../core/errors.ts";
import { InstallError } from "./errors.ts";
import { numbersOf, type Version } from "./version.ts";

/** How long it may take to say its version, in milliseconds; it takes a tenth of a second. */
const TIMEOUT_MS = 30_000;
/** It says some hundred bytes. */
const MAX_OUTPUT_BYTES = 64 * 1024;

/** How it tells its version: releases before 1.11 know the second alone. */
const VERSION_FLAGS = ["--version-json", "--version"] as const;

/**
 * Runs a program for its version.
 *
 * @throws {InstallError} `program` when it cannot be run, or is another version.
 */
export async function tryProgram(path: string, version: Version, signal?: AbortSignal): Promise<void> {
  const { application, trouble } = await askVersion(path, signal);
  if (application === undefined) {
    throw refused(path, `The avalanchego of release ${version} does not run on this machine: ${trouble}`);
  }
  if (application === `avalanchego/${numbersOf(version)}`) return;
  throw refused(path, `The release ${version} holds another version: ${application}`);
}

/** What a program says it is. */
export interface ProgramAnswer {
  /** Such as `avalanchego/1.14.2`; `undefined` where it does not say. */
  readonly application: string | undefined;
  /** Why it does not. */
  readonly trouble: string;
}

/** Asks a program for its version, by running it. */
export async function askVersion(path: string, signal?: AbortSignal): Promise<ProgramAnswer> {
  let trouble = "";
  for (const flag of VERSION_FLAGS) {
    const { output, error } = await run(path, flag, signal);
    const [application] = /avalanchego\/\d+\.\d+\.\d+/.exec(output) ?? [];
    if (error === undefined && application !== undefined) return { application, trouble };
    trouble ||= error ?? "it does not say its version";
  }
  return { application: undefined, trouble };
}

function run(path: string, flag: string, signal?: AbortSignal): Promise<{ output: string; error: string | undefined }> {
  const options = { timeout: TIMEOUT_MS, killSignal: "SIGKILL", maxBuffer: MAX_OUTPUT_BYTES, signal } as const;
  return new Promise((resolve) => {
    try {
      execFile(path, [flag], options, (error, stdout, stderr) => {
        resolve({ output: `${stdout}${stderr}`, error: error === null ? undefined : errorMessage(error).trim() });
      });
    } catch (error) {
      resolve({ output: "", error: errorMessage(error) });
    }
  });
}

function refused(path: string, message: string): InstallError {
  return new InstallError({ code: "program", path }, message);
}
