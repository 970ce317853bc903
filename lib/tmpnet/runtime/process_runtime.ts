/**
 * Runs nodes as processes of this machine, each a session of its own that outlives whoever started it.
 *
 * A node is called as `<program> --config-file <data dir>/flags.json`, as tmpnet calls it. What it prints goes to
 * `stdio.log` in its data directory: a program that dies before it has a log is quoted from there. It is started when
 * it has written `process.json`; a FATAL in its main log, or the end of its process, is why it was not. It is ended by
 * its pid, which is proven first to be that node: see `proof.ts`.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, existsSync, openSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { sleep } from "../../core/sleep.ts";
import { PROCESS_CONTEXT_FILE_NAME, removeProcessContext } from "../../platform/process_context.ts";
import { FILE_MODE, makeDirectory, unwritable, writeFileWhole } from "../disk/files.ts";
import { formatFile, sortedMap } from "../disk/json.ts";
import { type Env, FLAGS_FILE, MAIN_LOG } from "../disk/layout.ts";
import type { ProcessRuntimeConfig } from "../disk/runtime_config.ts";
import { type LastWords, TmpnetError } from "../errors.ts";
import { nodeDied, nodeUnhealthy } from "../failures.ts";
import type { FlagsMap } from "../flags_map.ts";
import type { NodeRuntime, NodeState, RunningState, RuntimeNode, StartControl, StopResult } from "./contract.ts";
import { endProcess } from "./end_process.ts";
import { fdLimitFlags } from "./fd_limit.ts";
import { LogWatch, tailLines } from "./log_watch.ts";
import { type ProcessInfo, type ProcessTable, systemProcessTable } from "./process_table.ts";
import { checkProgram, RECORDED_PROGRAM_HINT } from "./program.ts";
import { findNode, nodeArguments } from "./proof.ts";
import { removeSpawnRecord, writeSpawnRecord } from "./spawn_record.ts";

/** What a node's process prints. It is no `.log` of `logs/`: collectors of logs leave it alone. */
export const STDIO_LOG = "stdio.log";

/** How often a starting node is looked at, in milliseconds: less than a tenth of what avalanchego takes to start. */
const LOOK_INTERVAL_MS = 10;

/** Every how many looks at a starting node its process and its log are looked at, too: every quarter of a second. */
const FULL_LOOK_EVERY = 25;

/** How a process runtime behaves. */
export interface ProcessRuntimeOptions {
  /** The environment that nodes inherit. */
  readonly env: Env;
  /** @default {10000} How long a node may take to end before it is killed, in milliseconds; it needs some hundred. */
  readonly stopGraceMs?: number;
}

export const DEFAULT_STOP_GRACE_MS = 10_000;

/** What a process runtime needs. */
export interface ProcessRuntimeModules {
  readonly clock: Clock;
  /** This system's by default. */
  readonly table?: ProcessTable;
}

/** A process that this runtime has started itself. */
interface Started {
  readonly child: ChildProcess;
  readonly watch: LogWatch;
  /** Why it could not be run, or how it ended. */
  ended?: string;
}

export class ProcessRuntime implements NodeRuntime {
  readonly #clock: Clock;
  readonly #table: ProcessTable;
  readonly #env: Env;
  readonly #stopGraceMs: number;
  /** By data directory. */
  readonly #started = new Map<string, Started>();

  /** @throws {TmpnetError} `unsupported` where processes cannot be told apart. */
  constructor(modules: ProcessRuntimeModules, options: ProcessRuntimeOptions) {
    this.#clock = modules.clock;
    this.#table = modules.table ?? systemProcessTable();
    this.#env = options.env;
    this.#stopGraceMs = options.stopGraceMs ?? DEFAULT_STOP_GRACE_MS;
  }

