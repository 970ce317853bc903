/**
 * One command at a time changes a network: a lock in the network's directory, which those that only read pass by.
 *
 * The lock is a symbolic link whose target says who holds it: making one is a single step that fails where another is
 * there, so that no reader, and no crash, meets a half of it. It counts as long as its process lives, which is told by
 * pid and start mark together: what a killed process leaves, the next one takes away. That must be done by one alone,
 * and not to a lock that somebody else has just made in its place; so whoever takes a lock away holds, for that long, a
 * lock on that very lock.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { readdirSync, readlinkSync, rmSync, symlinkSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Clock, systemClock } from "../../core/clock.ts";
import { systemErrorCode } from "../../core/errors.ts";
import { sleep } from "../../core/sleep.ts";
import { TmpnetError } from "../errors.ts";
import { type ProcessTable, systemProcessTable } from "../runtime/process_table.ts";
import { badFile, unwritable } from "./files.ts";
import { removeLeftovers } from "./leftovers.ts";
import { clearStopRequest } from "./stop_request.ts";

/** The lock's name in a network's directory; locks on a lock have its token behind that. */
export const LOCK_FILE = "avx.lock";

/** How long a command waits for another one, in milliseconds: a start may take two minutes and the way out of it. */
export const DEFAULT_LOCK_WAIT_MS = 150_000;

/** How often a lock is looked at, in milliseconds. */
const LOOK_INTERVAL_MS = 50;

/** How much of a command line is kept: a link's target has little room. */
const MAX_COMMAND_LENGTH = 160;

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  /** What for, in words that follow "is": `starting the network`. */
  readonly purpose: string;
  /** How it was called; its beginning, where that is long. */
  readonly command: string;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly since: number;
}

/** What the link says. */
interface LockRecord extends LockHolder {
  readonly startMark: string;
  /** Tells this lock from every other. */
  readonly token: string;
}

/** How to wait for a lock. */
export interface LockOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** @default {150000} Milliseconds; 0 does not wait. */
  readonly waitMs?: number | undefined;
  /** Whether to go on without a lock where none can be made: what ends nodes must work on a disk that is full, too. */
  readonly orWithout?: boolean | undefined;
  /** Called once for each holder that is waited for. */
  readonly onWait?: ((holder: LockHolder) => void) | undefined;
  readonly clock?: Clock | undefined;
  /** For tests; this system's by default. */
  readonly table?: ProcessTable | undefined;
}

/** Directories whose lock the running piece of work holds already. */
const heldHere = new AsyncLocalStorage<ReadonlySet<string>>();

/**
 * Does something to a network while no other command does.
 *
 * Work inside that asks for the same lock has it already. What unfinished work of processes that are no more has left
 * in the directory is cleared away first.
 *
 * @param dir The network's directory: its real path.
 * @param purpose What is done, in words that follow "is": `adding a node`.
 * @throws {TmpnetError} `busy` when another holds it for too long, `interrupted` by the signal, `no-network` when the
 * directory is gone, `unwritable`; whatever `work` throws.
 *
 * @example
 * ```ts
 * await withNetworkLock(network.dir, "adding a node", async () => addIt());
 * ```
 */
export async function withNetworkLock<T>(
  dir: string,
  purpose: string,
  work: () => T | Promise<T>,
  options: LockOptions = {},
): Promise<T> {
  const held = heldHere.getStore();
  if (held?.has(dir)) return await work();

  using _ = await takeLockIfPossible(dir, purpose, options);
  return await heldHere.run(new Set([...(held ?? []), dir]), async () => await work());
}

/** Who is at work on a network now; `undefined` when nobody is. Waits for nothing and changes nothing. */
export function lockHolder(dir: string, table: ProcessTable = systemProcessTable()): LockHolder | undefined {
  const record = readLock(join(dir, LOCK_FILE));
  if (record === undefined || !isAlive(record, table)) return undefined;
  const { pid, purpose, command, since } = record;
  return { pid, purpose, command, since };
}

async function takeLockIfPossible(dir: string, purpose: string, options: LockOptions): Promise<Disposable | undefined> {
  let lock: Disposable;
  try {
    lock = await takeLock(join(dir, LOCK_FILE), purpose, options);
  } catch (error) {
    if (options.orWithout && error instanceof TmpnetError && error.type.code === "unwritable") return undefined;
    throw error;
  }
  removeLeftovers(dir);
  removeOldGuards(dir);
  clearStopRequest(dir);
  return lock;
}

