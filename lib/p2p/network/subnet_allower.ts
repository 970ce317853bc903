/**
 * Who may have a subnet's messages, by the subnet's configuration.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import { type Allower, allowAll } from "./peer_set.ts";

/** What a subnet's configuration says of that. */
export interface SubnetRules {
  /** Whether its messages are for its validators only. */
  readonly validatorOnly: boolean;
  /** Who may have them besides. */
  readonly allowedNodes: ReadonlySet<NodeID>;
}

/**
 * Lets pass this node, the subnet's validators, and whoever is named; everyone where the subnet is open to all
 * (upstream `subnets/subnet.go`, `IsAllowed`).
 *
 * @example
 * ```ts
 * const allower = subnetAllower(myNodeID, { validatorOnly: true, allowedNodes: new Set() });
 * allower(stranger, false); // false
 * ```
 */
export function subnetAllower(myNodeID: NodeID, { validatorOnly, allowedNodes }: SubnetRules): Allower {
  if (!validatorOnly) return allowAll;
  return (nodeID, isValidator) => isValidator || nodeID === myNodeID || allowedNodes.has(nodeID);
}
