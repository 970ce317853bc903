/**
 * What happens while subnets are made.
 *
 * @module
 */

import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";

/** One step of it. */
export type SubnetProgress = { readonly kind: "subnet"; readonly subnet: string } & (
  | { readonly phase: "creating" }
  /** The subnet is on the P-Chain. */
  | { readonly phase: "created"; readonly subnetID: ID }
  /** Its validators and chains are, and it is an L1 where it is to be one. */
  | { readonly phase: "decided"; readonly chainIDs: readonly ID[] }
  /** A chain answers on a node. */
  | { readonly phase: "ready"; readonly chainID: ID; readonly nodeID: NodeID }
);
