/**
 * Locks that end with their process.
 *
 * A lock is a symbolic link whose target says who holds it: making one is a single step that fails where another is
 * there, so that no reader, and no crash, meets a half of it. It counts as long as its process lives, which is told by
 * the process ID and by when the process began: what was killed keeps nobody out, and neither does whoever was given its
 * process ID. A dead process's lock must be taken away by one alone, and not when somebody else has just made another in
 * its place; so whoever takes a lock away holds, for that long, a lock on that very lock.
 *
 * @module
 */

import { readdirSync, readlinkSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemErrorCode } from "./errors.ts";

/** Who holds a lock. */
export interface LockRecord {
  readonly pid: number;
  /** When the process began, in the system's own words: compared, never parsed; empty where the system does not tell. */
  readonly startMark: string;
  /** Tells this lock from every other: 1 to 64 letters, digits, `_` and `-`. */
  readonly token: string;
}

/** What locks of one kind have in common. */
export interface LockKind<R extends LockRecord> {
  /** What a link's target says. */
  readonly format: (record: R) => string;
  /**
   * Reads a target.
   *
   * @param target `undefined` where the lock's name is that of something other than a link.
   * @returns `undefined` for what this kind does not write: nobody holds that, and it is taken away.
   */
  readonly parse: (target: string | undefined) => R | undefined;
  /** When a process began; `undefined` for one that is not, or has ended, and where the system does not tell. */
  readonly startMarkOf: (pid: number) => string | undefined;
}

/**
 * Takes a lock. Disposing of it gives it back.
 *
 * @param path The lock's own; a lock on a lock has that one's token behind it.
 * @param onHeld Called whenever a process that lives holds what is wanted: waits, or throws. That may be a lock on a lock
 * as well, which is held for a moment only.
 * @throws System errors where the lock cannot be made, or a dead one not be taken away.
 */
export async function takeProcessLock<R extends LockRecord>(
  path: string,
  mine: R,
  kind: LockKind<R>,
  onHeld: (holder: R, path: string) => Promise<void>,
): Promise<Disposable> {
  for (;;) {
    const other = makeLock(path, mine, kind);
    if (other === undefined) return { [Symbol.dispose]: () => giveBack(path, mine, kind) };
    if (isAlive(other, kind)) {
      await onHeld(other, path);
    } else {
      using _ = await takeProcessLock(`${path}.${other.token}`, mine, kind, onHeld);
      removeLock(path, other, kind);
    }
  }
}

/** Who has a lock; `undefined` where nobody has. Waits for nothing and changes nothing. */
export function processLockHolder<R extends LockRecord>(path: string, kind: LockKind<R>): R | undefined {
  const record = readLock(path, kind);
  return record !== undefined && isAlive(record, kind) ? record : undefined;
}

/** Removes locks on a lock. They are of no use once that one has been taken: whoever held them has died over it. */
export function removeOldGuards(path: string): void {
  const directory = dirname(path);
  for (const name of readdirSync(directory)) {
    if (name.startsWith(`${basename(path)}.`)) rmSync(join(directory, name), { force: true });
  }
}

/** @returns The lock that is there already; `undefined` when it was made. */
function makeLock<R extends LockRecord>(path: string, record: R, kind: LockKind<R>): R | undefined {
  for (;;) {
    try {
      symlinkSync(kind.format(record), path);
      return undefined;
    } catch (error) {
      if (systemErrorCode(error) !== "EEXIST") throw error;
    }
    const other = readLock(path, kind);
    if (other !== undefined) return other;
    // It was removed between the two steps.
  }
}

function readLock<R extends LockRecord>(path: string, { parse }: LockKind<R>): R | undefined {
  let target: string | undefined;
  try {
    target = readlinkSync(path);
  } catch (error) {
    if (systemErrorCode(error) !== "EINVAL") return undefined;
  }
  // No process has this ID: nobody is ever told of what stands in for it.
  return parse(target) ?? ({ pid: 0, startMark: "", token: "unreadable" } as R);
}

/** Removes a lock if it is still the one that is meant. */
function removeLock<R extends LockRecord>(path: string, { token }: R, kind: LockKind<R>): void {
  if (readLock(path, kind)?.token === token) rmSync(path, { force: true });
}

function giveBack<R extends LockRecord>(path: string, mine: R, kind: LockKind<R>): void {
  try {
    removeLock(path, mine, kind);
  } catch {
    // The directory cannot be written any more: the lock ends with its process.
  }
}

function isAlive<R extends LockRecord>({ pid, startMark }: R, { startMarkOf }: LockKind<R>): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
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
