/**
 * Compressed streams, told apart by how they begin.
 *
 * @module
 */

import { pipeline, Readable } from "node:stream";
import { constants, createGunzip, createGzip, createZstdCompress, createZstdDecompress } from "node:zlib";
import { errorMessage } from "../../core/errors.ts";
import { ArchiveError, damaged } from "./errors.ts";

/** How an archive is compressed. */
export type Compression = "zstd" | "gzip";

/** How streams begin: RFC 8878 and RFC 1952. */
const MAGICS: readonly (readonly [Compression, readonly number[]])[] = [
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["gzip", [0x1f, 0x8b]],
];

const MAGIC_LENGTH = 4;

/**
 * A frame of zstd that holds nothing (RFC 8878, 3.1.2). Fed after the end of a stream it is passed over, or, where the
 * stream has lost its end and nobody would notice, it is taken for the checksum, and is a wrong one.
 */
const EMPTY_FRAME = Uint8Array.of(0x50, 0x2a, 0x4d, 0x18, 0, 0, 0, 0);

/**
 * Decompresses a stream as it comes. A zstd stream that ends in the middle is not noticed here: what is in it must say
 * where its own end is, as tar does.
 *
 * @throws {ArchiveError} `unsupported-archive` when it is neither zstd nor gzip, `damaged` when it cannot be read.
 */
export async function* decompress(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const { head, chunks } = await peek(source, MAGIC_LENGTH);
  const [compression] = MAGICS.find(([, magic]) => magic.every((byte, i) => head[i] === byte)) ?? [];
  if (compression === undefined) {
    await chunks.return();
    const message = head.length === 0 ? "The archive is empty" : "The archive is neither zstd nor gzip";
    throw new ArchiveError({ code: "unsupported-archive" }, message);
  }
  const decoder = compression === "zstd" ? createZstdDecompress() : createGunzip();
  let sourceError: { readonly error: unknown } | undefined;
  const watched = async function* () {
    try {
      yield* chunks;
      if (compression === "zstd") yield EMPTY_FRAME;
    } catch (error) {
      sourceError = { error };
      throw error;
    }
  };
  const decoded = pipeline(Readable.from(watched(), { objectMode: false }), decoder, () => {});
  try {
    for await (const chunk of decoded) yield chunk as Uint8Array;
  } catch (error) {
    throw sourceError === undefined ? damaged(errorMessage(error), error) : sourceError.error;
  }
}

/** A stream that compresses. */
export function compressor(compression: Compression) {
  return compression === "gzip"
    ? createGzip()
    : createZstdCompress({ params: { [constants.ZSTD_c_checksumFlag]: 1, [constants.ZSTD_c_compressionLevel]: 3 } });
}

/** The first bytes of a stream, and all of it with them. */
async function peek(source: AsyncIterable<Uint8Array>, length: number) {
  const iterator = source[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let have = 0;
  while (have < length) {
    const { done, value } = await iterator.next();
    if (done) break;
    first.push(value);
    have += value.length;
  }
  const chunks = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      yield* first;
      yield* { [Symbol.asyncIterator]: () => iterator };
    } finally {
      await iterator.return?.();
    }
  };
  return { head: Buffer.concat(first).subarray(0, length), chunks: chunks() };
}
