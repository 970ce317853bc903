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

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { sleep } from "../../core/sleep.ts";
import { PROCESS_CONTEXT_FILE_NAME, removeProcessContext } from "../../platform/process_context.ts";
import { makeDirectory, unwritable, writeFileWhole } from "../disk/files.ts";
import { formatFile, sortedMap } from "../disk/json.ts";
import { type Env, FLAGS_FILE, HOST_LOG, MAIN_LOG, STDIO_LOG } from "../disk/layout.ts";
import type { ProcessRuntimeConfig } from "../disk/runtime_config.ts";
import { type LastWords, TmpnetError } from "../errors.ts";
import { nodeDied, nodeUnhealthy } from "../failures.ts";
import { APP_FLAG, type FlagsMap } from "../flags_map.ts";
import { isThisAvx } from "../own_command.ts";
import type {
  NodeRuntime,
  NodeState,
  RunningState,
  RuntimeNode,
  StartControl,
  StartedTogether,
  StopResult,
} from "./contract.ts";
import { endProcess } from "./end_process.ts";
import { fdLimitFlags } from "./fd_limit.ts";
import { endHost, waitForHost, waitForStandIn } from "./host_end.ts";
import { LogWatch, tailLines } from "./log_watch.ts";
import { type HostProcess, NodeHosts } from "./node_hosts.ts";
import { type ProcessTable, systemProcessTable } from "./process_table.ts";
import { checkProgram, RECORDED_PROGRAM_HINT } from "./program.ts";
import { findNode } from "./proof.ts";
import { hostRequest, runAlone } from "./run_node.ts";
import { type NotedProcess, readSpawnRecord, removeSpawnRecord, writeSpawnRecord } from "./spawn_record.ts";

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
  /** Sets that. */
  readonly onEnd: (how: string) => void;
}

export class ProcessRuntime implements NodeRuntime {
  readonly #modules: { readonly clock: Clock; readonly table: ProcessTable };
  readonly #env: Env;
  readonly #stopGraceMs: number;
  /** For nodes that start side by side just now, a network each. */
  readonly #hosts = new Set<NodeHosts>();
  /** By data directory. */
  readonly #started = new Map<string, Started>();

