/**
 * Ends what runs of a network beside its nodes: nodes whose directory is gone or was renamed, and plugins that have
 * outlived their node.
 *
 * They are looked for before any node is stopped: with a node goes the note by which they are proven.
 *
 * @module
 */

import { basename } from "node:path";
import type { Clock } from "../core/clock.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import type { Env } from "./disk/layout.ts";
import { TmpnetError } from "./errors.ts";
import { clearServiceDiscovery, removeServiceDiscoveryOf } from "./monitoring/service_discovery.ts";
import type { NodeStop } from "./node_runner.ts";
import { endOrphans, findOrphansOf, type Orphan, orphanName } from "./orphans.ts";

/** What it needs. */
export interface StopOrphansModules {
  readonly clock: Clock;
  /** Where home is: collectors are told there. */
  readonly env: Env;
}

/**
 * Stops a network's nodes, and what runs beside them.
 *
 * @param networkDir It need not be there any more.
 * @param stopNodes Stops the nodes.
 * @returns What became of the nodes, and behind them of the others.
 * @throws {TmpnetError} `not-stopped` once all that can be is stopped; whatever `stopNodes` throws.
 */
export async function stopWithOrphans(
  networkDir: string,
  stopNodes: () => Promise<readonly NodeStop[]>,
  modules: StopOrphansModules,
): Promise<readonly NodeStop[]> {
  const orphans = findOrphansOf(networkDir);
  // One after the other: a process that is ending has no command line, and its notes may lie in a node's directory.
  const [others] = await Promise.allSettled([stopOrphans(orphans, modules)]);
  const nodes = await stopNodes();
  clearServiceDiscovery(modules.env);
  if (others.status === "rejected") throw others.reason;
  const told = new Set(orphans.map(({ process }) => process.pid));
  return [...nodes.map((stop) => withoutPIDs(stop, told)), ...others.value];
}

async function stopOrphans(orphans: readonly Orphan[], { clock, env }: StopOrphansModules): Promise<NodeStop[]> {
  const ended = await endOrphans(orphans, { clock });
  for (const { orphan } of ended) forgetOrphan(orphan, env);
  const left = ended.filter(({ how }) => how === "still-running").map(({ orphan }) => orphan);
  if (left.length > 0) {
    const facts = left.map((orphan) => `process ${orphan.process.pid} runs on: ${orphanName(orphan)}`);
    throw new TmpnetError({ code: "not-stopped", nodeIDs: left.map(nodeIDOf) }, `Could not end ${facts.join("\n  ")}`);
  }
  const unproven = orphans.filter(({ proven }) => !proven);
  return [
    ...ended.map(({ orphan, how }): NodeStop => {
      return { nodeID: nodeIDOf(orphan), result: { how: how === "killed" ? how : "stopped" }, orphan };
    }),
    ...unproven.map((orphan): NodeStop => {
      return { nodeID: nodeIDOf(orphan), result: { how: "not-running", unproven: [orphan.process.pid] }, orphan };
    }),
  ];
}

/** What is said of a process that only looks like one of a network. */
export function leftAlone(orphan: Orphan): string {
  const { pid } = orphan.process;
  return `process ${pid} was left alone, as it cannot be proven to be ours: ${orphanName(orphan)}; if it is, kill ${pid}`;
}

/** Tells collectors no more of a process that has ended. That they cannot be told is no reason to fail. */
export function forgetOrphan({ dataDir }: Orphan, env: Env): void {
  try {
    removeServiceDiscoveryOf(dataDir, env);
  } catch {
    // It has ended, which was asked for.
  }
}

/** A process may look like a node of a directory that is not quite gone: it is told once. */
function withoutPIDs(stop: NodeStop, pids: ReadonlySet<number>): NodeStop {
  const { result } = stop;
  if (result.how !== "not-running") return stop;
  return { ...stop, result: { ...result, unproven: result.unproven.filter((pid) => !pids.has(pid)) } };
}

/** The name of its directory, as far as anybody knows now. */
function nodeIDOf({ dataDir }: Orphan): NodeID {
  return basename(dataDir) as NodeID;
}
