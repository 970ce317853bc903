/**
 * How subnets, their chains and L1s can fail.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

export type SubnetErrorType =
  /** Something asked for that cannot be; `path` says where in what was asked, such as `subnets[0].chains[1].vmID`. */
  | { readonly code: "spec"; readonly path: string }
  /** A subnet of this name is there already. */
  | { readonly code: "exists"; readonly subnet: string }
  /** No subnet of the network goes by this name. */
  | { readonly code: "no-subnet"; readonly subnet: string }
  /** A VM whose plugin is not there, or no program. */
  | { readonly code: "plugin"; readonly vmID: string; readonly path: string }
  /** Nodes that can run no chains, too few of them, or none that run. */
  | { readonly code: "nodes" }
  /** No pre-funded key is left to own a subnet. */
  | { readonly code: "no-key" }
  /** A chain that did not come up on a node. */
  | { readonly code: "chain"; readonly chainID: string; readonly nodeID: string }
  /** A genesis that cannot be had. */
  | { readonly code: "genesis"; readonly source: string }
  /** A subnet that is no L1, or is one already. */
  | { readonly code: "conversion"; readonly subnet: string }
  /** A validator that an L1 does not have. */
  | { readonly code: "no-validator"; readonly validator: string }
  /** The caller's signal ended it. */
  | { readonly code: "interrupted" };

export class SubnetError extends AvxError<SubnetErrorType> {}
