/**
 * One node at a time in a data directory.
 *
 * The lock is a symbolic link whose target says who holds it: making one is a single step that fails where another is
 * there. It counts as long as its process lives, which is told by the process ID and by when it began, so that a node
 * that was killed keeps nobody out, and neither does whoever was given its process ID. A dead node's lock is taken away
 * by one alone: whoever holds a lock on that very lock.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Clock } from "../core/clock.ts";
import { systemErrorCode } from "../core/errors.ts";
import { NodeError } from "./errors.ts";

/** The lock's name in the data directory; a lock on a lock has its token behind that. */
export const LOCK_FILE = "node.lock";

/** How often a lock on a lock, which is held for a moment only, is looked at again, milliseconds. */
const LOOK_INTERVAL_MS = 10;

/** What a link says: `<process ID>|<when it began>|<token>`. The token tells a lock from every other. */
interface LockRecord {
  readonly pid: number;
  readonly startMark: string;
  readonly token: string;
}

/**
 * Takes a data directory for a process. Disposing of the lock gives it back.
 *
 * @param pid The process: this one by default. The lock counts as long as it lives.
 * Where the file system has no symbolic links, nothing is locked.
 *
 * @throws {NodeError} `in-use` where another node has it. System errors where the directory cannot be written.
 */
export async function lockDirectory(
  { clock }: { readonly clock: Clock },
  directory: string,
  pid: number = process.pid,
): Promise<Disposable> {
  const path = join(directory, LOCK_FILE);
  const mine = { pid, startMark: startMarkOf(pid) ?? "", token: randomUUID() };
  for (;;) {
    const other = makeLock(path, mine);
    if (other === undefined) break;
    if (isAlive(other)) throw inUse(path, other.pid);
    await takeAway(path, other, mine, clock);
  }
  removeGuards(directory);
  return { [Symbol.dispose]: () => removeLock(path, mine) };
}

/** The process of the node that has a data directory; `undefined` where none has. */
export function directoryHolder(directory: string): number | undefined {
  const record = readLock(join(directory, LOCK_FILE));
  return record !== undefined && isAlive(record) ? record.pid : undefined;
}

/** The error for a directory in which a node runs. */
export function inUse(path: string, pid: number): NodeError {
  return new NodeError({ code: "in-use", path, pid }, `The node of process ${pid} runs here already: ${path}`, {
    hint: "Stop it, or give another directory with data-dir",
  });
}

/** Takes a dead process's lock away, unless somebody else did so meanwhile. */
async function takeAway(path: string, dead: LockRecord, mine: LockRecord, clock: Clock): Promise<void> {
  const guard = `${path}.${dead.token}`;
  for (;;) {
    const other = makeLock(guard, mine);
    if (other === undefined) break;
    if (isAlive(other)) await new Promise<void>((done) => clock.setTimeout(done, LOOK_INTERVAL_MS));
    else await takeAway(guard, other, mine, clock);
  }
  removeLock(path, dead);
  removeLock(guard, mine);
}

/** A lock on a lock is of no use once that one is gone: whoever held it has died over it. */
function removeGuards(directory: string): void {
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${LOCK_FILE}.`)) rmSync(join(directory, name), { force: true });
  }
}

/** @returns The lock that is there already; `undefined` when it was made. */
function makeLock(path: string, { pid, startMark, token }: LockRecord): LockRecord | undefined {
  for (;;) {
    try {
      symlinkSync(`${pid}|${startMark}|${token}`, path);
      return undefined;
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === "ENOTSUP" || code === "EOPNOTSUPP" || (code === "EPERM" && !canLink(dirname(path))))
        return undefined;
      if (code !== "EEXIST") throw error;
    }
    const other = readLock(path);
    if (other !== undefined) return other;
    // It was removed between the two steps.
  }
}

/** Whether symbolic links can be made here at all: Windows wants a privilege for it, and some file systems have none. */
function canLink(directory: string): boolean {
  const probe = join(directory, `${LOCK_FILE}.${randomUUID()}`);
  try {
    symlinkSync("probe", probe);
    unlinkSync(probe);
    return true;
  } catch {
    return false;
  }
}

/** Removes a lock if it is still the one that is meant. */
function removeLock(path: string, { token }: LockRecord): void {
  if (readLock(path)?.token !== token) return;
  // The directory may be gone, or read-only by now: the lock ends with its process.
  rmSync(path, { force: true });
}

function readLock(path: string): LockRecord | undefined {
  let target: string;
  try {
    target = readlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) === "EINVAL") return { pid: 0, startMark: "", token: basename(path) };
    return undefined;
  }
  const [pid = "", startMark = "", token = ""] = target.split("|");
  if (/^\d+$/.test(pid) && /^[\w-]{1,64}$/.test(token)) return { pid: Number(pid), startMark, token };
  return { pid: 0, startMark: "", token: "unreadable" };
}

function isAlive({ pid, startMark }: LockRecord): boolean {
  if (pid <= 0) return false;
  const mark = startMarkOf(pid);
  if (mark !== undefined) return startMark === "" || mark === startMark;
  try {
    process.kill(pid, 0);
    // It has ended and its parent has not taken note, or this system tells no marks.
    return startMark === "";
  } catch (error) {
    // Another user's, and hidden from this one.
    return systemErrorCode(error) === "EPERM";
  }
}

/** Fields of `/proc/<pid>/stat` after the name's closing parenthesis: proc(5). */
const STATE = 0;
const THREADS = 17;
const START_TICKS = 19;

/**
 * When a process began, in the system's own words: compared, never parsed.
 *
 * @returns `undefined` for a process that is not, or has ended, and where the system does not tell.
 */
function startMarkOf(pid: number): string | undefined {
  if (process.platform === "win32") return undefined;
  try {
    if (process.platform !== "linux") {
      const started = execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { env: { LC_ALL: "C", TZ: "UTC" } });
      return started.toString().trim() || undefined;
    }
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    // A zombie with threads has not let go of its files and ports yet.
    if (fields[STATE] === "X" || (fields[STATE] === "Z" && Number(fields[THREADS]) <= 1)) return undefined;
    return `${readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()}:${fields[START_TICKS]}`;
  } catch {
    return undefined;
  }
}
