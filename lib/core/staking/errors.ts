/**
 * What can be wrong with an identity or with something that it signed. Messages name the cause in avalanchego's words.
 *
 * @module
 */

import { AvxError } from "../errors.ts";

/** What can be wrong with a certificate, a key or a signature. */
export type StakingErrorType =
  /** `length` and `maxLength` are bytes. */
  | { readonly code: "certificate-too-large"; readonly length: number; readonly maxLength: number }
  /** `part` is what could not be read, such as `version`. */
  | { readonly code: "malformed-certificate"; readonly part: string }
  /** The certificate reads well, and its key is none that a node may have. */
  | { readonly code: "unsupported-key" }
  /** Certificate or key are no PEM, or no pair. */
  | { readonly code: "key-pair"; readonly part: "certificate" | "key" | "match" }
  /** Both are Unix seconds. */
  | { readonly code: "timestamp"; readonly timestamp: bigint; readonly maxTimestamp: bigint }
  | { readonly code: "tls-signature" }
  | { readonly code: "bls-secret-key" }
  | { readonly code: "bls-public-key" }
  | { readonly code: "bls-signature" }
  | { readonly code: "proof-of-possession" };

export class StakingError extends AvxError<StakingErrorType> {}
