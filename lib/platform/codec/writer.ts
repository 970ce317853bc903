/**
 * The linear codec: values one after another, big-endian, with nothing between them.
 *
 * Slices and byte strings have a uint32 length before them, text a uint16; an interface has the uint32 number of its
 * type. Source: upstream `codec/reflectcodec`, `codec/linearcodec` and `utils/wrappers/packing.go`.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** A value that its length field cannot hold. */
export class CodecError extends AvxError<{ readonly code: "too-long"; readonly length: number }> {}

/** The version that stands before everything that is marshalled by itself. */
export const CODEC_VERSION = 0;

/** The longest text, in bytes. */
const MAX_STRING_LENGTH = 0xffff;

const INITIAL_CAPACITY = 1_024;

const encoder = new TextEncoder();

/** Collects bytes. Each method gives the writer back. */
export class CodecWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView;
  #length = 0;

  /** @param capacity Bytes to make room for at first. */
  constructor(capacity = INITIAL_CAPACITY) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** How many bytes there are. */
  get length(): number {
    return this.#length;
  }

  /** What was written: a view that lives as long as nothing more is written. */
  bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  uint8(value: number): this {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }

  uint16(value: number): this {
    const at = this.#grow(2);
    this.#view.setUint16(at, value);
    return this;
  }

  uint32(value: number): this {
    const at = this.#grow(4);
    this.#view.setUint32(at, value);
    return this;
  }

  uint64(value: bigint): this {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, value);
    return this;
  }

  /** Bytes whose number is known to the reader. */
  fixed(bytes: Uint8Array): this {
    const at = this.#grow(bytes.length);
    this.#bytes.set(bytes, at);
    return this;
  }

  /** Bytes with their number before them. */
  variable(bytes: Uint8Array): this {
    return this.uint32(bytes.length).fixed(bytes);
  }

  /**
   * Text in UTF-8.
   *
   * @throws {CodecError} `too-long` beyond 65,535 bytes.
   */
  string(text: string): this {
    const bytes = encoder.encode(text);
    if (bytes.length > MAX_STRING_LENGTH) {
      throw new CodecError({ code: "too-long", length: bytes.length }, "input does not match expected format");
    }
    return this.uint16(bytes.length).fixed(bytes);
  }

  /** A slice: the number of items, then each. */
  slice<T>(items: readonly T[], write: (item: T) => void): this {
    this.uint32(items.length);
    items.forEach(write);
    return this;
  }

  /** Makes room and gives the place to write at. */
  #grow(size: number): number {
    const at = this.#length;
    this.#length += size;
    if (this.#length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
