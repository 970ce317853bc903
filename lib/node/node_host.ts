/**
 * Many nodes in one process.
 *
 * A node that starts alone runs code that is cold, and fifty of them side by side run it cold fifty times. In one
 * process it is compiled once, and they share its memory. Each node has its directory, its ports, its logs and a process
 * that stands for it, so that it is handled as one that runs by itself.
 *
 * @module
 */

import { appendFileSync } from "node:fs";
import { type Clock, systemClock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import type { HostAnswer, HostRequest } from "../platform/node_host.ts";
import { parseCommandLine } from "./config/command_line.ts";
import { resolveNodeConfig } from "./config/node_config.ts";
import { loadSettings } from "./config/settings.ts";
import { Node } from "./node.ts";
import { StandIn } from "./stand_in.ts";
import { logStartupFailure } from "./startup_failure.ts";

/** What a host takes from outside. */
export interface NodeHostModules {
  readonly clock?: Clock;
  /** The environment of all its nodes. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What this program was built from. */
  readonly gitCommit?: string;
  /** How the command line of a stand-in names the program. */
  readonly program: string;
  /** Is told what becomes of each node. */
  readonly tell: (answer: HostAnswer) => void;
  /** The text for the fault that ended a node, as the node's own process would print it. */
  readonly report: (fault: unknown) => string;
}

/** Runs nodes until each is asked to end, or all are. */
export class NodeHost {
  readonly #modules: NodeHostModules;
  readonly #closing = Promise.withResolvers<void>();
  readonly #running = new Set<Promise<void>>();

  constructor(modules: NodeHostModules) {
    this.#modules = modules;
  }

  /** Starts a node. What goes wrong is written to its files and told; it is never thrown. */
  run(request: HostRequest): void {
    const running = this.#run(request).finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Asks all nodes to end. */
  close(): void {
    this.#closing.resolve();
  }

  /** Resolves when none of the nodes that it has been given runs any more. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  async #run(request: HostRequest): Promise<void> {
    const { tell, report, program } = this.#modules;
    const { dataDir, stdio } = request;
    let standIn: StandIn | undefined;
    try {
      standIn = await StandIn.start(program, request);
      tell({ dataDir, pid: standIn.pid });
      await this.#runNode(request, standIn);
      standIn.release(0);
      tell({ dataDir, ended: "ended with exit code 0" });
    } catch (fault) {
      tryTo(() => appendFileSync(stdio, report(fault)));
      standIn?.release(1);
      const why = standIn === undefined ? `could not be run: ${errorMessage(fault)}` : "ended with exit code 1";
      tell({ dataDir, ended: why });
    }
  }

  /** Runs the node until it has ended; throws why, where nobody asked for it. */
  async #runNode(request: HostRequest, standIn: StandIn): Promise<void> {
    const { clock = systemClock, gitCommit = "" } = this.#modules;
    const { args, dataDir: cwd, stdio } = request;
    const env = { ...this.#modules.env, ...request.env };
    let config: ReturnType<typeof resolveNodeConfig>;
    try {
      config = resolveNodeConfig(loadSettings({ commandLine: parseCommandLine(args), env, cwd }));
    } catch (error) {
      await logStartupFailure(error, { args, env, cwd });
      throw error;
    }
    const display = { write: (line: string) => tryTo(() => appendFileSync(stdio, line)) };
    await using node = await Node.start(config, { clock, gitCommit, display, pid: standIn.pid });
    await Promise.race([node.ended, standIn.asked, this.#closing.promise]);
    await node.close();
    const fault = await node.ended;
    if (fault !== undefined) throw fault;
  }
}

/** A full disk takes what is printed, and no node. */
function tryTo(write: () => void): void {
  try {
    write();
  } catch {
    // There is nowhere to say so.
  }
}
