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

/** Labels that a run on GitHub has; the environment has them in capital letters. */
const GITHUB_LABELS = ["gh_repo", "gh_workflow", "gh_run_id", "gh_run_number", "gh_run_attempt", "gh_job_id"] as const;

/** How much of a node's ID is in its `instance`: enough to tell it from the others of its network. */
const INSTANCE_ID_LENGTH = 8;

const NODE_ID_PREFIX = "NodeID-";

/** The labels of a run on GitHub; none elsewhere. */
export function githubLabels(env: Env): Labels {
  const found = GITHUB_LABELS.map((name) => [name, env[name.toUpperCase()] ?? ""] as const);
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
