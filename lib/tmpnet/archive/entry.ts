/**
 * What archives hold, whatever their format.
 *
 * @module
 */

/** What an entry is; `other` are devices, pipes and the like. */
export type EntryKind = "file" | "directory" | "symlink" | "hardlink" | "other";

/** One entry of an archive, as the archive has it: nothing of it is to be trusted. */
export interface ArchiveEntry {
  /** As it is written in the archive. */
  readonly path: string;
  readonly kind: EntryKind;
  /** Unix permission bits. */
  readonly mode: number;
  /** Bytes of content. */
  readonly size: number;
  /** What a link points to; empty for all others. */
  readonly target: string;
  /** The content, to be read before the next entry is asked for; what is left of it is passed over. */
  readonly content: AsyncIterable<Uint8Array>;
}
