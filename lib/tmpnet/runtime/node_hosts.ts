/**
 * Processes that run many of avx's own nodes each, for networks of many: see `lib/node/node_host.ts` for what they are.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, constants, openSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { errorMessage } from "../../core/errors.ts";
import {
  END_OF_REQUESTS,
  HOST_ARGUMENTS,
  type HostAnswer,
  type HostRequest,
  parseHostAnswer,
} from "../../platform/node_host.ts";
import { FILE_MODE, unwritable } from "../disk/files.ts";
import { type Env, HOST_LOG } from "../disk/layout.ts";
import type { StartedTogether } from "./contract.ts";
import { hardFDLimit } from "./fd_limit.ts";
import { ending } from "./run_node.ts";

/** How many nodes at least make a further host worth its start, which takes a tenth of a second of a processor. */
const MIN_NODES_PER_HOST = 5;

/** Files that a node has open beside its connections to peers: logs, servers, the pipes of its stand-in. */
const FILES_PER_NODE = 20;

/** The part of the files that a process may have open which its nodes are counted on to need. */
const PLANNED_PART = 0.5;

/**
 * How many hosts to spread nodes over that all connect to each other: one for each processor, and more where one could
 * not have so many files open.
 *
 * @example
 * ```ts
 * hostCount(50, { processors: 2, files: 20_000 }); // 2
 * hostCount(500, { processors: 2, files: 20_000 }); // 27
 * ```
 */
export function hostCount(nodes: number, machine: { readonly processors: number; readonly files: number }): number {
  const nodesPerHost = Math.max(1, Math.floor((machine.files * PLANNED_PART) / (nodes + FILES_PER_NODE)));
  const wanted = Math.min(machine.processors, Math.ceil(nodes / MIN_NODES_PER_HOST));
  return Math.max(wanted, Math.ceil(nodes / nodesPerHost));
}

/** Starts hosts as they are needed, and gives each its share of the nodes. */
export class NodeHosts implements StartedTogether {
  readonly #env: Env;
  readonly #dataDirs: ReadonlySet<string>;
  /** How many hosts there are to be; counted when the first is needed. */
  #count: number | undefined;
  readonly #hosts: HostProcess[] = [];
  readonly #onDisposed: () => void;
  #next = 0;

  /**
   * @param dataDirs Of all nodes that are to share processes.
   * @param onDisposed Is called when it gives out no more hosts.
   */
  constructor(env: Env, dataDirs: readonly string[], onDisposed: () => void) {
    this.#env = env;
    this.#onDisposed = onDisposed;
    this.#dataDirs = new Set(dataDirs);
  }

  /** Whether a node is to share a process. */
  has(dataDir: string): boolean {
    return this.#dataDirs.has(dataDir);
  }

  /**
   * The host for one more node.
   *
   * @param program Runs it, where it is the first of its host.
   * @throws {TmpnetError} `unwritable`.
   */
  next(program: string, dataDir: string): HostProcess {
    this.#count ??= hostCount(this.#dataDirs.size, { processors: availableParallelism(), files: hardFDLimit() });
    const turn = this.#next++ % this.#count;
    this.#hosts[turn] ??= new HostProcess(program, this.#env, dirname(dataDir));
    return this.#hosts[turn];
  }

  /** Has the hosts go on alone. */
  keep(): void {
    for (const host of this.#hosts.splice(0)) host.noMore();
  }

  /** Whoever could not start all nodes has stopped them: a host that is there still is stuck, or has just nothing to do. */
  [Symbol.dispose](): void {
    for (const host of this.#hosts) host.kill();
    this.#onDisposed();
  }
}

/** Who is told of a node that a host was asked to run. */
export interface HostedNode {
  /** A process stands for it. */
  readonly onPlaced: (pid: number) => void;
  /** It has ended, or could not be run: how, in words that follow "it". */
  readonly onEnd: (how: string) => void;
}

/** One host. */
export class HostProcess {
  readonly #child: ChildProcess;
  /** By data directory. */
  readonly #nodes = new Map<string, HostedNode>();

  /** @throws {TmpnetError} `unwritable`. */
  constructor(program: string, env: Env, networkDir: string) {
    this.#child = spawnHost(program, env, networkDir);
    const { stdin, stdout } = this.#child;
    this.#child.once("error", (error) => this.#onEnd(`could not be run: ${errorMessage(error)}`));
    this.#child.once("exit", (code, signal) => {
      this.#onEnd(`was in a process with other nodes that ${ending(code, signal)}`);
    });
    // What a host that is gone was told is answered by its end.
    stdin?.on("error", () => {});
    if (stdout !== null) createInterface({ input: stdout }).on("line", (line) => this.#onLine(line));
    // It goes on when whoever started it has ended.
    this.#child.unref();
    for (const pipe of [stdin, stdout]) (pipe as { unref?: () => void } | null)?.unref?.();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Asks the host to run a node. */
  run(request: HostRequest, node: HostedNode): void {
    this.#nodes.set(request.dataDir, node);
    this.#child.stdin?.write(`${JSON.stringify(request)}\n`);
  }

  /** All its nodes are there: it goes on also when whoever started it has ended. */
  noMore(): void {
    this.#child.stdin?.end(`${END_OF_REQUESTS}\n`);
  }

  /** Ends it at once, with all that it runs. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #onLine(line: string): void {
    const answer = parseHostAnswer(line);
    if (answer !== undefined) this.#onAnswer(answer);
  }

  #onAnswer(answer: HostAnswer): void {
    const node = this.#nodes.get(answer.dataDir);
    if (node === undefined) return;
    if ("pid" in answer) {
      node.onPlaced(answer.pid);
    } else {
      this.#nodes.delete(answer.dataDir);
      node.onEnd(answer.ended);
    }
  }

  #onEnd(how: string): void {
    for (const dataDir of [...this.#nodes.keys()]) this.#onAnswer({ dataDir, ended: how });
  }
}

function spawnHost(program: string, env: Env, networkDir: string): ChildProcess {
  const path = join(networkDir, HOST_LOG);
  let log: number;
  try {
    const { O_WRONLY, O_CREAT, O_APPEND, O_NOFOLLOW, O_NONBLOCK } = constants;
    log = openSync(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_NONBLOCK, FILE_MODE);
  } catch (error) {
    throw unwritable(path, error);
  }
  try {
    return spawn(program, [...HOST_ARGUMENTS], {
      cwd: networkDir,
      detached: true,
      env: { ...env },
      stdio: ["pipe", "pipe", log],
    });
  } finally {
    closeSync(log);
  }
}
