/**
 * Why the answers of a P-Chain API are not taken.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";
import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";

export type ValidatorSourceErrorType =
  /** The API belongs to another network. */
  | { readonly code: "wrong-network"; readonly networkID: number; readonly expected: number }
  /** Nobody validates the Primary Network: no chain says that of itself. */
  | { readonly code: "no-validators" }
  /** A BLS key that is none. */
  | { readonly code: "bls-key"; readonly subnetID: ID; readonly nodeID: NodeID };

export class ValidatorSourceError extends AvxError<ValidatorSourceErrorType> {}
