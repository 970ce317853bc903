/**
 * Writes the entries of an archive into a directory, and nothing anywhere else.
 *
 * An archive is a stranger's word. A path must lead down from the directory; nothing is written twice; links come last,
 * so that nothing is written through one, and must stay inside; devices and hard links are refused; so is more than was
 * granted. Permissions are the archive's, without those that let others write or that lend an owner's rights.
 *
 * @module
 */

import { chmod, mkdir, open, symlink } from "node:fs/promises";
import { dirname, join, posix } from "node:path";
import { systemErrorCode } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { unwritable } from "../disk/files.ts";
import type { ArchiveEntry, EntryKind } from "./entry.ts";
import { ArchiveError, damaged } from "./errors.ts";

/** How much an archive may hold. */
export interface UnpackLimits {
  /** Bytes of all files together. */
  readonly maxBytes: number;
  readonly maxEntries: number;
}

/** How unpacking behaves. */
export interface UnpackOptions extends UnpackLimits {
  readonly signal?: AbortSignal | undefined;
  /** Told how many bytes of content were written so far. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
  /**
   * Where an entry goes.
   *
   * @param path Its parts joined by `/`; checked.
   * @param kind What it is.
   * @returns A path of the same kind, or `undefined` to leave it out. @default Where the archive has it.
   */
  readonly place?: ((path: string, kind: EntryKind) => string | undefined) | undefined;
}

/** What was written. */
export interface Unpacked {
  readonly files: number;
  readonly bytes: number;
}

/** The longest path of an entry, in bytes: Linux's limit. */
const MAX_PATH = 4_096;

const DIRECTORY_MODE = 0o700;

/**
 * Unpacks.
 *
 * @param directory It exists, and is empty: whatever stands in the way of an entry is an error. The caller clears it
 * away after one.
 * @throws {ArchiveError} See {@link ArchiveErrorType}.
 * @throws {TmpnetError} `unwritable`.
 */
export async function unpack(
  entries: AsyncIterable<ArchiveEntry>,
  directory: string,
  options: UnpackOptions,
): Promise<Unpacked> {
  const { maxBytes, maxEntries, signal, onBytes, place = (path) => path } = options;
  const links: { readonly path: string; readonly target: string }[] = [];
  const seen = new Map<string, EntryKind>();
  let files = 0;
  let bytes = 0;
  let count = 0;
  for await (const entry of entries) {
    signal?.throwIfAborted();
    if (++count > maxEntries) throw tooLarge(`more than ${maxEntries} entries`);
    const checked = checkedPath(entry);
    const path = checked === "" ? undefined : place(checked, entry.kind);
    if (path === undefined) continue;
    const before = seen.get(path);
    if (before !== undefined && !(before === "directory" && entry.kind === "directory")) {
      throw unsafe(entry, "comes twice");
    }
    seen.set(path, entry.kind);
    for (let above = posix.dirname(path); above !== "."; above = posix.dirname(above)) {
      if ((seen.get(above) ?? "directory") !== "directory")
        throw unsafe(entry, "lies below something that is no directory");
    }

    const target = join(directory, path);
    if (entry.kind === "directory") {
      await makeDirectory(target);
      await chmod(target, (entry.mode & 0o755) | 0o700);
    } else if (entry.kind === "symlink") {
      checkLink(entry, path);
      links.push({ path, target: entry.target });
    } else if (entry.kind === "file") {
      if (bytes + entry.size > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`);
      await makeDirectory(dirname(target));
      await writeEntry(entry, target, (length) => {
        signal?.throwIfAborted();
        bytes += length;
        if (bytes > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`);
        onBytes?.(bytes);
      });
      files++;
    } else {
      throw unsafe(entry, entry.kind === "hardlink" ? "is a hard link" : "is a device or a pipe");
    }
  }
  for (const { path, target } of links) {
    await makeDirectory(dirname(join(directory, path)));
    await symlink(target, join(directory, path)).catch((error) => {
      throw unwritable(join(directory, path), error);
    });
  }
  return { files, bytes };
}

/** Bytes are counted before they are written. */
async function writeEntry(entry: ArchiveEntry, path: string, count: (length: number) => void): Promise<void> {
  let written = 0;
  const file = await open(path, "wx", (entry.mode & 0o755) | 0o600).catch((error) => {
    throw systemErrorCode(error) === "EEXIST" ? unsafe(entry, "comes twice") : unwritable(path, error);
  });
  try {
    for await (const chunk of entry.content) {
      count(chunk.length);
      for (let at = 0; at < chunk.length; ) {
        const { bytesWritten } = await file.write(chunk, at).catch((error) => {
          throw unwritable(path, error);
        });
        at += bytesWritten;
      }
      written += chunk.length;
    }
  } finally {
    await file.close();
  }
  if (written !== entry.size) throw damaged(`${quote(entry.path)} is not as long as it says`);
}

async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: DIRECTORY_MODE }).catch((error) => {
    throw unwritable(path, error);
  });
}

/**
 * A path of an archive, in its shortest form; empty for the directory itself.
 *
 * @throws {ArchiveError} `unsafe-entry`.
 */
function checkedPath(entry: ArchiveEntry): string {
  const { path } = entry;
  if (path.includes("\0") || path.includes("\\") || /^[A-Za-z]:/.test(path)) throw unsafe(entry, "has no plain path");
  if (path.startsWith("/")) throw unsafe(entry, "has an absolute path");
  if (Buffer.byteLength(path) > MAX_PATH) throw unsafe(entry, "has too long a path");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw unsafe(entry, "leads out of the archive");
  if (parts.length === 0 && entry.kind !== "directory") throw unsafe(entry, "has no name");
  return parts.join("/");
}

/** A link may climb first, no further than to the top, and then go down: `..` after a name could climb a link's target. */
function checkLink(entry: ArchiveEntry, path: string): void {
  const { target } = entry;
  const parts = target.split("/").filter((part) => part !== "" && part !== ".");
  const climbs = parts.findIndex((part) => part !== "..");
  const up = climbs === -1 ? parts.length : climbs;
  const depth = path.split("/").length - 1;
  const leadsOut = target.startsWith("/") || up > depth || parts.slice(up).includes("..");
  if (target === "" || target.includes("\0") || leadsOut) {
    throw unsafe(entry, `is a link that leads out of the archive, to ${quote(target)}`);
  }
}

function unsafe(entry: ArchiveEntry, reason: string): ArchiveError {
  const message = `The archive is refused: its entry ${quote(entry.path)} ${reason}`;
  return new ArchiveError({ code: "unsafe-entry", entry: quote(entry.path) }, message);
}

function tooLarge(what: string): ArchiveError {
  return new ArchiveError({ code: "too-large" }, `The archive is refused: it holds ${what}`);
}
