/**
 * One command at a time changes a network: a lock in the network's directory, which those that only read pass by.
 *
 * It ends with its process: what a killed process leaves, the next one takes away.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { type Clock, systemClock } from "../../core/clock.ts";
import { systemErrorCode } from "../../core/errors.ts";
import {
  type LockKind,
  type LockRecord,
  processLockHolder,
  removeOldGuards,
  takeProcessLock,
} from "../../core/process_lock.ts";
import { sleep } from "../../core/sleep.ts";
import { TmpnetError } from "../errors.ts";
import { harmless } from "../logs/entry.ts";
import { type ProcessTable, systemProcessTable } from "../runtime/process_table.ts";
import { unwritable } from "./files.ts";
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

/** The latest time that a date can tell, in milliseconds since 1970-01-01 UTC (ECMA-262, time values). */
const MAX_TIME_MS = 8.64e15;

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
interface HolderRecord extends LockHolder, LockRecord {}

/** How to wait for a lock. */
export interface LockOptions {
  /** Ends the wait. */
  readonly signal?: AbortSignal | undefined;
  /** @default {150000} Milliseconds; 0 does not wait. */
  readonly waitMs?: number | undefined;
  /**
   * Whether to go on without a lock where none can be made: what ends nodes must work on a disk that is full, too, and
   * where something else has the lock's name.
   */
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
  const path = join(dir, LOCK_FILE);
  const holder = processLockHolder(path, networkLock(path, table));
  if (holder === undefined) return undefined;
  return shownHolder(holder);
}

/** A link's target may be anybody's: what is in it is shown. */
function shownHolder({ pid, purpose, command, since }: LockHolder): LockHolder {
  return { pid, purpose: harmless(purpose), command: harmless(command), since };
}

async function takeLockIfPossible(dir: string, purpose: string, options: LockOptions): Promise<Disposable | undefined> {
  let lock: Disposable;
  try {
    lock = await takeLock(join(dir, LOCK_FILE), purpose, options);
  } catch (error) {
    const isNotToBeHad = error instanceof TmpnetError && ["unwritable", "bad-file"].includes(error.type.code);
    if (options.orWithout && isNotToBeHad) return undefined;
    throw error;
  }
  removeLeftovers(dir);
  removeOldGuards(join(dir, LOCK_FILE));
  clearStopRequest(dir);
  return lock;
}

async function takeLock(path: string, purpose: string, options: LockOptions): Promise<Disposable> {
  const { clock = systemClock, table = systemProcessTable(), waitMs = DEFAULT_LOCK_WAIT_MS, signal, onWait } = options;
  const until = clock.monotonic() + waitMs;
  let told: string | undefined;
  const wait = async (holder: HolderRecord, at: string) => {
    if (signal?.aborted) throw new TmpnetError({ code: "interrupted" }, "The wait for another command was interrupted");
    if (clock.monotonic() >= until) throw busy(at, shownHolder(holder));
    if (at === path && told !== holder.token) onWait?.(shownHolder(holder));
    told = holder.token;
    await sleep(clock, LOOK_INTERVAL_MS, signal);
  };
  try {
    return await takeProcessLock(path, newRecord(purpose, clock, table), networkLock(path, table), wait);
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === "ENOENT" || code === "ENOTDIR") throw gone(dirname(path), error);
    throw code === undefined ? error : unwritable(path, error);
  }
}

function newRecord(purpose: string, clock: Clock, table: ProcessTable): HolderRecord {
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

/** A link's target is the record in JSON. */
function networkLock(path: string, table: ProcessTable): LockKind<HolderRecord> {
  return {
    format: (record) => JSON.stringify(record),
    parse(target) {
      if (target === undefined) throw notALock(path);
      const record = parseRecord(target);
      return record === undefined || isForged(record, table) ? undefined : record;
    },
    startMarkOf: (pid) => table.read(pid)?.startMark,
  };
}

function parseRecord(text: string): HolderRecord | undefined {
  try {
    const { pid, startMark, token, purpose, command, since } = JSON.parse(text) as Record<string, unknown>;
    if (
      typeof pid === "number" &&
      Number.isSafeInteger(pid) &&
      typeof startMark === "string" &&
      typeof token === "string" &&
      /^[\w-]{1,64}$/.test(token) &&
      typeof purpose === "string" &&
      typeof command === "string" &&
      typeof since === "number" &&
      Math.abs(since) <= MAX_TIME_MS
    ) {
      return { pid, startMark, token, purpose, command, since };
    }
  } catch {
    // Not JSON.
  }
  return undefined;
}

/** Whether a record names a process that lives and is called otherwise: it is nobody's, and nobody is to end that. */
function isForged({ pid, command }: HolderRecord, table: ProcessTable): boolean {
  const info = table.read(pid);
  return info !== undefined && !info.commandLine.startsWith(command);
}

function notALock(path: string): TmpnetError {
  const message = `Cannot read ${path}: it is no lock of avx, and avx makes its lock there`;
  return new TmpnetError({ code: "bad-file", path }, message, { hint: "Move it away" });
}

function busy(path: string, { pid, purpose, command, since }: LockHolder): TmpnetError {
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
