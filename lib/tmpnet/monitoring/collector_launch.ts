/**
 * Runs a collector's program and waits until it is up.
 *
 * @module
 */

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, openSync, rmSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { sleep } from "../../core/sleep.ts";
import { fetchBounded } from "../../platform/rpc/fetch_bounded.ts";
import { FILE_MODE, unwritable, writeFileWhole } from "../disk/files.ts";
import type { Env } from "../disk/layout.ts";
import { TmpnetError } from "../errors.ts";
import { endProcess } from "../runtime/end_process.ts";
import { tailLines } from "../runtime/log_watch.ts";
import type { ProcessInfo, ProcessTable } from "../runtime/process_table.ts";
import type { Collector } from "./collectors.ts";
import { findCollector, PID_FILE, type RunningCollector } from "./find_collector.ts";

/** How long a collector may take until its pages answer, in milliseconds. */
export const COLLECTOR_START_TIMEOUT_MS = 30_000;

/** How often a starting collector is looked at, in milliseconds. */
const LOOK_INTERVAL_MS = 50;

/** `undefined` when it does not say. */
export function majorVersionOf(program: string, env: Env): number | undefined {
  try {
    const text = execFileSync(program, ["--version"], { env, encoding: "utf8", timeout: 10_000, stdio: "pipe" });
    const [, major] = /version (\d+)\./.exec(text) ?? [];
    return major === undefined ? undefined : Number(major);
  } catch {
    return undefined;
  }
}

/**
 * Makes sure that nobody has the port: another program's pages would be taken for the collector's.
 *
 * @param asked 0 for any.
 * @throws {TmpnetError} `collector`.
 */
export async function openPort(collector: Collector, asked: number): Promise<number> {
  const server = createServer();
  try {
    return await new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen(asked, "127.0.0.1", () => resolve((server.address() as AddressInfo).port));
    });
  } catch (cause) {
    const message = `${collector.name} cannot have port ${asked} of 127.0.0.1: ${errorMessage(cause)}`;
    throw failed(collector, message, { cause, hint: "Choose another one with --port; 0 takes any that is free" });
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

/** What a launch needs. */
export interface LaunchModules {
  readonly env: Env;
  readonly table: ProcessTable;
  readonly clock: Clock;
}

/**
 * Runs a collector and waits until its pages answer; one that does not get there is ended.
 *
 * @param directory Where it works: its configuration is there.
 * @throws {TmpnetError} `collector` with its last words, `binary`, `interrupted`, `unwritable`.
 */
export async function launchCollector(
  collector: Collector,
  program: string,
  args: readonly string[],
  { directory, port }: { readonly directory: string; readonly port: number },
  modules: LaunchModules,
  signal: AbortSignal | undefined,
): Promise<RunningCollector> {
  const child = run(program, args, directory, collector, modules.env);
  return await untilUp(collector, directory, child, port, modules, signal);
}

function run(program: string, args: readonly string[], cwd: string, { logFile }: Collector, env: Env): ChildProcess {
  const logPath = join(cwd, logFile);
  let log: number;
  try {
    log = openSync(logPath, "w", FILE_MODE);
  } catch (error) {
    throw unwritable(logPath, error);
  }
  try {
    const child = spawn(program, args, { cwd, detached: true, env, stdio: ["ignore", log, log] });
    child.on("error", () => {}); // it has no pid then, which is told
    child.unref();
    return child;
  } catch (cause) {
    throw new TmpnetError({ code: "binary", path: program }, `Cannot run ${program}: ${errorMessage(cause)}`, {
      cause,
    });
  } finally {
    closeSync(log);
  }
}

async function untilUp(
  collector: Collector,
  directory: string,
  child: ChildProcess,
  port: number,
  { env, table, clock }: LaunchModules,
  signal: AbortSignal | undefined,
): Promise<RunningCollector> {
  const info = child.pid === undefined ? undefined : table.read(child.pid);
  const logPath = join(directory, collector.logFile);
  if (info === undefined) throw ended(collector, logPath);
  try {
    writeFileWhole(join(directory, PID_FILE), String(info.pid));
    const until = clock.monotonic() + COLLECTOR_START_TIMEOUT_MS;
    const url = `http://127.0.0.1:${port}`;
    while (!(await isUp(collector, url))) {
      if (table.read(info.pid)?.startMark !== info.startMark) throw ended(collector, logPath);
      if (signal?.aborted)
        throw new TmpnetError({ code: "interrupted" }, `The start of ${collector.name} was interrupted`);
      if (clock.monotonic() >= until) {
        throw failed(collector, quoting(`${collector.name} did not answer at ${url} in time`, logPath));
      }
      await sleep(clock, LOOK_INTERVAL_MS, signal);
    }
    const found = findCollector(collector, env, table);
    if (found === undefined) throw ended(collector, logPath);
    return found;
  } catch (error) {
    await end(info, directory, { table, clock });
    throw error;
  }
}

async function end(
  info: ProcessInfo,
  directory: string,
  modules: { readonly table: ProcessTable; readonly clock: Clock },
): Promise<void> {
  await endProcess(info, modules, { graceMs: 5_000 });
  removePIDFile(directory);
}

/**
 * Removes the file by which a collector is found.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function removePIDFile(directory: string): void {
  const path = join(directory, PID_FILE);
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw unwritable(path, error);
  }
}

async function isUp({ readyPath, anyAnswerIsUp }: Collector, url: string): Promise<boolean> {
  try {
    const bounds = { what: "whether it is ready", timeoutMs: 2_000, maxBytes: 64 * 1024 };
    const { status } = await fetchBounded(`${url}${readyPath}`, {}, bounds);
    return anyAnswerIsUp || status === 200;
  } catch {
    return false;
  }
}

function ended(collector: Collector, logPath: string): TmpnetError {
  return failed(collector, quoting(`${collector.name} ended when it was started`, logPath));
}

function quoting(sentence: string, logPath: string): string {
  const lines = tailLines(logPath);
  if (lines.length === 0) return `${sentence}; it said nothing`;
  return [sentence, `  the last lines of ${logPath}:`, ...lines.map((line) => `    ${line}`)].join("\n");
}

/** An error of a collector. */
export function failed(
  { name }: Collector,
  message: string,
  options: { readonly cause?: unknown; readonly hint?: string } = {},
): TmpnetError {
  return new TmpnetError({ code: "collector", collector: name }, message, options);
}