  /** @throws {TmpnetError} `unsupported` where processes cannot be told apart. */
  constructor(modules: ProcessRuntimeModules, options: ProcessRuntimeOptions) {
    this.#modules = { clock: modules.clock, table: modules.table ?? systemProcessTable() };
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

  together(
    nodes: readonly RuntimeNode[],
    options: { readonly sharedProcesses?: boolean | undefined } = {},
  ): StartedTogether {
    const programs = new Set(nodes.map((node) => configOf(node).avalancheGoPath));
    const own = new Set([...programs].filter(isThisAvx));
    const dataDirs = nodes.filter((node) => own.has(configOf(node).avalancheGoPath)).map(({ dataDir }) => dataDir);
    const isWanted = options.sharedProcesses ?? dataDirs.length > MAX_OWN_PROCESSES;
    const hosts: NodeHosts = new NodeHosts(this.#env, isWanted ? dataDirs : [], () => this.#hosts.delete(hosts));
    this.#hosts.add(hosts);
    return hosts;
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
    await this.#waitForHost(node);
    this.#clearAway(node);
    // An avalanchego whose plugin directory is missing does not start.
    if (flags["plugin-dir"]) makeDirectory(flags["plugin-dir"]);
    writeFileWhole(join(node.dataDir, FLAGS_FILE), formatFile(sortedMap(flags)), { durable: false });

    try {
      // What goes wrong in an app is told by the process of its node.
      const isAlone = flags[APP_FLAG] !== undefined;
      const hosts = isAlone ? undefined : [...this.#hosts].find((those) => those.has(node.dataDir));
      const started =
        hosts === undefined
          ? this.#spawn(node, avalancheGoPath, flags)
          : await this.#spawnIn(hosts.next(avalancheGoPath, node.dataDir), node, flags, control);
      return await this.#waitForContext(node, started, control);
    } catch (error) {
      await this.stop(node);
      throw error;
    }
  }

  async stop(node: RuntimeNode): Promise<StopResult> {
    refuseOtherRuntimes(node);
    const { host, process: noted } = readSpawnRecord(node.dataDir) ?? {};
    const isTold = this.#started.get(node.dataDir)?.ended !== undefined;
    if (host !== undefined && noted === undefined && !isTold) await waitForStandIn(host, node.dataDir, this.#modules);
    const graceMs = this.#stopGraceMs;
    const ends: ("stopped" | "killed")[] = [];
    let found = findNode(node.dataDir, this.#modules.table);
    const { suspects, context } = found;
    // More than one round where a node's process came to be meanwhile.
    for (let round = 0; found.proven.length > 0 && round < MAX_STOP_ROUNDS; round++) {
      ends.push(...(await Promise.all(found.proven.map((info) => endProcess(info, this.#modules, { graceMs })))));
      found = findNode(node.dataDir, this.#modules.table);
    }
    const left = found.proven;
    if (left.length > 0) {
      const message = `${node.nodeID} could not be ended: process ${left.map(({ pid }) => pid).join(", ")} runs on`;
      throw new TmpnetError({ code: "not-stopped", nodeIDs: [node.nodeID] }, message);
    }
    // A node that did not get so far as to say where it is takes nothing back from which its end could be told.
    if (ends.includes("killed") && context === undefined) await this.#endHost(node);
    else if (!ends.includes("stopped")) await this.#waitForHost(node);
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
    const { proven, suspects, context } = findNode(node.dataDir, this.#modules.table);
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
    started.pid = runAlone(node.dataDir, program, { flags, env: this.#env }, started.onEnd);
    this.#note(node, spawnedAt, started);
    return started;
  }

  /** Has a process with others run the node, and notes which one stands for it. */
  async #spawnIn(host: HostProcess, node: RuntimeNode, flags: FlagsMap, control: StartControl): Promise<Started> {
    const { signal, deadline = Number.POSITIVE_INFINITY } = control;
    const { clock } = this.#modules;
    const { started, spawnedAt } = this.#begin(node);
    const { dataDir } = node;
    const request = hostRequest(dataDir, { flags, env: this.#env });
    started.hostPID = host.pid;
    this.#note(node, spawnedAt, started);
    const onPlaced = (pid: number) => {
      started.pid = pid;
    };
    host.run(request, { onPlaced, onEnd: started.onEnd });
    while (started.pid === undefined && started.ended === undefined) {
      if (signal?.aborted || clock.monotonic() >= deadline) return started;
      await sleep(clock, LOOK_INTERVAL_MS, signal);
    }
    this.#note(node, spawnedAt, started);
    return started;
  }

  /** Waits until the host of a node whose process is gone has ended the node, too. */
  async #waitForHost({ dataDir }: RuntimeNode): Promise<void> {
    const { host } = readSpawnRecord(dataDir) ?? {};
    if (host !== undefined) await waitForHost(host, dataDir, this.#modules);
  }

  async #endHost({ dataDir }: RuntimeNode): Promise<void> {
    const { host } = readSpawnRecord(dataDir) ?? {};
    if (host !== undefined) await endHost(host, this.#modules);
  }

  /** Notes that a node is about to be started. */
  #begin(node: RuntimeNode): { started: Started; spawnedAt: number } {
    const started: Started = {
      watch: new LogWatch(join(node.dataDir, MAIN_LOG)),
      onEnd: (how) => {
        started.ended ??= how;
      },
    };
    const spawnedAt = this.#modules.clock.now();
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
    const info = pid === undefined ? undefined : this.#modules.table.read(pid);
    return info && { pid: info.pid, startMark: info.startMark };
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
      if (this.#modules.clock.monotonic() >= deadline) {
        throw nodeUnhealthy(node, "did not say in time where it can be reached", [], this.lastWords(node));
      }
      await sleep(this.#modules.clock, LOOK_INTERVAL_MS, signal);
    }
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
