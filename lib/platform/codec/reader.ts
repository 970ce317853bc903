/**
 * Reads what the linear codec wrote: see {@link ./writer.ts}.
 *
 * Bytes come from nodes' answers: every length is checked against what is there before anything is made of it.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";
import { CODEC_VERSION } from "./writer.ts";

export type CodecReadErrorType =
  /** Bytes that end too early. */
  | { readonly code: "too-short" }
  /** Bytes behind the end. */
  | { readonly code: "trailing"; readonly length: number }
  /** Bytes of another version of the codec. */
  | { readonly code: "version"; readonly version: number }
  /** The number of a type that is not expected here. */
  | { readonly code: "unknown-type"; readonly typeID: number };

/** Bytes that cannot be read. */
export class CodecReadError extends AvxError<CodecReadErrorType> {}

export class CodecReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** How many bytes are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  uint16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  uint32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  uint64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** A copy of the next bytes. */
  fixed(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.slice(at, at + length);
  }

  /** Bytes with their number before them. */
  variable(): Uint8Array {
    return this.fixed(this.uint32());
  }

  /**
   * A slice: the number of items, then each.
   *
   * @param itemSize The fewest bytes that an item has: a number that cannot be is refused before anything is read.
   */
  slice<T>(itemSize: number, read: () => T): T[] {
    const count = this.uint32();
    if (count * itemSize > this.left) throw tooShort();
    return Array.from({ length: count }, read);
  }

  /** The version that stands before everything that was marshalled by itself. */
  version(): this {
    const version = this.uint16();
    if (version !== CODEC_VERSION) {
      throw new CodecReadError({ code: "version", version }, `unknown codec version ${version}`);
    }
    return this;
  }

  /** @throws {CodecReadError} `trailing` when anything is left. */
  end(): void {
    if (this.left > 0) throw new CodecReadError({ code: "trailing", length: this.left }, "trailing buffer space");
  }

  #take(length: number): number {
    if (length > this.left) throw tooShort();
    const at = this.#at;
    this.#at += length;
    return at;
  }
}

function tooShort(): CodecReadError {
  return new CodecReadError({ code: "too-short" }, "packer has insufficient length for input");
}
