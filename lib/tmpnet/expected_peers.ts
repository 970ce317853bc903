/**
 * Which nodes of a network are to be connected to each other: those of whom one is told of the other.
 *
 * Everybody is told of validators. Nobody tells of a node that stakes nothing: two of those know each other only where
 * one was given the other to begin with.
 *
 * @module
 */

import { join } from "node:path";
import type { NodeID } from "../core/ids/node_id.ts";
import { readTextFile } from "./disk/files.ts";
import { FLAGS_FILE } from "./disk/layout.ts";

/** A node that runs, as far as it matters to whom it is connected. */
export interface PeerCandidate {
  readonly nodeID: NodeID;
  readonly dataDir: string;
  readonly isEphemeral: boolean;
}

/**
 * The nodes that one of them is to be connected to.
 *
 * @param running All that run, the node itself too.
 * @param stakers Who stakes in the genesis; `undefined` where that is not known: all that are meant to last are taken
 * for stakers then.
 */
export function expectedPeers(
  node: PeerCandidate,
  running: readonly PeerCandidate[],
  stakers: ReadonlySet<string> | undefined,
): NodeID[] {
  const isTold = ({ nodeID, isEphemeral }: PeerCandidate) => !isEphemeral && (stakers?.has(nodeID) ?? true);
  const others = running.filter(({ nodeID }) => nodeID !== node.nodeID);
  const expected = isTold(node)
    ? others
    : others.filter((other) => isTold(other) || startedFrom(node, other) || startedFrom(other, node));
  return expected.map(({ nodeID }) => nodeID);
}

/** Whether the flags of a node's last start named another to bootstrap from. */
function startedFrom({ dataDir }: PeerCandidate, { nodeID }: PeerCandidate): boolean {
  try {
    const flags: unknown = JSON.parse(readTextFile(join(dataDir, FLAGS_FILE)) ?? "{}");
    const named = (flags as Readonly<Record<string, unknown>> | null)?.["bootstrap-ids"];
    return typeof named === "string" && named.split(",").some((each) => each.trim() === nodeID);
  } catch {
    return false; // flags that nobody can read name nobody
  }
}
