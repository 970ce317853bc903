/**
 * Ends a process that was proven to be ours: asks, waits, and kills what does not go.
 *
 * Before every signal the process is looked up again: a pid that has changed hands in the meantime is left alone.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { systemErrorCode } from "../../core/errors.ts";
import { sleep } from "../../core/sleep.ts";
import type { ProcessInfo, ProcessTable } from "./process_table.ts";
import { isStillRunning } from "./proof.ts";

/** How often an ending process is looked at, in milliseconds. */
const LOOK_INTERVAL_MS = 10;

/** How long the system may take to clear away a process that was killed, in milliseconds. */
const KILL_WAIT_MS = 5_000;

/**
 * Ends a process.
 *
 * @param options `graceMs` is how long it may take to end by itself.
 * @returns How it ended. It may run on after a kill when the system holds it: the caller looks.
 */
export async function endProcess(
  info: ProcessInfo,
  modules: { readonly clock: Clock; readonly table: ProcessTable },
  options: { readonly graceMs: number },
): Promise<"stopped" | "killed"> {
  const { table } = modules;
  if (!isStillRunning(info, table)) return "stopped";
  send(info.pid, "SIGTERM");
  if (await waitForEnd(info, modules, options.graceMs)) return "stopped";

  // Its children, such as VM plugins, would outlive it. They are in its group; a group that it does not lead is not its.
  if (isStillRunning(info, table)) send(info.leadsGroup ? -info.pid : info.pid, "SIGKILL");
  await waitForEnd(info, modules, KILL_WAIT_MS);
  return "killed";
}

async function waitForEnd(
  info: ProcessInfo,
  { clock, table }: { readonly clock: Clock; readonly table: ProcessTable },
  forMs: number,
): Promise<boolean> {
  const until = clock.monotonic() + forMs;
  while (isStillRunning(info, table)) {
    if (clock.monotonic() >= until) return false;
    await sleep(clock, LOOK_INTERVAL_MS);
  }
  return true;
}

/** A process that has just ended needs no signal; one that may not be signalled is found running afterwards. */
function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code !== "ESRCH" && code !== "EPERM") throw error;
  }
}
