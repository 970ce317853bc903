/**
 * Upstream's tmpnetctl, where this machine has one.
 *
 * @module
 */

import { hardFDLimit } from "../../lib/tmpnet/runtime/fd_limit.ts";
import { type AvxResult, runAvx } from "./cli.ts";
import { findProgram } from "./programs.ts";

/** Absolute path of upstream's tmpnetctl, from `TMPNETCTL_PATH` or else `PATH`; `undefined` without one. */
export const TMPNETCTL: string | undefined = findProgram("tmpnetctl", "TMPNETCTL_PATH");

/** Names a test so that a skip says why: give it to the test that is skipped without tmpnetctl. */
export function needsTmpnetctl(name: string): string {
  return TMPNETCTL === undefined ? `${name} (skipped: no tmpnetctl by TMPNETCTL_PATH or on PATH)` : name;
}

/** How long tmpnetctl may take, in milliseconds: it waits up to two minutes for what does not come. */
const TIMEOUT_MS = 80_000;

/**
 * Runs tmpnetctl to its end. It asks for more open files than some machines allow, and is told how many there are.
 *
 * @example
 * ```ts
 * const { code } = await runTmpnetctl(["stop-network", "--network-dir", network.dir], { HOME: directory.path });
 * ```
 */
export async function runTmpnetctl(args: readonly string[], env: Readonly<Record<string, string>>): Promise<AvxResult> {
  const fdLimit = String(Math.min(hardFDLimit(), 32_768));
  const command = [TMPNETCTL as string];
  return await runAvx(args, { command, env: { AVAGO_FD_LIMIT: fdLimit, ...env }, timeoutMs: TIMEOUT_MS });
}
