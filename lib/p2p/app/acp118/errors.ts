/**
 * Why a warp message, or a signature of it, is none.
 *
 * @module
 */

import { AvxError } from "../../../core/errors.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";

export type WarpErrorType =
  | { readonly code: "unknown-version"; readonly version: number }
  | { readonly code: "too-short" }
  | { readonly code: "extra-bytes" }
  | { readonly code: "no-public-key"; readonly nodeID: NodeID }
  | { readonly code: "bad-response"; readonly nodeID: NodeID }
  | { readonly code: "bad-signature"; readonly nodeID: NodeID };

/**
 * Bytes that are no warp message, or an answer that does not sign it.
 *
 * @example
 * ```ts
 * try {
 *   parseWarpMessage(new Uint8Array(3));
 * } catch (error) {
 *   if (error instanceof WarpError) console.log(error.type.code); // "too-short"
 * }
 * ```
 */
export class WarpError extends AvxError<WarpErrorType> {}
