/**
 * Why a bloom filter cannot be. Messages are avalanchego's.
 *
 * @module
 */

import { AvxError } from "../errors.ts";

/** What can be wrong with a filter's numbers or bytes. */
export type BloomErrorType =
  /** No bytes at all. */
  | { readonly code: "invalid-num-hashes" }
  | { readonly code: "too-few-hashes"; readonly numHashes: number }
  | { readonly code: "too-many-hashes"; readonly numHashes: number }
  | { readonly code: "too-few-entries" };

export class BloomError extends AvxError<BloomErrorType> {}
