/**
 * What became of nodes that were to be stopped, as JSON and as text.
 *
 * @module
 */

import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import type { NodeStop } from "../../lib/tmpnet/network.ts";
import type { EndedOrphan } from "../../lib/tmpnet/orphans.ts";
import type { NodeStopDocument } from "../json_documents.ts";
import { counted } from "./text.ts";

/** What became of a node, as JSON has it. */
export function stopDocument({ nodeID, result, metricsSnapshot, orphan }: NodeStop): NodeStopDocument {
  return {
    nodeID,
    ...result,
    ...(metricsSnapshot === undefined ? {} : { metricsSnapshot }),
    ...(orphan === undefined
      ? {}
      : { orphan: { kind: orphan.kind, pid: orphan.process.pid, dataDir: orphan.dataDir } }),
  };
}

/** Those that were none of the network's nodes any more, and have ended. */
export function endedOrphans(stops: readonly NodeStop[]): EndedOrphan[] {
  return stops.flatMap(({ orphan, result: { how } }) =>
    orphan === undefined || how === "not-running" ? [] : [{ orphan, how }],
  );
}

/** What looks like a node and is not proven to be one still runs: that is not "stopped". */
export function refuseUnproven(stops: readonly NodeStop[]): void {
  const left = stops.flatMap(({ nodeID, result }) =>
    result.how === "not-running" ? result.unproven.map((pid) => ({ nodeID, pid })) : [],
  );
  if (left.length === 0) return;
  const facts = left.map(({ nodeID, pid }) => `\n  process ${pid} has the command line of ${nodeID}`).join("");
  throw new TmpnetError(
    { code: "not-stopped", nodeIDs: left.map(({ nodeID }) => nodeID) },
    `${counted(left.length, "process")} could not be proven to be this network's, and was left alone${facts}`,
    { hint: `If it is, end it with kill ${left.map(({ pid }) => pid).join(" ")}` },
  );
}
