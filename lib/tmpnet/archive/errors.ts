/**
 * How an archive can be refused.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

export type ArchiveErrorType =
  /** It ends too early, or its bytes are not what its format says. */
  | { readonly code: "damaged" }
  /** A part of a format that is not read here: encryption, sparse files, hard links. */
  | { readonly code: "unsupported-archive" }
  /** An entry that would be written, or lead, outside of the directory, or that is no file, directory or link. */
  | { readonly code: "unsafe-entry"; readonly entry: string }
  /** More files or bytes than the archive may hold. */
  | { readonly code: "too-large" }
  /** A file or link that cannot be packed. */
  | { readonly code: "unpackable"; readonly path: string };

/**
 * An archive that cannot be read, or must not be.
 *
 * @example
 * ```ts
 * async function load(path: string): Promise<Network | undefined> {
 *   try {
 *     return await loadSnapshot(path);
 *   } catch (error) {
 *     if (error instanceof ArchiveError && error.type.code === "damaged") return undefined;
 *     throw error;
 *   }
 * }
 * ```
 */
export class ArchiveError extends AvxError<ArchiveErrorType> {}

/** An archive whose bytes are not what they should be. */
export function damaged(reason: string, cause?: unknown): ArchiveError {
  return new ArchiveError({ code: "damaged" }, `The archive is damaged: ${reason}`, { cause });
}
