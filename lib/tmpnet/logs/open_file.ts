/**
 * Reads files of logs in pieces: a file of many gigabytes costs one buffer.
 *
 * @module
 */

import { closeSync, createReadStream, fstatSync, readSync, type Stats } from "node:fs";
import { createGunzip } from "node:zlib";
import { openPlainFile } from "../../core/plain_file.ts";

/** How much is read at a time, in bytes. */
export const CHUNK_BYTES = 256 * 1024;

/** A file that is read from the disk while it may grow, be emptied or be put aside. */
export class OpenFile implements Disposable {
  readonly #fd: number;
  readonly inode: number;
  offset: number;

  /** @throws The system's error, or an `Error` when it is no plain file. */
  constructor(path: string, offset = 0) {
    this.#fd = openPlainFile(path);
    this.inode = fstatSync(this.#fd).ino;
    this.offset = offset;
  }

  get stats(): Stats {
    return fstatSync(this.#fd);
  }

  /**
   * Reads on from `offset`.
   *
   * @returns Bytes of `buffer`; none at the file's end.
   */
  read(buffer: Buffer, upTo = Number.POSITIVE_INFINITY): Buffer {
    const length = Math.max(0, Math.min(buffer.length, upTo - this.offset));
    const read = length === 0 ? 0 : readSync(this.#fd, buffer, 0, length, this.offset);
    this.offset += read;
    return buffer.subarray(0, read);
  }

  /** Reads at a place, and leaves `offset` as it is. */
  readAt(position: number, length: number): Buffer {
    const buffer = Buffer.alloc(length);
    return buffer.subarray(0, readSync(this.#fd, buffer, 0, length, position));
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/** The pieces of a file that was compressed, as they were before; what is broken ends where it breaks. */
export async function* unzippedPieces(path: string): AsyncGenerator<Buffer> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  file.on("error", (error) => gunzip.destroy(error));
  file.pipe(gunzip);
  try {
    for await (const piece of gunzip) yield piece as Buffer;
  } catch {
    // Half a file, or none: what could be read was given.
  } finally {
    file.destroy();
    gunzip.destroy();
  }
}
