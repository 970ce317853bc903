/**
 * How subnets, their chains and L1s can fail.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** What is wrong, by code. */
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
  /** Nodes that have not the keys to sign for a subnet's validators. */
  | { readonly code: "signatures"; readonly subnetID: string }
  /** A validator that an L1 does not have. */
  | { readonly code: "no-validator"; readonly validator: string }
  /** The caller's signal ended it. */
  | { readonly code: "interrupted" };

/**
 * What cannot be done with subnets, and why.
 *
 * @example
 * ```ts
 * try {
 *   await Network.start({ subnets: [{ name: "a" }] }); // of avx's own nodes
 * } catch (error) {
 *   if (error instanceof SubnetError) console.log(error.type.code); // "nodes"
 * }
 * ```
 */
export class SubnetError extends AvxError<SubnetErrorType> {}
