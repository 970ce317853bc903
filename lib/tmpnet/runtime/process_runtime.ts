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
import { dirname, join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { sleep } from "../../core/sleep.ts";
import type { HostRequest } from "../../platform/node_host.ts";
import { PROCESS_CONTEXT_FILE_NAME, removeProcessContext } from "../../platform/process_context.ts";
import { FILE_MODE, makeDirectory, unwritable, writeFileWhole } from "../disk/files.ts";
import { formatFile, sortedMap } from "../disk/json.ts";
import { type Env, FLAGS_FILE, MAIN_LOG } from "../disk/layout.ts";
import type { ProcessRuntimeConfig } from "../disk/runtime_config.ts";
import { type LastWords, TmpnetError } from "../errors.ts";
import { nodeDied, nodeUnhealthy } from "../failures.ts";
import type { FlagsMap } from "../flags_map.ts";
import { isThisAvx } from "../own_command.ts";
import type { NodeRuntime, NodeState, RunningState, RuntimeNode, StartControl, StopResult } from "./contract.ts";
import { endProcess } from "./end_process.ts";
import { fdLimitFlags } from "./fd_limit.ts";
import { LogWatch, tailLines } from "./log_watch.ts";
import { HOST_LOG, NodeHosts } from "./node_hosts.ts";
import { type ProcessInfo, type ProcessTable, systemProcessTable } from "./process_table.ts";
import { checkProgram, RECORDED_PROGRAM_HINT } from "./program.ts";
import { findNode, nodeArguments } from "./proof.ts";
import { type NotedProcess, readSpawnRecord, removeSpawnRecord, writeSpawnRecord } from "./spawn_record.ts";

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

/** How often a node is looked for again that was found running, and ended: what ends a node takes no more than two. */
const MAX_STOP_ROUNDS = 3;

/** How long a host may take to take note that the process of one of its nodes is gone, in milliseconds. */
const HOST_ANSWER_MS = 3_000;

/** Names the files of apps that a node runs. */
const APP_FLAG = "app";

/** So many of avx's own nodes have a process each; where more start side by side, they share some. */
export const MAX_OWN_PROCESSES = 10;

/** What a process runtime needs. */
export interface ProcessRuntimeModules {
  readonly clock: Clock;
  /** This system's by default. */
  readonly table?: ProcessTable;
}

/** A node that this runtime has started itself. */
interface Started {
  readonly watch: LogWatch;
  /** Its process; absent until it is there. */
  pid?: number | undefined;
  /** The process that it runs in with others, where it does. */
  hostPID?: number | undefined;
  /** Why it could not be run, or how it ended. */
  ended?: string;
}

export class ProcessRuntime implements NodeRuntime {
  readonly #clock: Clock;
  readonly #table: ProcessTable;
  readonly #env: Env;
  readonly #stopGraceMs: number;
  /** Of the start that is under way. */
  #hosts: NodeHosts | undefined;
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

    const hosts = this.#hostsFor(node, flags, control);
    try {
      const started =
        hosts === undefined ? this.#spawn(node, avalancheGoPath, flags) : await this.#spawnIn(hosts, node, flags);
      return await this.#waitForContext(node, started, control);
    } catch (error) {
      await this.stop(node);
      throw error;
    }
  }

  async stop(node: RuntimeNode): Promise<StopResult> {
    refuseOtherRuntimes(node);
    this.#hosts?.giveUp(node.dataDir);
    const { host, process: noted } = readSpawnRecord(node.dataDir) ?? {};
    if (host !== undefined && noted === undefined) await this.#waitForStandIn(host, node);
    const ends: ("stopped" | "killed")[] = [];
    let found = findNode(node.dataDir, this.#table);
    const { suspects } = found;
    // More than one round where a node's process came to be meanwhile.
    for (let round = 0; found.proven.length > 0 && round < MAX_STOP_ROUNDS; round++) {
      ends.push(...(await Promise.all(found.proven.map((info) => this.#end(info)))));
      if (ends.includes("killed") && host !== undefined) await this.#endStuckHost(host, node);
      found = findNode(node.dataDir, this.#table);
    }
    const left = found.proven;
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
    // A child that has not been reaped keeps its pid.
    if (started === undefined || started.ended !== undefined) return;
    for (const pid of [started.pid, started.hostPID]) {
      if (pid === undefined) continue;
      try {
        process.kill(-pid, "SIGKILL");
      } catch {
        // It has just ended.
      }
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
    const started = this.#started.get(node.dataDir);
    const fatal = started?.watch.poll();
    const logs = [MAIN_LOG, STDIO_LOG].map((name) => join(node.dataDir, name));
    if (started?.hostPID !== undefined) logs.push(join(dirname(node.dataDir), HOST_LOG));
    const tails = logs.map((path) => ({ path, lines: tailLines(path) })).filter(({ lines }) => lines.length > 0);
    return { ...(fatal === undefined ? {} : { fatal }), tails };
  }

  /** Starts the process and notes which one it is. */
  #spawn(node: RuntimeNode, program: string, flags: FlagsMap): Started {
    const { started, spawnedAt } = this.#begin(node);
    const env = { ...PATIENT_COMPILER, ...quietDisplay(flags), ...this.#env };
    const child = runDetached(node, program, env);
    child.on("error", (error) => {
      started.ended ??= `could not be run: ${errorMessage(error)}`;
    });
    child.on("exit", (code, signal) => {
      started.ended ??= signal === null ? `ended with exit code ${code}` : `was ended by ${signal}`;
    });
    child.unref();
    started.pid = child.pid;
    this.#note(node, spawnedAt, started);
    return started;
  }

  /** Has a process with others run the node, and notes which one stands for it. */
  async #spawnIn(hosts: NodeHosts, node: RuntimeNode, flags: FlagsMap): Promise<Started> {
    const { started, spawnedAt } = this.#begin(node);
    closeSync(openStdio(node));
    const { dataDir } = node;
    const quiet = Object.entries(quietDisplay(flags));
    const request: HostRequest = {
      dataDir,
      args: nodeArguments(dataDir),
      // What the caller's environment says stands above.
      env: Object.fromEntries(quiet.filter(([name]) => this.#env[name] === undefined)),
      stdio: join(dataDir, STDIO_LOG),
    };
    const host = hosts.next(dirname(dataDir));
    started.hostPID = host.pid;
    this.#note(node, spawnedAt, started);
    try {
      started.pid = await host.run(request, (how) => {
        started.ended ??= how;
      });
    } catch {
      return started; // why is in `ended`
    } finally {
      hosts.giveUp(dataDir);
    }
    this.#note(node, spawnedAt, started);
    return started;
  }

  /** Notes that a node is about to be started. */
  #begin(node: RuntimeNode): { started: Started; spawnedAt: number } {
    const started: Started = { watch: new LogWatch(join(node.dataDir, MAIN_LOG)) };
    const spawnedAt = this.#clock.now();
    writeSpawnRecord(node.dataDir, { spawnedAt });
    this.#started.set(node.dataDir, started);
    return { started, spawnedAt };
  }

  /** Notes which process a node is. */
  #note(node: RuntimeNode, spawnedAt: number, { pid, hostPID }: Started): void {
    const [process, host] = [this.#noted(pid), this.#noted(hostPID)];
    try {
      const known = { ...(process === undefined ? {} : { process }), ...(host === undefined ? {} : { host }) };
      writeSpawnRecord(node.dataDir, { spawnedAt, ...known });
    } catch (error) {
      this.kill(node); // what cannot be noted could not be found again
      throw error;
    }
  }

  #noted(pid: number | undefined): NotedProcess | undefined {
    const info = pid === undefined ? undefined : this.#table.read(pid);
    return info && { pid: info.pid, startMark: info.startMark };
  }

  /** The hosts that a node is to share with those that start alongside; `undefined` where it has a process of its own. */
  #hostsFor(node: RuntimeNode, flags: FlagsMap, control: StartControl): NodeHosts | undefined {
    // What goes wrong in an app is told by its node's process.
    if (flags[APP_FLAG] !== undefined) return undefined;
    if (this.#hosts?.awaits(node.dataDir)) return this.#hosts;
    const { alongside = [node], sharedProcesses } = control;
    const program = configOf(node).avalancheGoPath;
    const alike = alongside.filter(({ runtimeConfig }) => runtimeConfig.process?.avalancheGoPath === program);
    const isWanted = sharedProcesses ?? alike.length > MAX_OWN_PROCESSES;
    if (!isWanted || !isThisAvx(program)) return undefined;
    this.#hosts = new NodeHosts(
      program,
      this.#env,
      alike.map(({ dataDir }) => dataDir),
    );
    return this.#hosts;
  }

  /** Waits until a node has a process, or its host has ended without one: whoever started it has died meanwhile. */
  async #waitForStandIn(host: NotedProcess, node: RuntimeNode): Promise<void> {
    const until = this.#clock.monotonic() + HOST_ANSWER_MS;
    while (this.#table.read(host.pid)?.startMark === host.startMark && this.#clock.monotonic() < until) {
      if (findNode(node.dataDir, this.#table).proven.length > 0) return;
      await sleep(this.#clock, LOOK_INTERVAL_MS);
    }
  }

  /**
   * Ends a host that has not ended its node although the node's stand-in is gone: it is stuck, and so is every node that
   * it runs. One that lives takes the node's context back at once.
   */
  async #endStuckHost(host: NotedProcess, node: RuntimeNode): Promise<void> {
    const until = this.#clock.monotonic() + HOST_ANSWER_MS;
    while (existsSync(join(node.dataDir, PROCESS_CONTEXT_FILE_NAME))) {
      if (this.#clock.monotonic() >= until) {
        const info = this.#table.read(host.pid);
        if (info?.startMark === host.startMark) await this.#end(info, 0);
        return;
      }
      await sleep(this.#clock, LOOK_INTERVAL_MS);
    }
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

  async #end(info: ProcessInfo, graceMs = this.#stopGraceMs): Promise<"stopped" | "killed"> {
    return await endProcess(info, { clock: this.#clock, table: this.#table }, { graceMs });
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
  node: RuntimeNode,
  program: string,
  env: Readonly<Record<string, string | undefined>>,
): ChildProcess {
  const { dataDir } = node;
  const stdio = openStdio(node);
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

/** Empties the file for what a node prints. */
function openStdio({ dataDir }: RuntimeNode): number {
  const path = join(dataDir, STDIO_LOG);
  try {
    // Not through a link: what that points to is not ours to empty.
    const { O_WRONLY, O_CREAT, O_TRUNC, O_NOFOLLOW } = constants;
    return openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, FILE_MODE);
  } catch (error) {
    throw unwritable(path, error);
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

/** {@link QUIET_DISPLAY} as variables of the environment, but for what flags say. */
function quietDisplay(flags: FlagsMap): Record<string, string> {
  const quiet = Object.entries(QUIET_DISPLAY).filter(([name]) => flags[name] === undefined);
  return Object.fromEntries(quiet.map(([name, value]) => [`AVAGO_${name.toUpperCase().replaceAll("-", "_")}`, value]));
}
