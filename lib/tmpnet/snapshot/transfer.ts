/**
 * Moves the files of a snapshot: into a directory, into an archive, and out of one. Never more than a few chunks are
 * in memory.
 *
 * @module
 */

import {
  accessSync,
  constants,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { chmod, copyFile, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { compressor, decompress } from "../archive/compression.ts";
import type { ArchiveEntry } from "../archive/entry.ts";
import { readTar } from "../archive/tar_reader.ts";
import { type TarItem, writeTar } from "../archive/tar_writer.ts";
import { unpack } from "../archive/unpack.ts";
import { badFile, FILE_MODE, makeDirectory, unwritable } from "../disk/files.ts";
import { unfinishedPath } from "../disk/leftovers.ts";
import { belongs, type ContentItem, measure } from "./contents.ts";
import { interrupted, SnapshotError } from "./errors.ts";
import { CONTENT_DIRECTORY, checkManifest, formatManifest, MANIFEST_FILE, type SnapshotManifest } from "./manifest.ts";
import { ARCHIVE_ENDINGS } from "./store.ts";

/** How files are moved. */
export interface TransferOptions {
  readonly signal?: AbortSignal | undefined;
  /** Told how many bytes of how many are done. */
  readonly onBytes?: ((done: number, total: number) => void) | undefined;
}

/** A manifest of more bytes is nobody's. */
const MAX_MANIFEST_BYTES = 16 * 1024 * 1024;

/** Kept free on a disk that a snapshot is written to, in bytes: what else lives there must be able to go on. */
const SPARE_BYTES = 64 * 1024 * 1024;

/**
 * Copies files into a directory that is made for them; where the file system can, they share their blocks.
 *
 * @throws {SnapshotError} `no-space`, `interrupted`.
 * @throws {TmpnetError} `unwritable`.
 */
export async function copyContents(
  items: readonly ContentItem[],
  from: string,
  to: string,
  { signal, onBytes }: TransferOptions,
): Promise<void> {
  const { bytes: total } = measure(items);
  await checkSpace(dirname(to), total);
  makeDirectory(to);
  let done = 0;
  for (const { path, kind, mode, size, target } of items) {
    if (signal?.aborted) throw interrupted(signal.reason);
    const copy = join(to, path);
    try {
      if (kind === "directory") {
        mkdirSync(copy);
        await chmod(copy, mode | 0o700); // whatever the umask
      } else if (kind === "symlink") symlinkSync(target, copy);
      else {
        await copyFile(join(from, path), copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
        await chmod(copy, mode);
      }
    } catch (error) {
      throw unwritable(copy, error);
    }
    done += size;
    onBytes?.(done, total);
  }
}

/**
 * Packs a snapshot into one file, which appears when it is whole.
 *
 * @param path With one of {@link ARCHIVE_ENDINGS}.
 * @throws {SnapshotError} `exists`, `interrupted`.
 * @throws {TmpnetError} `unwritable`.
 */
export async function packArchive(
  path: string,
  manifest: SnapshotManifest,
  items: readonly ContentItem[],
  from: string,
  { signal, onBytes }: TransferOptions,
): Promise<void> {
  refuseExistingFile(path);
  const compression = Object.entries(ARCHIVE_ENDINGS).find(([ending]) => path.endsWith(ending))?.[1] ?? "zstd";
  const unfinished = unfinishedPath(path);
  let done = 0;
  const counted = async function* (file: string) {
    for await (const chunk of createReadStream(file)) {
      done += chunk.length;
      onBytes?.(done, manifest.bytes);
      yield chunk as Uint8Array;
    }
  };
  const entries = function* (): Generator<TarItem> {
    const head = Buffer.from(formatManifest(manifest));
    yield { path: MANIFEST_FILE, kind: "file", mode: FILE_MODE, size: head.length, content: once(head) };
    for (const { path: name, kind, mode, size, target } of items) {
      const packed = { path: `${CONTENT_DIRECTORY}/${name}`, kind, mode, target };
      yield kind === "file" ? { ...packed, size, content: counted(join(from, name)) } : packed;
    }
  };
  try {
    const file = createWriteStream(unfinished, { mode: FILE_MODE, flags: "wx" });
    await pipeline(writeTar(entries()), compressor(compression), file, signal === undefined ? {} : { signal });
    refuseExistingFile(path);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    if (signal?.aborted) throw interrupted(error);
    if (error instanceof SnapshotError) throw error;
    if (error instanceof RangeError) throw badFile(from, error.message, error);
    throw unwritable(path, error);
  }
}

/**
 * Unpacks a snapshot's file into a directory: its manifest and its content, with nothing that does not belong to one,
 * and no file that could be run.
 *
 * @throws {ArchiveError} When it is no archive, is damaged, or holds what leads out of the directory.
 * @throws {SnapshotError} `no-snapshot`, `damaged` when something is missing, `format`, `no-space`, `interrupted`.
 */
export async function unpackArchive(
  path: string,
  to: string,
  { signal, onBytes }: TransferOptions,
): Promise<SnapshotManifest> {
  if (!existsSync(path)) throw new SnapshotError({ code: "no-snapshot", path }, `There is no file ${path}`);
  const entries = readTar(decompress(source(path)));
  try {
    const first = await entries.next();
    if (first.done || first.value.path !== MANIFEST_FILE || first.value.size > MAX_MANIFEST_BYTES) {
      throw new SnapshotError(
        { code: "no-snapshot", path },
        `${path} is no snapshot: it does not begin with ${MANIFEST_FILE}`,
      );
    }
    const manifest = checkManifest(parseManifest(await textOf(first.value), path), path);
    const { files, bytes } = manifest;
    await checkSpace(to, bytes);
    // A directory for each file would be strange; more than that is refused.
    const limits = { maxBytes: bytes, maxEntries: 16 * files + 1_000 };
    let links = 0;
    const unpacked = await unpack(withoutModes(entries), to, {
      ...limits,
      signal,
      onBytes: (done) => onBytes?.(done, bytes),
      place: (name, kind) => {
        const [top, ...rest] = name.split("/");
        const inside = rest.join("/");
        if (top !== CONTENT_DIRECTORY || (inside !== "" && !belongs(inside))) return undefined;
        if (kind === "symlink") links++;
        return name;
      },
    });
    if (unpacked.bytes !== bytes || unpacked.files + links !== files) {
      const found = `${unpacked.files + links} files with ${unpacked.bytes} bytes, not ${files} with ${bytes}`;
      throw new SnapshotError({ code: "damaged", path }, `${path} is damaged: it holds ${found}`);
    }
    return manifest;
  } catch (error) {
    throw signal?.aborted ? interrupted(error) : error;
  } finally {
    await entries.return();
  }
}

/**
 * Checks that a file can be made.
 *
 * @throws {SnapshotError} `exists`.
 * @throws {TmpnetError} `unwritable`.
 */
export function refuseExistingFile(path: string): void {
  if (!existsSync(path)) {
    checkWritable(dirname(path));
    return;
  }
  throw new SnapshotError({ code: "exists", path }, `There is a file ${path} already`, { hint: "Choose another name" });
}

/** @throws {TmpnetError} `unwritable` where nothing can be made in a directory. */
export function checkWritable(directory: string): void {
  try {
    accessSync(directory, constants.W_OK | constants.X_OK);
  } catch (error) {
    throw unwritable(directory, error);
  }
}

/**
 * Asks whether a disk has room.
 *
 * @param directory It exists, or one above it does.
 * @throws {SnapshotError} `no-space`.
 */
export async function checkSpace(directory: string, bytes: number): Promise<void> {
  let there = directory;
  while (!existsSync(there) && there !== dirname(there)) there = dirname(there);
  const { bavail, bsize } = await statfs(there);
  const free = bavail * bsize;
  const needed = bytes + SPARE_BYTES;
  if (free >= needed) return;
  const message = `The disk of ${directory} has not enough room: ${free} bytes are free, and ${needed} are needed`;
  throw new SnapshotError({ code: "no-space", path: directory, needed, free }, message);
}

async function* source(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* createReadStream(path) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw badFile(path, error instanceof Error ? error.message : String(error), error);
  }
}

/** State is read and written; nothing of it is run, whatever an archive says. */
async function* withoutModes(entries: AsyncIterable<ArchiveEntry>): AsyncGenerator<ArchiveEntry, void, undefined> {
  for await (const entry of entries) yield entry.kind === "file" ? { ...entry, mode: entry.mode & 0o600 } : entry;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
}

async function textOf({ content }: ArchiveEntry): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function parseManifest(text: string, path: string): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(text);
    if (typeof json === "object" && json !== null) return json as Record<string, unknown>;
  } catch {
    // Told below.
  }
  throw new SnapshotError({ code: "damaged", path }, `${path} is damaged: its ${MANIFEST_FILE} cannot be read`);
}
