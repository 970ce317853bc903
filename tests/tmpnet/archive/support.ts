/**
 * Archives for tests: as avx writes them, and as nobody should.
 *
 * @module
 */

import { afterEach, beforeEach } from "bun:test";
import { mkdirSync } from "node:fs";
import { Readable } from "node:stream";
import { gzipSync } from "node:zlib";
import { concatBytes } from "../../../lib/core/bytes.ts";
import { headerChecksum } from "../../../lib/tmpnet/archive/tar_format.ts";
import { type TarItem, writeTar } from "../../../lib/tmpnet/archive/tar_writer.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";

/** What a test packs: an entry with its content as text or bytes. */
export type Packed = Omit<TarItem, "content" | "size" | "mode"> & {
  readonly mode?: number;
  readonly content?: string | Uint8Array;
};

/** Chunks as a stream. */
export async function* streamOf(...chunks: readonly (Uint8Array | string)[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}

/** All of a stream. */
export async function bytesOf(source: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return concatBytes(...chunks);
}

/** A tar archive. */
export async function tar(entries: readonly Packed[]): Promise<Uint8Array> {
  const items = entries.map(({ content, mode = 0o644, ...rest }): TarItem => {
    const bytes = typeof content === "string" ? Buffer.from(content) : (content ?? new Uint8Array());
    return { mode, ...rest, size: bytes.length, content: streamOf(bytes) };
  });
  return await bytesOf(writeTar(items));
}

/** A tar.gz archive. */
export async function tarGz(entries: readonly Packed[]): Promise<Uint8Array> {
  return gzipSync(await tar(entries));
}

/** Bytes in pieces of a length, as a socket might give them. */
export function inPieces(bytes: Uint8Array, length: number): AsyncIterable<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += length) pieces.push(bytes.subarray(at, at + length));
  return Readable.from(pieces) as AsyncIterable<Uint8Array>;
}

/** Sets bytes of the first header of a tar archive, and its checksum anew. */
export function withHeader(archive: Uint8Array, offset: number, bytes: string): Uint8Array {
  const changed = Buffer.from(archive);
  changed.write(bytes, offset, "latin1");
  changed.write(`${headerChecksum(changed.subarray(0, 512)).toString(8).padStart(6, "0")}\0 `, 148);
  return changed;
}

/** What archives of tests may hold. */
export const LIMITS = { maxBytes: 1_000_000, maxEntries: 100 };

/** Makes a directory before each test of a file, and in it an empty one to unpack into. */
export function placeForEachTest(): { readonly directory: TemporaryDirectory; readonly out: string } {
  let directory: TemporaryDirectory;
  beforeEach(() => {
    directory = temporaryDirectory();
    mkdirSync(directory.join("out"));
  });
  afterEach(() => directory[Symbol.dispose]());
  return {
    get directory() {
      return directory;
    },
    get out() {
      return directory.join("out");
    },
  };
}