async function takeLock(path: string, purpose: string, options: LockOptions): Promise<Disposable> {
  const { clock = systemClock, table = systemProcessTable(), waitMs = DEFAULT_LOCK_WAIT_MS, signal, onWait } = options;
  const mine = newRecord(purpose, clock, table);
  const until = clock.monotonic() + waitMs;
  let told: string | undefined;
  for (;;) {
    const other = makeLock(path, mine);
    if (other === undefined) return { [Symbol.dispose]: () => removeLock(path, mine) };
    if (!isAlive(other, table)) {
      await takeAway(path, other, { ...options, clock, table, waitMs: Math.max(0, until - clock.monotonic()) });
      continue;
    }
    if (signal?.aborted) throw new TmpnetError({ code: "interrupted" }, "The wait for another command was interrupted");
    if (clock.monotonic() >= until) throw busy(path, other);
    if (told !== other.token) onWait?.(other);
    told = other.token;
    await sleep(clock, LOOK_INTERVAL_MS, signal);
  }
}

/** Takes a dead process's lock away, unless somebody else did so meanwhile. */
async function takeAway(path: string, dead: LockRecord, options: LockOptions): Promise<void> {
  const guard = join(dirname(path), `${LOCK_FILE}.${dead.token}`);
  using _ = await takeLock(guard, `clearing away ${basename(path)}`, { ...options, onWait: undefined });
  removeLock(path, dead);
}

/** A lock on a lock is of no use once that one is gone: whoever held it has died over it. */
function removeOldGuards(dir: string): void {
  const guards = readdirSync(dir).filter((name) => name.startsWith(`${LOCK_FILE}.`));
  for (const name of guards) rmSync(join(dir, name), { force: true });
}

function newRecord(purpose: string, clock: Clock, table: ProcessTable): LockRecord {
  const self = table.read(process.pid);
  return {
    pid: process.pid,
    startMark: self?.startMark ?? "",
    token: randomUUID(),
    purpose,
    command: (self?.commandLine ?? "").slice(0, MAX_COMMAND_LENGTH),
    since: clock.now(),
  };
}

/** @returns The lock that is there already; `undefined` when it was made. */
function makeLock(path: string, record: LockRecord): LockRecord | undefined {
  for (;;) {
    try {
      symlinkSync(JSON.stringify(record), path);
      return undefined;
    } catch (error) {
      const code = systemErrorCode(error);
      if (code === "ENOENT" || code === "ENOTDIR") throw gone(dirname(path), error);
      if (code !== "EEXIST") throw unwritable(path, error);
    }
    const other = readLock(path);
    if (other !== undefined) return other;
    // It was removed between the two steps.
  }
}

/** Removes a lock if it is still the one that is meant. */
function removeLock(path: string, { token }: LockRecord): void {
  if (readLock(path)?.token !== token) return;
  try {
    unlinkSync(path);
  } catch (error) {
    // A network that was removed has taken its lock with it. On a file system that has become read-only the lock ends
    // with its process.
    if (systemErrorCode(error) !== "ENOENT") return;
  }
}

/** @throws {TmpnetError} `bad-file` when something else has the lock's name. */
function readLock(path: string): LockRecord | undefined {
  let text: string;
  try {
    text = readlinkSync(path);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw badFile(path, "it is no lock of avx, and avx makes its lock there", error);
  }
  return parseRecord(text);
}

/** A target that avx did not write is nobody's, and is taken away as a dead process's would be. */
function parseRecord(text: string): LockRecord {
  try {
    const { pid, startMark, token, purpose, command, since } = JSON.parse(text) as Record<string, unknown>;
    if (
      typeof pid === "number" &&
      typeof startMark === "string" &&
      typeof token === "string" &&
      /^[\w-]{1,64}$/.test(token) &&
      typeof purpose === "string" &&
      typeof command === "string" &&
      typeof since === "number"
    ) {
      return { pid, startMark, token, purpose, command, since };
    }
  } catch {
    // Not JSON.
  }
  return { pid: 0, startMark: "", token: "unreadable", purpose: "", command: "", since: 0 };
}

function isAlive({ pid, startMark }: LockRecord, table: ProcessTable): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false;
  const info = table.read(pid);
  if (info !== undefined) return info.startMark === startMark;
  try {
    process.kill(pid, 0);
    return false; // it has ended, and its parent has not taken note
  } catch (error) {
    return systemErrorCode(error) === "EPERM"; // another user's, and hidden from this one
  }
}

function busy(path: string, { pid, purpose, command, since }: LockRecord): TmpnetError {
  const dir = dirname(path);
  const at = new Date(since).toISOString();
  const facts = command === "" ? "" : `\n  it was called as ${command}`;
  return new TmpnetError(
    { code: "busy", path: dir, pid, purpose },
    `${dir} is in use: process ${pid} is ${purpose} since ${at}${facts}`,
    { hint: `Wait for it, or end it with kill ${pid}` },
  );
}

function gone(dir: string, cause: unknown): TmpnetError {
  return new TmpnetError({ code: "no-network", path: dir }, `There is no network directory at ${dir} any more`, {
    cause,
  });
}
