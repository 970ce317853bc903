/**
 * How routing can fail.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";
import type { ID } from "../../core/ids/id.ts";

export type RoutingErrorType =
  | { readonly code: "invalid-timeouts"; readonly option: string }
  | { readonly code: "invalid-benchlist"; readonly option: string }
  | { readonly code: "duplicate-chain"; readonly chainID: ID }
  | { readonly code: "closing" };

/** An option that makes no sense, or a chain that cannot be added. */
export class RoutingError extends AvxError<RoutingErrorType> {}
