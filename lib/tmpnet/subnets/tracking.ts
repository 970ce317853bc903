/**
 * Which subnets nodes are told to track: those that they validate, as tmpnet has it.
 *
 * Source: upstream `tests/fixture/tmpnet/network.go` `TrackedSubnetsForNode`.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { SubnetRecord } from "../disk/subnets.ts";
import type { FlagsMap } from "../flags_map.ts";
import type { SubnetControl, SubnetHost } from "./host.ts";

/** The flag, as avalanchego has it. */
export const TRACK_SUBNETS_FLAG = "track-subnets";

/**
 * A node's flags with what it is to track besides. What it tracks already stays, whoever said so.
 *
 * @param left Subnets that it is not to track any more.
 * @returns The same flags where nothing changes.
 */
export function withTracked(
  flags: FlagsMap,
  nodeID: string,
  subnets: readonly SubnetRecord[],
  left: readonly string[] = [],
): FlagsMap {
  const before = (flags[TRACK_SUBNETS_FLAG] ?? "").split(",").filter((id) => id !== "");
  const kept = before.filter((id) => !left.includes(id));
  const own = subnets.filter(({ validatorIDs }) => validatorIDs.includes(nodeID)).map(({ subnetID }) => subnetID);
  const missing = own.filter((id) => !kept.includes(id));
  if (missing.length === 0 && kept.length === before.length) return flags;
  return { ...flags, [TRACK_SUBNETS_FLAG]: [...kept, ...missing].join(",") };
}

/**
 * Tells nodes what to track, and restarts those of them that run, side by side.
 *
 * @param records Subnets whose validators the nodes are.
 * @param left Subnets that they are not to track any more.
 */
export async function restartTracking(
  host: SubnetHost,
  records: readonly SubnetRecord[],
  nodeIDs: readonly NodeID[],
  { signal, timeoutMs, onProgress }: SubnetControl,
  left: readonly string[] = [],
): Promise<void> {
  const concerned = host.nodes.filter(({ nodeID }) => nodeIDs.includes(nodeID));
  for (const { nodeID } of concerned) {
    await host.updateNode(nodeID, (node) => ({ ...node, flags: withTracked(node.flags, nodeID, records, left) }));
  }
  const running = concerned.filter((node) => host.inspect(node).status === "running").map(({ nodeID }) => nodeID);
  if (running.length === 0) return;
  await restartForChains(host, running, { signal, timeoutMs, onProgress });
}

/** Restarts nodes, and starts those that do not run; their health is not waited for. */
export async function restartForChains(
  host: SubnetHost,
  nodeIDs: readonly NodeID[],
  { signal, timeoutMs, onProgress }: SubnetControl,
): Promise<void> {
  await host.restartNodes(nodeIDs, {
    signal,
    timeoutMs,
    // A chain that its VM cannot make keeps its node from ever being healthy: the wait for chains finds that out.
    waitForHealth: false,
    onProgress: (progress) => {
      if (progress.kind !== "created") onProgress?.(progress);
    },
  });
}
