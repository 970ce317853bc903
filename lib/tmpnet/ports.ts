/**
 * API ports that outlive a restart, where a network asks for it.
 *
 * @module
 */

import { withDefaults } from "./flags_map.ts";
import { type TmpnetNode, writeNode } from "./node.ts";
import type { NodeState } from "./runtime/contract.ts";

/**
 * Notes the API port that a node has now as the one to ask for at its next start, where its runtime says so. Another
 * process may have taken the port by then: the node fails to start in that case, as with tmpnet.
 *
 * @returns The node with the port among its flags; the same node where nothing is to be kept.
 * @throws {TmpnetError} `unwritable`.
 */
export function keepAPIPort(node: TmpnetNode, state: NodeState): TmpnetNode {
  if (!node.runtimeConfig.process?.reuseDynamicPorts || state.status !== "running") return node;
  const { port } = new URL(state.uri);
  if (node.flags["http-port"] === port) return node;
  const kept: TmpnetNode = { ...node, flags: withDefaults({ "http-port": port }, node.flags) };
  writeNode(kept);
  return kept;
}
