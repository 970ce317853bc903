/**
 * `avx net stop --all`: all networks of a root, and the processes that have run away from them.
 *
 * @module
 */

import { resolve } from "node:path";
import { errorMessage } from "../../lib/core/errors.ts";
import type { StopControl } from "../../lib/tmpnet/network.ts";
import { type StoppedNetwork, stopAllNetworks } from "../../lib/tmpnet/stop_all.ts";
import type { CommandContext } from "../command.ts";
import { AlreadyTold, formatError } from "../errors.ts";
import { orphanLines } from "./removal_text.ts";
import { counted } from "./text.ts";

/** How it is asked for. */
export interface StopAllOptions {
  readonly rootNetworkDir?: string;
  readonly json?: boolean;
}

/** Stops all and says what became of each; fails where something runs on that should not. */
export async function stopAll(options: StopAllOptions, control: StopControl, context: CommandContext): Promise<void> {
  const { stdout, stderr, env, cwd, calledAs } = context;
  const rootDir = options.rootNetworkDir ? resolve(cwd, options.rootNetworkDir) : undefined;
  const { networks, orphans, unproven } = await stopAllNetworks(rootDir, control, { env });
  if (options.json) {
    const document = {
      networks: networks.map(({ dir, stops, error }) => ({
        dir,
        nodes: stops.map(({ nodeID, result }) => ({ nodeID, ...result })),
        ...(error === undefined ? {} : { error: errorMessage(error) }),
      })),
      orphans: orphans.map(({ orphan, how }) => ({
        pid: orphan.process.pid,
        kind: orphan.kind,
        dataDir: orphan.dataDir,
        how,
      })),
      unproven: unproven.map(({ process, kind, dataDir }) => ({ pid: process.pid, kind, dataDir })),
    };
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    for (const network of networks) if (network.error === undefined) stdout.write(`${sentence(network)}\n`);
    stdout.write(orphanLines(orphans, unproven));
    if (networks.length + orphans.length + unproven.length === 0) stdout.write("No network was running\n");
  }
  for (const { error } of networks) if (error !== undefined) stderr.write(formatError(error, { calledAs }));
  const isDone =
    networks.every(({ error }) => error === undefined) &&
    orphans.every(({ how }) => how !== "still-running") &&
    unproven.length === 0;
  if (!isDone) throw new AlreadyTold();
}

function sentence({ dir, stops }: StoppedNetwork): string {
  const ended = stops.filter(({ result }) => result.how !== "not-running").length;
  const killed = stops.filter(({ result }) => result.how === "killed").length;
  return `Stopped ${counted(ended, "node")}${killed === 0 ? "" : ` (${killed} had to be killed)`}: ${dir}`;
}
