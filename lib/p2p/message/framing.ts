/**
 * Frames: a 4-byte big-endian length, and that many bytes of a message.
 *
 * The reader hands out a frame's length before it keeps a byte of its body, so that what a message takes can be
 * granted first. Upstream: `network/peer/msg_length.go`.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** The longest body of a frame, in bytes: 2 MiB (upstream `constants.DefaultMaxMessageSize`). */
export const MAX_MESSAGE_LENGTH = 2 * 1024 * 1024;

/** Bytes before a frame's body. */
export const LENGTH_PREFIX_BYTES = 4;

/** How a frame can be wrong. */
export type FramingErrorType =
  /** A body longer than the limit: nothing after it on the connection can be trusted. */
  | { readonly code: "too-large"; readonly length: number; readonly maxLength: number }
  /** A length prefix that is not 4 bytes. */
  | { readonly code: "invalid-length"; readonly bytes: number };

/** A frame that cannot be sent or read. */
export class FramingError extends AvxError<FramingErrorType> {}

function tooLarge(length: number, maxLength: number): FramingError {
  return new FramingError(
    { code: "too-large", length, maxLength },
    `maximum message length exceeded; the message length ${length} exceeds the specified limit ${maxLength}`,
  );
}

/**
 * The length prefix of a frame.
 *
 * @param length Bytes of the body.
 * @param maxLength The most that is allowed, in bytes.
 * @returns 4 bytes.
 * @throws {FramingError} `too-large`.
 */
export function writeMessageLength(length: number, maxLength: number = MAX_MESSAGE_LENGTH): Uint8Array {
  if (length > maxLength) throw tooLarge(length, maxLength);
  const prefix = new Uint8Array(LENGTH_PREFIX_BYTES);
  new DataView(prefix.buffer).setUint32(0, length);
  return prefix;
}

/**
 * The length that a prefix tells.
 *
 * @param prefix Exactly 4 bytes.
 * @param maxLength The most that is allowed, in bytes.
 * @throws {FramingError} `invalid-length`, `too-large`.
 */
export function readMessageLength(prefix: Uint8Array, maxLength: number = MAX_MESSAGE_LENGTH): number {
  if (prefix.length !== LENGTH_PREFIX_BYTES) {
    throw new FramingError(
      { code: "invalid-length", bytes: prefix.length },
      `invalid message length; readMsgLen only supports 4 bytes (got ${prefix.length} bytes)`,
    );
  }
  const length = readUint32(prefix, 0);
  if (length > maxLength) throw tooLarge(length, maxLength);
  return length;
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at] as number) << 24) |
      ((bytes[at + 1] as number) << 16) |
      ((bytes[at + 2] as number) << 8) |
      (bytes[at + 3] as number)) >>>
    0
  );
}

/** Who takes the frames. */
export interface FrameSink {
  /**
   * The length of the next frame's body is known.
   *
   * @returns `true` to have the body, `false` to wait: the reader then stands still until `resume()`.
   */
  onLength(length: number): boolean;
  /**
   * A body is whole. It may lie in the memory of the chunk that brought it: who keeps a small body for long should
   * copy it, or it keeps the whole chunk.
   */
  onFrame(body: Uint8Array): void;
}

/**
 * Cuts a stream of chunks into frames.
 *
 * It is synchronous: all whole frames of a chunk are handed out before `push` returns. A body that lies whole in one
 * chunk is not copied. What is held at any time is one partial frame, and, while waiting, what was pushed meanwhile:
 * who makes it wait pauses the source.
 *
 * @example
 * ```ts
 * const reader = new FrameReader({ onLength: () => true, onFrame: (body) => handle(body) });
 * socket.on("data", (chunk) => reader.push(chunk));
 * ```
 */
export class FrameReader {
  readonly #sink: FrameSink;
  readonly #maxLength: number;

  /** The chunk being read, and how far. */
  #chunk: Uint8Array | undefined;
  #offset = 0;
  /** Chunks after it. */
  #queue: Uint8Array[] = [];
  #queuedBytes = 0;

  /** A length prefix of which only a part has come. */
  readonly #prefix = new Uint8Array(LENGTH_PREFIX_BYTES);
  #prefixBytes = 0;

  /** The length of the frame being read, or -1 before it is known. */
  #length = -1;
  /** A granted body of which only a part has come. */
  #body: Uint8Array | undefined;
  #bodyBytes = 0;

  #waiting = false;
  #running = false;
  #closed = false;

