/**
 * Reads tar archives as a stream: ustar, with the long names of pax and of GNU tar.
 *
 * Only what the format says is checked here; where an entry may be written is `unpack`'s.
 *
 * @module
 */

import { ByteReader } from "./byte_reader.ts";
import type { ArchiveEntry, EntryKind } from "./entry.ts";
import { ArchiveError, damaged } from "./errors.ts";
import { BLOCK, FIELDS, type FieldName, headerChecksum, paddingAfter } from "./tar_format.ts";

/** The longest extended header that is read, in bytes: far more than any path. */
const MAX_EXTENSION = 64 * 1024;

const KINDS: Readonly<Record<string, EntryKind>> = {
  "0": "file",
  "\0": "file",
  "7": "file",
  "1": "hardlink",
  "2": "symlink",
  "3": "other",
  "4": "other",
  "5": "directory",
  "6": "other",
};

/** What extended headers say about the entry after them. */
interface Extension {
  path?: string;
  target?: string;
  size?: number;
}

/**
 * Reads the entries of a tar archive, one after the other.
 *
 * @throws {ArchiveError} `damaged`, also where the mark of its end is missing; `unsupported-archive`.
 *
 * @example
 * ```ts
 * for await (const entry of readTar(decompress(createReadStream("a.tar.gz")))) console.log(entry.path, entry.size);
 * ```
 */
export async function* readTar(source: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveEntry, void, undefined> {
  const reader = new ByteReader(source);
  let extension: Extension = {};
  let isFirst = true;
  try {
    for (;;) {
      const header = await reader.take(BLOCK);
      if (header === undefined) throw damaged(isFirst ? "it is empty, or ends too early" : "it ends too early");
      if (header.every((byte) => byte === 0)) {
        await passOverEnd(reader);
        return;
      }
      checkHeader(header, isFirst);
      isFirst = false;

      const type = String.fromCharCode(header[FIELDS.type[0]] as number);
      const size = extension.size ?? number(header, "size");
      if (type in EXTENSIONS) {
        const bytes = await takeExtension(reader, number(header, "size"));
        extension = { ...extension, ...EXTENSIONS[type]?.(bytes) };
        continue;
      }
      const kind = KINDS[type];
      if (kind === undefined) throw unsupported(`an entry of type ${JSON.stringify(type)}`);

      const path = extension.path ?? pathOf(header);
      // What is no file has no content, whatever its size field says.
      const length = kind === "file" ? size : 0;
      const content = new CountedContent(reader, length);
      yield {
        path,
        kind: kind === "file" && path.endsWith("/") ? "directory" : kind,
        mode: number(header, "mode"),
        size: length,
        target: extension.target ?? text(header, "target"),
        content,
      };
      for await (const _ of reader.pass(length - content.passed + paddingAfter(length)));
      extension = {};
    }
  } finally {
    await reader.close();
  }
}

/** An entry's content, which may be read in part or not at all. */
class CountedContent implements AsyncIterable<Uint8Array> {
  readonly #reader: ByteReader;
  readonly #length: number;
  passed = 0;

  constructor(reader: ByteReader, length: number) {
    this.#reader = reader;
    this.#length = length;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const part of this.#reader.pass(this.#length - this.passed)) {
      this.passed += part.length;
      yield part;
    }
  }
}

/** By type: extended headers, and what they say. */
const EXTENSIONS: Readonly<Record<string, (bytes: Uint8Array) => Extension>> = {
  x: paxRecords,
  g: () => ({}), // for all entries: a comment such as git's
  L: (bytes) => ({ path: untilZero(bytes) }),
  K: (bytes) => ({ target: untilZero(bytes) }),
};

async function takeExtension(reader: ByteReader, size: number): Promise<Uint8Array> {
  if (size > MAX_EXTENSION) throw damaged("an extended header is too long");
  const bytes = (await reader.take(size + paddingAfter(size))) ?? new Uint8Array();
  if (bytes.length < size) throw damaged("it ends too early");
  return bytes.subarray(0, size);
}

/** Records of the form `<length> <key>=<value>\n`; the length counts all of it. */
function paxRecords(bytes: Uint8Array): Extension {
  const extension: Extension = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(Buffer.from(bytes.subarray(at, Math.max(at, space))).toString());
    const record = Buffer.from(bytes.subarray(space + 1, at + length)).toString();
    const [, key, value] = /^([^=]+)=(.*)\n$/s.exec(record) ?? [];
    if (space === -1 || !(length > 0) || key === undefined || value === undefined) {
      throw damaged("an extended header cannot be understood");
    }
    if (key === "path") extension.path = value;
    else if (key === "linkpath") extension.target = value;
    else if (key === "size") extension.size = wholeNumber(value);
    else if (key.startsWith("GNU.sparse.")) throw unsupported("a sparse file");
    at += length;
  }
  return extension;
}

/** The archive ends with two blocks of zeros; what fills up the last record after them is passed over. */
async function passOverEnd(reader: ByteReader): Promise<void> {
  for (let count = 1; ; count++) {
    const block = await reader.take(BLOCK);
    if (block === undefined) {
      if (count >= 2) return;
      throw damaged("it ends too early");
    }
    if (block.some((byte) => byte !== 0)) throw damaged("there is something after its end");
  }
}

function checkHeader(header: Uint8Array, isFirst: boolean): void {
  if (number(header, "checksum") === headerChecksum(header)) return;
  throw damaged(isFirst ? "it is no tar archive" : "the checksum of a header is wrong");
}

function pathOf(header: Uint8Array): string {
  const prefix = text(header, "magic").startsWith("ustar") ? text(header, "prefix") : "";
  const name = text(header, "name");
  // GNU tar keeps times where ustar has the prefix; its magic goes on with a space.
  const isGNU = header[FIELDS.magic[0] + 5] === 0x20;
  return prefix === "" || isGNU ? name : `${prefix}/${name}`;
}

function field(header: Uint8Array, name: FieldName): Uint8Array {
  const [offset, length] = FIELDS[name];
  return header.subarray(offset, offset + length);
}

function text(header: Uint8Array, name: FieldName): string {
  return untilZero(field(header, name));
}

/** Octal digits, or where those do not do, big-endian bytes after a first one of 0x80. */
function number(header: Uint8Array, name: FieldName): number {
  const bytes = field(header, name);
  const digits = untilZero(bytes).trim();
  if (bytes[0] !== 0x80) {
    if (!/^[0-7]*$/.test(digits)) throw damaged("a number in a header cannot be understood");
    return Number.parseInt(digits || "0", 8);
  }
  const value = bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, 0);
  if (!Number.isSafeInteger(value)) throw damaged("a number in a header is too large");
  return value;
}

function wholeNumber(digits: string): number {
  const value = Number(digits);
  if (!/^\d+$/.test(digits) || !Number.isSafeInteger(value)) throw damaged("a size cannot be understood");
  return value;
}

function untilZero(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return Buffer.from(end === -1 ? bytes : bytes.subarray(0, end)).toString();
}

function unsupported(what: string): ArchiveError {
  return new ArchiveError({ code: "unsupported-archive" }, `The archive holds ${what}, which avx does not read`);
}
