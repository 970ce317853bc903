/**
 * What Linux tells of a process in `/proc/<pid>/stat`: proc(5).
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { systemErrorCode } from "./errors.ts";

/** A process that has not ended. */
export interface LinuxProcess {
  /** Tells it from every other process that had or will have its pid. Compared, never parsed. */
  readonly startMark: string;
  /** When it began, in seconds since the system did. */
  readonly startSeconds: number;
  /** The process group, named by the pid of whoever leads it. */
  readonly group: number;
  /** The session, named by the pid of whoever began it. */
  readonly session: number;
}

/** Ticks of `/proc/<pid>/stat` per second: `USER_HZ`, 100 on every Linux that there are builds of avx for. */
const TICKS_PER_SECOND = 100;

/** Fields, counted after the name's closing parenthesis (proc(5) counts from 1, with pid first). */
const STATE = 0;
const GROUP = 2;
const SESSION = 3;
const THREADS = 17;
const START_TICKS = 19;

/** Looks at a process; `undefined` for one that is not, has ended, or may not be looked at. */
export function linuxProcess(pid: number): LinuxProcess | undefined {
  const text = readProc(`/proc/${pid}/stat`);
  if (text === undefined) return undefined;
  // The name is in parentheses and may hold anything, parentheses too.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  // A zombie with threads has not let go of its files and ports yet.
  if (fields[STATE] === "X" || (fields[STATE] === "Z" && Number(fields[THREADS]) <= 1)) return undefined;
  const ticks = Number(fields[START_TICKS]);
  return {
    startMark: `${bootID()}:${ticks}`,
    startSeconds: ticks / TICKS_PER_SECOND,
    group: Number(fields[GROUP]),
    session: Number(fields[SESSION]),
  };
}

/** A file of `/proc`; `undefined` for one of a process that is not, or may not be looked at. */
export function readProc(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ESRCH" || code === "EACCES" || code === "EPERM") return undefined;
    throw error;
  }
}

let knownBootID: string | undefined;

/** Ticks begin anew with every boot. */
function bootID(): string {
  knownBootID ??= (readProc("/proc/sys/kernel/random/boot_id") ?? "").trim();
  return knownBootID;
}
