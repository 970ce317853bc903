/**
 * How facts about networks can be wrong: names, upgrade times, files that a node leaves behind.
 *
 * @module
 */

import { AvxError } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";

export type PlatformErrorType =
  /** A network name that is neither known nor a number. */
  | { readonly code: "network-name"; readonly name: string }
  /** Text that should be an upgrade configuration and is not. */
  | { readonly code: "upgrade-config" }
  /** Upgrade times that are not in order. */
  | { readonly code: "upgrade-order"; readonly first: string; readonly second: string }
  /** A `process.json` that holds something else. */
  | { readonly code: "process-context"; readonly path: string }
  /** A node that is told to validate a subnet more than once at one time. */
  | { readonly code: "duplicate-validator"; readonly nodeID: NodeID };

export class PlatformError extends AvxError<PlatformErrorType> {}
