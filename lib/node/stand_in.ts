/**
 * The process that stands for a node which runs in another one, beside other nodes.
 *
 * Whoever handles nodes knows each by a process ID: `process.json` names it, signals go to it, and when its process has
 * ended, the node has. A stand-in is as little of a process as there is, a waiting shell, with the command line that
 * the node would have:
 *
 * - Asked to end (SIGTERM, SIGINT), it tells the host, and ends once the node has.
 * - Killed, it is gone at once, and the host ends the node.
 * - When the host is gone, it ends.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { accessSync } from "node:fs";
import type { HostRequest } from "../platform/node_host.ts";

/**
 * What the shell does: a line that it reads is its exit code; the end of its input is the host's end; a signal is passed
 * on. POSIX has a signal with a trap interrupt `read`, which fails then.
 */
const SCRIPT = `trap 'asked=1; echo stop' TERM INT
while :; do
  asked=
  read -r code && exit "$code"
  [ "$asked" ] || exit 1
done`;

/** Holds the script, so that lists of processes show a line that can be read. */
const SCRIPT_ENV = "AVX_STAND_IN";

/** A process that stands for a node. */
export class StandIn {
  readonly pid: number;
  /** Resolves when the node is asked to end, or its stand-in is gone. */
  readonly asked: Promise<void>;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, pid: number) {
    this.#child = child;
    this.pid = pid;
    this.asked = new Promise((resolve) => {
      child.stdout?.once("data", () => resolve());
      child.once("exit", () => resolve());
    });
    // A stand-in that was killed reads no more.
    child.stdin?.on("error", () => {});
  }

  /**
   * Starts one, as the leader of a session.
   *
   * @param name The program that the command line is to name.
   * @throws The system's error when no process can be started.
   */
  static async start(name: string, { dataDir, args, env }: HostRequest): Promise<StandIn> {
    accessSync(dataDir); // of a working directory that is missing, the system says that the shell is
    const child = spawn("/bin/sh", ["-c", `eval "$${SCRIPT_ENV}"`, name, ...args], {
      cwd: dataDir,
      detached: true,
      env: { ...process.env, ...env, [SCRIPT_ENV]: SCRIPT },
      stdio: ["pipe", "pipe", "ignore"],
    });
    const { pid } = child;
    if (pid !== undefined) return new StandIn(child, pid);
    throw await new Promise<Error>((resolve) => child.once("error", resolve));
  }

  /** The node has ended: so does its stand-in, with this exit code. */
  release(exitCode: number): void {
    this.#child.stdin?.end(`${exitCode}\n`);
  }
}