  /** Source: upstream `process_runtime.go` `writeFlags`; `fd-limit` is ours. */
  defaultFlags(node: RuntimeNode): FlagsMap {
    const { pluginDir } = configOf(node);
    return {
      "data-dir": node.dataDir,
      "http-port": "0",
      "staking-port": "0",
      "public-ip": "127.0.0.1",
      "http-host": "127.0.0.1",
      "staking-host": "127.0.0.1",
      ...(pluginDir === undefined ? {} : { "plugin-dir": pluginDir }),
      ...fdLimitFlags(this.#env),
    };
  }

  async start(node: RuntimeNode, flags: FlagsMap, control: StartControl = {}): Promise<RunningState> {
    const { avalancheGoPath } = configOf(node);
    checkProgram(avalancheGoPath, RECORDED_PROGRAM_HINT);
    const running = this.inspect(node);
    if (running.status !== "stopped") {
      const { pid } = running;
      const message = `${node.nodeID} runs already: process ${pid}`;
      throw new TmpnetError({ code: "already-running", nodeID: node.nodeID, pid }, message);
    }
    this.#clearAway(node);
    // An avalanchego whose plugin directory is missing does not start.
    if (flags["plugin-dir"]) makeDirectory(flags["plugin-dir"]);
    writeFileWhole(join(node.dataDir, FLAGS_FILE), formatFile(sortedMap(flags)), { durable: false });

    const started = this.#spawn(node, avalancheGoPath, flags);
    try {
      return await this.#waitForContext(node, started, control);
    } catch (error) {
      await this.stop(node);
      throw error;
    }
  }

  async stop(node: RuntimeNode): Promise<StopResult> {
    refuseOtherRuntimes(node);
    const { proven, suspects } = findNode(node.dataDir, this.#table);
    const ends = await Promise.all(proven.map((info) => this.#end(info)));
    const left = findNode(node.dataDir, this.#table).proven;
    if (left.length > 0) {
      const message = `${node.nodeID} could not be ended: process ${left.map(({ pid }) => pid).join(", ")} runs on`;
      throw new TmpnetError({ code: "not-stopped", nodeIDs: [node.nodeID] }, message);
    }
    this.#clearAway(node);
    this.#started.delete(node.dataDir);
    if (ends.length === 0) return { how: "not-running", unproven: suspects.map(({ pid }) => pid) };
    return { how: ends.includes("killed") ? "killed" : "stopped" };
  }

  kill(node: RuntimeNode): void {
    const started = this.#started.get(node.dataDir);
    const pid = started?.child.pid;
    // A child that has not been reaped keeps its pid.
    if (pid === undefined || started?.ended !== undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }

  inspect(node: RuntimeNode): NodeState {
    const { proven, suspects, context } = findNode(node.dataDir, this.#table);
    const self = proven.find(({ pid }) => pid === context?.pid);
    if (self !== undefined && context !== undefined) {
      const { uri, stakingAddress } = context;
      return { status: "running", pid: self.pid, uri, stakingAddress, startedAt: self.startedAt };
    }
    const [first] = proven;
    if (first !== undefined) return { status: "starting", pid: first.pid, startedAt: first.startedAt };
    return {
      status: "stopped",
      unproven: suspects.map(({ pid }) => pid),
      ...(context === undefined ? {} : { stalePID: context.pid }),
    };
  }

  trouble(node: RuntimeNode): string | undefined {
    const started = this.#started.get(node.dataDir);
    return started?.watch.poll() ?? started?.ended;
  }

  lastWords(node: RuntimeNode): LastWords {
    const fatal = this.#started.get(node.dataDir)?.watch.poll();
    const tails = [MAIN_LOG, STDIO_LOG]
      .map((name) => join(node.dataDir, name))
      .map((path) => ({ path, lines: tailLines(path) }))
      .filter(({ lines }) => lines.length > 0);
    return { ...(fatal === undefined ? {} : { fatal }), tails };
  }

  /** Starts the process and notes which one it is. */
  #spawn(node: RuntimeNode, program: string, flags: FlagsMap): Started {
    const watch = new LogWatch(join(node.dataDir, MAIN_LOG));
    const spawnedAt = this.#clock.now();
    writeSpawnRecord(node.dataDir, { spawnedAt });
    const started: Started = { child: runDetached(node, program, nodeEnv(this.#env, flags)), watch };
    this.#started.set(node.dataDir, started);
    const { child } = started;
    child.on("error", (error) => {
      started.ended ??= `could not be run: ${errorMessage(error)}`;
    });
    child.on("exit", (code, signal) => {
      started.ended ??= signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
    });
    child.unref();
    const info = child.pid === undefined ? undefined : this.#table.read(child.pid);
    if (info === undefined) return started;
    try {
      writeSpawnRecord(node.dataDir, { spawnedAt, process: { pid: info.pid, startMark: info.startMark } });
    } catch (error) {
      this.kill(node); // what cannot be noted could not be found again
      throw error;
    }
    return started;
  }

  async #waitForContext(node: RuntimeNode, started: Started, control: StartControl): Promise<RunningState> {
    const { signal, deadline = Number.POSITIVE_INFINITY } = control;
    const contextPath = join(node.dataDir, PROCESS_CONTEXT_FILE_NAME);
    for (let look = 0; ; look++) {
      // Many nodes start side by side, and each look at a process takes from them what they need to start.
      const isTelling = existsSync(contextPath) || started.ended !== undefined;
      if (isTelling || look % FULL_LOOK_EVERY === 0) {
        const state = this.inspect(node);
        if (state.status === "running") return state;
        const trouble = this.trouble(node);
        // A program that has handed over to another one may end.
        const mayStart = state.status === "starting" && started.ended !== undefined;
        if (trouble !== undefined && !mayStart) throw nodeDied(node, trouble, this.lastWords(node));
      }
      if (signal?.aborted) throw new TmpnetError({ code: "interrupted" }, "The start was interrupted");
      if (this.#clock.monotonic() >= deadline) {
        throw nodeUnhealthy(node, "did not say in time where it can be reached", [], this.lastWords(node));
      }
      await sleep(this.#clock, LOOK_INTERVAL_MS, signal);
    }
  }

  async #end(info: ProcessInfo): Promise<"stopped" | "killed"> {
    return await endProcess(info, { clock: this.#clock, table: this.#table }, { graceMs: this.#stopGraceMs });
  }

  /** What a node that does not run has left and would mislead whoever reads it. */
  #clearAway(node: RuntimeNode): void {
    const path = join(node.dataDir, PROCESS_CONTEXT_FILE_NAME);
    try {
      removeProcessContext(path);
      removeSpawnRecord(node.dataDir);
    } catch (error) {
      throw unwritable(path, error);
    }
  }
}

/** Starts a program as the leader of a session, with what it prints in a file. */
function runDetached(
  { dataDir }: RuntimeNode,
  program: string,
  env: Readonly<Record<string, string | undefined>>,
): ChildProcess {
  const stdioPath = join(dataDir, STDIO_LOG);
  let stdio: number;
  try {
    // Not through a link: what that points to is not ours to empty.
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    stdio = openSync(stdioPath, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, FILE_MODE);
  } catch (error) {
    throw unwritable(stdioPath, error);
  }
  try {
    return spawn(program, nodeArguments(dataDir), {
      cwd: dataDir,
      detached: true,
      env,
      stdio: ["ignore", stdio, stdio],
    });
  } catch (cause) {
    const message = `Cannot run ${program}: ${errorMessage(cause)}`;
    throw new TmpnetError({ code: "binary", path: program }, message, { cause });
  } finally {
    closeSync(stdio);
  }
}

function configOf(node: RuntimeNode): ProcessRuntimeConfig {
  refuseOtherRuntimes(node);
  return node.runtimeConfig.process ?? { avalancheGoPath: "" };
}

function refuseOtherRuntimes({ nodeID, runtimeConfig }: RuntimeNode): void {
  const [what] = Object.keys(runtimeConfig.other ?? {});
  if (runtimeConfig.process !== undefined || what === undefined) return;
  const message = `${nodeID} is not run as a process but by the runtime "${what}", which avx does not have`;
  throw new TmpnetError({ code: "unsupported", what }, message);
}

/**
 * What nodes display, unless a flag or a variable of the user's says otherwise: errors alone. They log the rest to
 * files that are turned over; `stdio.log` is not, and is to hold what a log cannot.
 */
const QUIET_DISPLAY: Readonly<Record<string, string>> = {
  "log-display-level": "error",
  "log-disable-display-plugin-logs": "true",
};

/**
 * How hot code must be before avx's runtime compiles it for speed: twenty times what it is by default. Nodes that start
 * side by side share few cores, and most of what they run then they run a few times: measured with thirty nodes on two
 * cores, it takes a quarter off the processor time of each. What a node under load runs gets hot all the same.
 */
const PATIENT_COMPILER: Readonly<Record<string, string>> = { BUN_JSC_thresholdForOptimizeAfterWarmUp: "20000" };

/** The environment of a node: the caller's, {@link QUIET_DISPLAY} and {@link PATIENT_COMPILER}. */
function nodeEnv(env: Env, flags: FlagsMap): Record<string, string | undefined> {
  const quiet = Object.entries(QUIET_DISPLAY)
    .filter(([name]) => flags[name] === undefined)
    .map(([name, value]) => [`AVAGO_${name.toUpperCase().replaceAll("-", "_")}`, value]);
  return { ...PATIENT_COMPILER, ...Object.fromEntries(quiet), ...env };
}
