/**
 * Numbers and vectors as TLS writes them (RFC 8446, 3): big-endian, vectors with their length in bytes before them.
 *
 * @module
 */

import { concatBytes } from "../../../lib/core/bytes.ts";

/** A whole number in so many bytes. */
export function uint(value: number, bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (value / 2 ** (8 * (bytes - 1 - i))) & 0xff);
}

/** The parts, after their length in so many bytes. */
export function vector(lengthBytes: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = concatBytes(...parts);
  return concatBytes(uint(content.length, lengthBytes), content);
}

/** Reads from the front; what is not there is an error, since only a broken peer of the test would leave it out. */
export class WireReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isEmpty(): boolean {
    return this.#at === this.#bytes.length;
  }

  bytes(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new RangeError(`TLS: ${length} bytes wanted at ${this.#at}`);
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  uint(bytes: number): number {
    return this.bytes(bytes).reduce((value, byte) => value * 256 + byte, 0);
  }

  vector(lengthBytes: number): WireReader {
    return new WireReader(this.bytes(this.uint(lengthBytes)));
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.bytes(this.#bytes.length - this.#at);
  }
}
