/**
 * Reads zip archives by their central directory: stored and deflated entries, as archivers for macOS write them.
 *
 * @module
 */

import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { pipeline, Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import { errorMessage } from "../../core/errors.ts";
import type { ArchiveEntry, EntryKind } from "./entry.ts";
import { ArchiveError, damaged } from "./errors.ts";

/** Signatures, as APPNOTE.TXT has them. */
const END_SIGNATURE = 0x06054b50;
const CENTRAL_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;

/** Bytes of the records without what varies in length. */
const END_LENGTH = 22;
const CENTRAL_LENGTH = 46;
const LOCAL_LENGTH = 30;
/** The longest comment that may follow the end record. */
const MAX_COMMENT = 0xffff;
/** A directory of more bytes is no release's. */
const MAX_DIRECTORY = 16 * 1024 * 1024;
/** The longest target of a link. */
const MAX_TARGET = 4_096;
/** What a field holds where the archive is in zip64. */
const IN_ZIP64 = 0xffff_ffff;

const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
const CHUNK = 64 * 1024;

/** Kinds of files in Unix modes. */
const KINDS: Readonly<Record<number, EntryKind>> = { 0: "file", 8: "file", 4: "directory", 10: "symlink" };

/** An entry of the central directory. */
interface Central {
  readonly path: string;
  readonly method: number;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly unixMode: number;
  readonly offset: number;
}

/**
 * Reads the entries of a zip archive, one after the other.
 *
 * @throws {ArchiveError} `damaged`, also where content does not have its checksum; `unsupported-archive` for
 * encryption, zip64, and methods other than stored and deflated.
 */
export async function* readZip(path: string): AsyncGenerator<ArchiveEntry, void, undefined> {
  const file = await open(path);
  try {
    for (const central of await readDirectory(file)) {
      const { path, size, unixMode } = central;
      const kind = path.endsWith("/") ? "directory" : (KINDS[unixMode >> 12] ?? "other");
      yield {
        path,
        kind,
        mode: unixMode & 0o7777 || 0o644,
        size: kind === "file" ? size : 0,
        target: kind === "symlink" ? await targetOf(file, central) : "",
        content: contentOf(file, central),
      };
    }
  } finally {
    await file.close();
  }
}

async function readDirectory(file: FileHandle): Promise<Central[]> {
  const { size: fileSize } = await file.stat();
  const tailLength = Math.min(fileSize, END_LENGTH + MAX_COMMENT);
  const tail = await readAt(file, fileSize - tailLength, tailLength);
  const at = findEnd(tail);
  if (at === undefined) throw damaged("it is no zip archive, or ends too early");
  const count = tail.readUInt16LE(at + 10);
  const length = tail.readUInt32LE(at + 12);
  const offset = tail.readUInt32LE(at + 16);
  if (length === IN_ZIP64 || offset === IN_ZIP64 || count === 0xffff) throw unsupported("the format zip64");
  if (length > MAX_DIRECTORY) throw damaged("its directory is too long");

  const directory = await readAt(file, offset, length);
  const entries: Central[] = [];
  for (let start = 0; entries.length < count; ) {
    if (start + CENTRAL_LENGTH > length || directory.readUInt32LE(start) !== CENTRAL_SIGNATURE) {
      throw damaged("its directory cannot be understood");
    }
    const nameLength = directory.readUInt16LE(start + 28);
    const next =
      start + CENTRAL_LENGTH + nameLength + directory.readUInt16LE(start + 30) + directory.readUInt16LE(start + 32);
    if (next > length) throw damaged("its directory cannot be understood");
    if ((directory.readUInt16LE(start + 8) & ENCRYPTED) !== 0) throw unsupported("encryption");
    const isUnix = directory.readUInt8(start + 5) === 3;
    entries.push({
      path: directory.toString("utf8", start + CENTRAL_LENGTH, start + CENTRAL_LENGTH + nameLength),
      method: directory.readUInt16LE(start + 10),
      crc: directory.readUInt32LE(start + 16),
      packedSize: directory.readUInt32LE(start + 20),
      size: directory.readUInt32LE(start + 24),
      unixMode: isUnix ? directory.readUInt16LE(start + 40) : 0,
      offset: directory.readUInt32LE(start + 42),
    });
    start = next;
  }
  return entries;
}

/** The end record stands last, but for a comment whose length it says. */
function findEnd(tail: Buffer): number | undefined {
  for (let at = tail.length - END_LENGTH; at >= 0; at--) {
    const isEnd = tail.readUInt32LE(at) === END_SIGNATURE;
    if (isEnd && at + END_LENGTH + tail.readUInt16LE(at + 20) === tail.length) return at;
  }
  return undefined;
}

async function* contentOf(file: FileHandle, central: Central): AsyncGenerator<Uint8Array, void, undefined> {
  const { path, method, offset, packedSize, size, crc } = central;
  if (method !== STORED && method !== DEFLATED) throw unsupported(`the compression method ${method}`);
  const local = await readAt(file, offset, LOCAL_LENGTH);
  if (local.readUInt32LE(0) !== LOCAL_SIGNATURE) throw damaged(`${JSON.stringify(path)} is not where it should be`);
  const start = offset + LOCAL_LENGTH + local.readUInt16LE(26) + local.readUInt16LE(28);
  const packed = readRange(file, start, packedSize);
  let written = 0;
  let sum = 0;
  for await (const chunk of method === STORED ? packed : inflate(packed)) {
    written += chunk.length;
    if (written > size) break;
    sum = crc32(chunk, sum);
    yield chunk;
  }
  if (written !== size || sum !== crc) throw damaged(`${JSON.stringify(path)} does not have its checksum`);
}

async function* inflate(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const inflated = pipeline(Readable.from(source, { objectMode: false }), createInflateRaw(), () => {});
  try {
    for await (const chunk of inflated) yield chunk as Uint8Array;
  } catch (error) {
    throw damaged(errorMessage(error), error);
  }
}

async function targetOf(file: FileHandle, central: Central): Promise<string> {
  if (central.size > MAX_TARGET) throw damaged("a link's target is too long");
  const parts: Uint8Array[] = [];
  for await (const chunk of contentOf(file, central)) parts.push(chunk);
  return Buffer.concat(parts).toString();
}

async function* readRange(
  file: FileHandle,
  start: number,
  length: number,
): AsyncGenerator<Uint8Array, void, undefined> {
  for (let at = 0; at < length; at += CHUNK) yield await readAt(file, start + at, Math.min(CHUNK, length - at));
}

async function readAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await file.read(buffer, at, length - at, position + at);
    if (bytesRead === 0) throw damaged("it ends too early");
    at += bytesRead;
  }
  return buffer;
}

function unsupported(what: string): ArchiveError {
  return new ArchiveError({ code: "unsupported-archive" }, `The archive has ${what}, which avx does not read`);
}
