/**
 * One node at a time in a data directory: a lock that ends with the node's process.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { symlinkSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { systemErrorCode } from "../core/errors.ts";
import { linuxProcess } from "../core/linux_process.ts";
import {
  type LockKind,
  type LockRecord,
  processLockHolder,
  removeOldGuards,
  takeProcessLock,
} from "../core/process_lock.ts";
import { sleep } from "../core/sleep.ts";
import { NodeError } from "./errors.ts";

/** The lock's name in the data directory; a lock on a lock has its token behind that. */
export const LOCK_FILE = "node.lock";

/** How often a lock on a lock, which is held for a moment only, is looked at again, milliseconds. */
const LOOK_INTERVAL_MS = 10;

/** A link's target is `<process ID>|<when it began>|<token>`. */
const NODE_LOCK: LockKind<LockRecord> = {
  format: ({ pid, startMark, token }) => [pid, startMark, token].join("|"),
  parse(target = "") {
    const [pid = "", startMark = "", token = ""] = target.split("|");
    return /^\d+$/.test(pid) && /^[\w-]{1,64}$/.test(token) ? { pid: Number(pid), startMark, token } : undefined;
  },
  startMarkOf,
};

/**
 * Takes a data directory for a process. Disposing of the lock gives it back.
 *
 * Where the file system has no symbolic links, nothing is locked.
 *
 * @param pid The process: this one by default. The lock counts as long as it lives.
 * @throws {NodeError} `in-use` where another node has it. System errors where the directory cannot be written.
 */
export async function lockDirectory(
  { clock }: { readonly clock: Clock },
  directory: string,
  pid: number = process.pid,
): Promise<Disposable> {
  const path = join(directory, LOCK_FILE);
  const mine = { pid, startMark: startMarkOf(pid) ?? "", token: randomUUID() };
  try {
    const lock = await takeProcessLock(path, mine, NODE_LOCK, async (holder, at) => {
      if (at === path) throw inUse(path, holder.pid);
      await sleep(clock, LOOK_INTERVAL_MS);
    });
    removeOldGuards(path);
    return lock;
  } catch (error) {
    if (canLink(directory, error)) throw error;
    return { [Symbol.dispose]: () => {} };
  }
}

/** The process of the node that has a data directory; `undefined` where none has. */
export function directoryHolder(directory: string): number | undefined {
  return processLockHolder(join(directory, LOCK_FILE), NODE_LOCK)?.pid;
}

/** The error for a directory in which a node runs. */
export function inUse(path: string, pid: number): NodeError {
  return new NodeError({ code: "in-use", path, pid }, `The node of process ${pid} runs here already: ${path}`, {
    hint: "Stop it, or give another directory with data-dir",
  });
}

/** Whether symbolic links can be made here at all: Windows wants a privilege for it, and some file systems have none. */
function canLink(directory: string, error: unknown): boolean {
  const code = systemErrorCode(error);
  if (code === "ENOTSUP" || code === "EOPNOTSUPP") return false;
  if (code !== "EPERM") return true;
  const probe = join(directory, `${LOCK_FILE}.${randomUUID()}`);
  try {
    symlinkSync("probe", probe);
    unlinkSync(probe);
    return true;
  } catch {
    return false;
  }
}

/**
 * When a process began, in the system's own words: compared, never parsed.
 *
 * @returns `undefined` for a process that is not, or has ended, and where the system does not tell.
 */
function startMarkOf(pid: number): string | undefined {
  if (process.platform === "win32") return undefined;
  if (process.platform === "linux") return linuxProcess(pid)?.startMark;
  try {
    const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { env: { LC_ALL: "C", TZ: "UTC" } });
    return started.toString().trim() || undefined;
  } catch {
    return undefined;
  }
}
