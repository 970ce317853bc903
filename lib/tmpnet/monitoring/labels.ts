/**
 * What metrics and logs of a node are labelled with, so that they can be told from all others.
 *
 * Source: upstream `tests/fixture/tmpnet/network.go` `GetMonitoringLabels` and `node.go` `getMonitoringLabels`.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { Env } from "../disk/layout.ts";

/** A network as its labels tell of it. */
export interface MonitoredNetwork {
  readonly uuid: string;
  readonly owner: string;
}

/** A node as its labels tell of it. */
export interface MonitoredNode {
  readonly nodeID: NodeID;
  /** Real path. */
  readonly dataDir: string;
  readonly isEphemeral?: boolean;
}

/** Labels, by name. */
export type Labels = Readonly<Record<string, string>>;

/**
 * Labels that a run on GitHub has. Upstream's action sets them as variables in capital letters; what GitHub's runner
 * itself calls them stands beside, for steps that are run without that action.
 */
const GITHUB_LABELS = [
  ["gh_repo", "GITHUB_REPOSITORY"],
  ["gh_workflow", "GITHUB_WORKFLOW"],
  ["gh_run_id", "GITHUB_RUN_ID"],
  ["gh_run_number", "GITHUB_RUN_NUMBER"],
  ["gh_run_attempt", "GITHUB_RUN_ATTEMPT"],
  ["gh_job_id", "GITHUB_JOB"],
] as const;

/** `true` where GitHub's runner runs the process. */
const GITHUB_ACTIONS = "GITHUB_ACTIONS";

/** How much of a node's ID is in its `instance`: enough to tell it from the others of its network. */
const INSTANCE_ID_LENGTH = 8;

const NODE_ID_PREFIX = "NodeID-";

/** The labels of a run on GitHub; none elsewhere. */
export function githubLabels(env: Env): Labels {
  const runner = env[GITHUB_ACTIONS] === "true" ? env : {};
  const found = GITHUB_LABELS.map(([name, own]) => [name, env[name.toUpperCase()] || (runner[own] ?? "")] as const);
  return Object.fromEntries(found.filter(([, value]) => value !== ""));
}

/** The labels of a node. `instance` stays the same when a restart gives the node another port. */
export function nodeLabels({ uuid, owner }: MonitoredNetwork, node: MonitoredNode, env: Env): Labels {
  const idStart = NODE_ID_PREFIX.length;
  return {
    ...githubLabels(env),
    network_uuid: uuid,
    network_owner: owner,
    instance: `${uuid}-${node.nodeID.slice(idStart, idStart + INSTANCE_ID_LENGTH).toLowerCase()}`,
    node_id: node.nodeID,
    is_ephemeral_node: String(node.isEphemeral === true),
  };
}
