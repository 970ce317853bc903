/**
 * How a snapshot can fail.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** What went wrong, by code. */
export type SnapshotErrorType =
  /** A name that is no name of a snapshot. */
  | { readonly code: "name"; readonly name: string }
  | { readonly code: "no-snapshot"; readonly path: string }
  /** There is one of that name already. */
  | { readonly code: "exists"; readonly path: string }
  /** It cannot be understood, or something of it is missing. */
  | { readonly code: "damaged"; readonly path: string }
  /** It was made by a later avx. */
  | { readonly code: "format"; readonly path: string }
  /** The disk has not enough room; both in bytes. */
  | { readonly code: "no-space"; readonly path: string; readonly needed: number; readonly free: number }
  /** State of a node that does not lie in the network's directory, or a link that leads out of it. */
  | { readonly code: "outside"; readonly what: string }
  /** It comes from elsewhere, and names what is to be run. */
  | { readonly code: "untrusted"; readonly path: string }
  | { readonly code: "interrupted" };

/**
 * A snapshot that cannot be made or used, and why.
 *
 * @example
 * ```ts
 * try {
 *   removeSnapshot("no-such-snapshot", "/no/such/directory");
 * } catch (error) {
 *   if (error instanceof SnapshotError) console.log(error.type.code); // "no-snapshot"
 * }
 * ```
 */
export class SnapshotError extends AvxError<SnapshotErrorType> {}

/** The caller gave up; nothing is left of what was begun. */
export function interrupted(cause?: unknown): SnapshotError {
  return new SnapshotError({ code: "interrupted" }, "The snapshot was interrupted; nothing of it is left", { cause });
}