  /**
   * @param sink Takes lengths and bodies.
   * @param maxLength The longest body that is read, in bytes.
   */
  constructor(sink: FrameSink, maxLength: number = MAX_MESSAGE_LENGTH) {
    this.#sink = sink;
    this.#maxLength = maxLength;
  }

  /** Whether a length was refused for now: nothing is read before `resume()`. */
  get waiting(): boolean {
    return this.#waiting;
  }

  /** Bytes that were pushed and are not yet handed out. */
  get buffered(): number {
    const unread = this.#chunk === undefined ? 0 : this.#chunk.length - this.#offset;
    return this.#prefixBytes + this.#bodyBytes + unread + this.#queuedBytes;
  }

  /**
   * Takes the next bytes of the stream and hands out what is whole. The chunk's memory must stay as it is.
   *
   * @throws {FramingError} `too-large`; the reader is then closed. What the sink throws comes through, with the
   *   reader ready to go on after the frame that it was about.
   */
  push(chunk: Uint8Array): void {
    if (this.#closed || chunk.length === 0) return;
    if (this.#chunk === undefined) {
      this.#chunk = chunk;
      this.#offset = 0;
    } else {
      this.#queue.push(chunk);
      this.#queuedBytes += chunk.length;
    }
    this.#run();
  }

  /**
   * Grants the length that was refused, and reads on. Harmless while nothing waits.
   *
   * @throws {FramingError} As `push`.
   */
  resume(): void {
    if (!this.#waiting) return;
    this.#waiting = false;
    this.#run();
  }

  /** Lets go of all bytes and takes no more. A sink may call it from within. */
  close(): void {
    this.#closed = true;
    this.#waiting = false;
    this.#chunk = undefined;
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#prefixBytes = 0;
    this.#body = undefined;
    this.#bodyBytes = 0;
  }

  #run(): void {
    if (this.#running) return;
    this.#running = true;
    try {
      while (!this.#waiting && this.#step());
    } finally {
      this.#running = false;
    }
  }

  /** Reads one length or one body, or a part of it. @returns Whether there may be more to do. */
  #step(): boolean {
    if (this.#length < 0) return this.#readLength();
    if (this.#length === 0) {
      this.#length = -1;
      this.#sink.onFrame(new Uint8Array(0));
      return !this.#closed;
    }
    return this.#readBody();
  }

  #readLength(): boolean {
    const chunk = this.#chunk;
    if (chunk === undefined) return false;

    let length: number;
    if (this.#prefixBytes === 0 && chunk.length - this.#offset >= LENGTH_PREFIX_BYTES) {
      length = readUint32(chunk, this.#offset);
      this.#advance(LENGTH_PREFIX_BYTES);
    } else {
      this.#prefix[this.#prefixBytes++] = chunk[this.#offset] as number;
      this.#advance(1);
      if (this.#prefixBytes < LENGTH_PREFIX_BYTES) return true;
      this.#prefixBytes = 0;
      length = readUint32(this.#prefix, 0);
    }

    if (length > this.#maxLength) {
      this.close();
      throw tooLarge(length, this.#maxLength);
    }
    this.#length = length;
    if (!this.#sink.onLength(length)) this.#waiting = !this.#closed;
    return !this.#closed;
  }

  #readBody(): boolean {
    const chunk = this.#chunk;
    if (chunk === undefined) return false;

    const available = chunk.length - this.#offset;
    if (this.#body === undefined) {
      const length = this.#length;
      if (available >= length) {
        const body = new Uint8Array(chunk.buffer, chunk.byteOffset + this.#offset, length);
        this.#length = -1;
        this.#advance(length);
        this.#sink.onFrame(body);
        return !this.#closed;
      }
      this.#body = new Uint8Array(length);
    }

    const take = Math.min(available, this.#length - this.#bodyBytes);
    this.#body.set(chunk.subarray(this.#offset, this.#offset + take), this.#bodyBytes);
    this.#bodyBytes += take;
    this.#advance(take);
    if (this.#bodyBytes < this.#length) return true;

    const body = this.#body;
    this.#body = undefined;
    this.#bodyBytes = 0;
    this.#length = -1;
    this.#sink.onFrame(body);
    return !this.#closed;
  }

  /** Moves on by bytes that lie in the chunk being read. */
  #advance(bytes: number): void {
    this.#offset += bytes;
    if (this.#chunk === undefined || this.#offset < this.#chunk.length) return;
    const next = this.#queue.shift();
    this.#chunk = next;
    this.#offset = 0;
    if (next !== undefined) this.#queuedBytes -= next.length;
  }
}
