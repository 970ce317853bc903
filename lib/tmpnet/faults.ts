/**
 * What is wrong with a network and its nodes, in words: for people, for scripts, and for whoever waits.
 *
 * @module
 */

import type { NodeID } from "../core/ids/node_id.ts";
import type { StartRecord } from "./disk/start_record.ts";
import type { NodeAnswers } from "./node_answers.ts";
import { type Orphan, orphanName } from "./orphans.ts";

/** One thing that is wrong. */
export interface Fault {
  /** What was asked. */
  readonly part: "network" | "process" | "api" | "peers";
  readonly code: /** Its files cannot be understood, or it was never made to the end. */
    | "broken"
    /** Its first start failed or was cut off. */
    | "failed-start"
    | "no-nodes"
    /** A process of it runs on that is none of its nodes any more. */
    | "orphan"
    /** A node does not run. */
    | "stopped"
    /** It does not run and has not gone in peace: it left its `process.json`. */
    | "died"
    /** A process looks like it and cannot be proven to be it. */
    | "unproven"
    /** It runs and has not said where it can be reached. */
    | "starting"
    | "no-answer"
    /** A health check fails. */
    | "check"
    | "unhealthy"
    /** It is not connected to another node that runs. */
    | "missing-peer";
  readonly what: string;
  /** RFC 3339; absent where nobody knows. */
  readonly since?: string;
}

/** What is wrong with the network itself. */
export function networkFaults({
  problem,
  start,
  isAtWork,
  nodeCount,
  orphans,
}: {
  readonly problem: string | undefined;
  readonly start: StartRecord | undefined;
  readonly isAtWork: boolean;
  readonly nodeCount: number;
  readonly orphans: readonly Orphan[];
}): Fault[] {
  const faults: Fault[] = [];
  if (problem !== undefined) faults.push({ part: "network", code: "broken", what: problem });
  if (start !== undefined && !isAtWork) {
    const why = start.failed === undefined ? "was cut off" : `failed: ${start.failed.split("\n")[0]}`;
    faults.push({
      part: "network",
      code: "failed-start",
      what: `its first start ${why}`,
      since: rfc3339(start.begunAt),
    });
  }
  if (nodeCount === 0 && problem === undefined) {
    faults.push({ part: "network", code: "no-nodes", what: "it has no nodes" });
  }
  for (const orphan of orphans) {
    const { pid, startedAt } = orphan.process;
    const todo = orphan.proven
      ? "a stop of the network ends it"
      : `it cannot be proven to be ours; if it is, kill ${pid}`;
    const what = `process ${pid} runs on: ${orphanName(orphan)}; ${todo}`;
    faults.push({ part: "process", code: "orphan", what, since: rfc3339(startedAt) });
  }
  return faults;
}

/**
 * What is wrong with a node.
 *
 * @param running When each node that runs began, in milliseconds since 1970-01-01 UTC.
 */
export function nodeFaults(node: NodeAnswers, running: ReadonlyMap<NodeID, number>): Fault[] {
  return [...processFaults(node), ...apiFaults(node), ...peersFaults(node, running)];
}

function processFaults({ process, endedAt }: NodeAnswers): Fault[] {
  const part = "process";
  if (process.status === "running") return [];
  if (process.status === "starting") {
    const what = `process ${process.pid} runs and has not said where it can be reached`;
    return [{ part, code: "starting", what, since: rfc3339(process.startedAt) }];
  }
  const since = endedAt === undefined ? {} : { since: rfc3339(endedAt) };
  const { stalePID, unproven } = process;
  const ended: Fault =
    stalePID === undefined
      ? { part, code: "stopped", what: endedAt === undefined ? "it never ran" : "it does not run", ...since }
      : {
          part,
          code: "died",
          what: `process ${stalePID}, which its process.json names, has ended or is not it`,
          ...since,
        };
  return [
    ended,
    ...unproven.map((pid): Fault => {
      return { part, code: "unproven", what: `process ${pid} has its command line and cannot be proven to be it` };
    }),
  ];
}

function apiFaults({ api }: NodeAnswers): Fault[] {
  const part = "api";
  if (!api.answers) return "error" in api ? [{ part, code: "no-answer", what: api.error }] : [];
  const failing = api.failing.map(({ check, error, since }): Fault => {
    return { part, code: "check", what: `${check}: ${error}`, ...(since === undefined ? {} : { since }) };
  });
  if (api.healthy || failing.length > 0) return failing;
  return [{ part, code: "unhealthy", what: "it says that it is not healthy, without saying why" }];
}

function peersFaults({ process, peers }: NodeAnswers, running: ReadonlyMap<NodeID, number>): Fault[] {
  const part = "peers";
  if (!peers.known) return peers.error === undefined ? [] : [{ part, code: "no-answer", what: peers.error }];
  const begun = process.status === "running" ? process.startedAt : 0;
  return peers.missing.map((nodeID): Fault => {
    // When they lost each other nobody tells; they cannot have been connected before both ran.
    const bothSince = rfc3339(Math.max(begun, running.get(nodeID) ?? 0));
    return { part, code: "missing-peer", what: `not connected to ${nodeID}; both run since ${bothSince}` };
  });
}

function rfc3339(ms: number): string {
  return new Date(ms).toISOString();
}
