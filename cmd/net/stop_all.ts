/**
 * `avx net stop --all`: all networks of a root, and the processes that have run away from them.
 *
 * @module
 */

import { resolve } from "node:path";
import { errorMessage } from "../../lib/core/errors.ts";
import type { NodeStop, StopControl } from "../../lib/tmpnet/network.ts";
import { type StoppedNetwork, stopAllNetworks } from "../../lib/tmpnet/stop_all.ts";
import type { CommandContext } from "../command.ts";
import { AlreadyTold, formatError } from "../errors.ts";
import type { StopAllDocument } from "../json_documents.ts";
import { orphanLines } from "./removal_text.ts";
import { endedOrphans, refuseUnproven, stopDocument } from "./stop_text.ts";
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
    const document: StopAllDocument = {
      networks: networks.map(({ dir, stops, error }) => ({
        dir,
        nodes: stops.map(stopDocument),
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
    const ofNetworks = networks.flatMap(({ stops }) => endedOrphans(stops));
    stdout.write(orphanLines([...ofNetworks, ...orphans], unproven));
    if (networks.length + orphans.length + unproven.length === 0) stdout.write("No network was running\n");
  }
  const errors = networks.flatMap(({ stops, error }) => error ?? unprovenNodes(stops) ?? []);
  for (const error of errors) stderr.write(formatError(error, { calledAs }));
  const isDone = errors.length === 0 && orphans.every(({ how }) => how !== "still-running") && unproven.length === 0;
  if (!isDone) throw new AlreadyTold();
}

/** What {@link refuseUnproven} has to say of a network's nodes: of processes beside them the orphans tell. */
function unprovenNodes(stops: readonly NodeStop[]): unknown {
  try {
    refuseUnproven(stops.filter(({ orphan }) => orphan === undefined));
    return undefined;
  } catch (error) {
    return error;
  }
}

function sentence({ dir, stops: all }: StoppedNetwork): string {
  const stops = all.filter(({ orphan }) => orphan === undefined);
  const ended = stops.filter(({ result }) => result.how !== "not-running").length;
  const killed = stops.filter(({ result }) => result.how === "killed").length;
  return `Stopped ${counted(ended, "node")}${killed === 0 ? "" : ` (${killed} had to be killed)`}: ${dir}`;
}
