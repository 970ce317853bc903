/**
 * Why a text or a byte string is no ID. Messages name the cause in avalanchego's words.
 *
 * @module
 */

import { AvxError } from "../errors.ts";

/** What can be wrong with an ID or an address. */
export type IdsErrorType =
  /** A character outside the base58 alphabet, or no text at all. */
  | { readonly code: "base58" }
  /** Fewer bytes than a checksum has. */
  | { readonly code: "missing-checksum" }
  | { readonly code: "checksum" }
  /** Lengths are in bytes. */
  | { readonly code: "length"; readonly expected: number; readonly actual: number }
  /** A node ID without `NodeID-`. */
  | { readonly code: "prefix"; readonly text: string }
  /** JSON that is not a string. */
  | { readonly code: "quotes" }
  /** A JSON string too short for any node ID. */
  | { readonly code: "short-node-id" }
  /** An address without `-` between chain and bech32. */
  | { readonly code: "no-separator" }
  | { readonly code: "bech32" };

/**
 * A text or a byte string that is no ID or address, and why.
 *
 * @example
 * ```ts
 * try {
 *   parseAddress("custom1…");
 * } catch (error) {
 *   if (error instanceof IdsError) console.log(error.type.code); // "no-separator"
 * }
 * ```
 */
export class IdsError extends AvxError<IdsErrorType> {}
