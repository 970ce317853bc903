/**
 * Takes exact numbers of bytes from a stream of chunks of any size.
 *
 * @module
 */

import { concatBytes } from "../../core/bytes.ts";
import { damaged } from "./errors.ts";

export class ByteReader {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #rest: Uint8Array = new Uint8Array();

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /**
   * Takes bytes into memory.
   *
   * @returns `undefined` at the end of the stream.
   * @throws {ArchiveError} `damaged` when the stream ends within them.
   */
  async take(length: number): Promise<Uint8Array | undefined> {
    const parts: Uint8Array[] = [];
    for await (const part of this.#upTo(length)) parts.push(part);
    const taken = parts.length === 1 ? (parts[0] as Uint8Array) : concatBytes(...parts);
    if (taken.length === length) return taken;
    if (taken.length === 0) return undefined;
    throw damaged("it ends too early");
  }

  /**
   * Passes bytes on as they come.
   *
   * @throws {ArchiveError} `damaged` when the stream ends within them.
   */
  async *pass(length: number): AsyncGenerator<Uint8Array, void, undefined> {
    let passed = 0;
    for await (const part of this.#upTo(length)) {
      passed += part.length;
      yield part;
    }
    if (passed < length) throw damaged("it ends too early");
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }

  async *#upTo(length: number): AsyncGenerator<Uint8Array, void, undefined> {
    let left = length;
    while (left > 0) {
      if (this.#rest.length === 0) {
        const { done, value } = await this.#chunks.next();
        if (done) return;
        this.#rest = value;
        continue;
      }
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
}
