/**
 * Bytes that come piece by piece and are wanted as one.
 *
 * @module
 */

/** Grows as it must, and keeps no piece: a stranger may send a great many tiny ones. */
export class OutputBuffer {
  #buffer: Uint8Array;
  #length = 0;

  /** @param expected About how many bytes will come. */
  constructor(expected: number) {
    this.#buffer = new Uint8Array(expected);
  }

  /** All bytes that came. */
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#length);
  }

  /** Copies a piece to the end. */
  push(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(length, this.#buffer.length * 2));
      larger.set(this.bytes);
      this.#buffer = larger;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }
}
