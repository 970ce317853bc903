/**
 * How many files a process of this machine may have open.
 *
 * avalanchego asks for 32768 and dies at once where the hard limit is lower; a node that is told a lower number lives.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Env } from "../disk/layout.ts";
import type { FlagsMap } from "../flags_map.ts";

/** What avalanchego asks for unless `fd-limit` says otherwise (upstream `utils/ulimit`). */
export const AVALANCHEGO_FD_LIMIT = 32_768;

/** The flag, and the variable that stands above a configuration file. */
const FD_LIMIT_FLAG = "fd-limit";
const FD_LIMIT_ENV = "AVAGO_FD_LIMIT";

/**
 * The `fd-limit` flag that nodes need here: none where the default can be had, or the environment sets another.
 *
 * @param hardLimit For tests; the machine's own by default.
 */
export function fdLimitFlags(env: Env, hardLimit = hardFDLimit()): FlagsMap {
  if (env[FD_LIMIT_ENV] || hardLimit >= AVALANCHEGO_FD_LIMIT) return {};
  return { [FD_LIMIT_FLAG]: String(hardLimit) };
}

/** The hard limit on open files; infinity when there is none, or it cannot be found out. */
export function hardFDLimit(): number {
  try {
    if (process.platform === "linux") {
      const [, hard = ""] = /^Max open files\s+\S+\s+(\S+)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
      return limitOf(hard);
    }
    return limitOf(execFileSync("/bin/sh", ["-c", "ulimit -Hn"], { encoding: "utf8" }).trim());
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function limitOf(text: string): number {
  return /^\d+$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}
