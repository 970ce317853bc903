/**
 * libzstd's streaming decompression, step by step, as version 1.5.2 takes its steps.
 *
 * What upstream makes of frames that are cut off, damaged or followed by something depends on how many bytes its
 * library is shown at a time and where it stops. This follows `ZSTD_decompressStream` (zstd_decompress.c) closely enough
 * to stop at the same places; the contents of compressed blocks are decoded by the runtime's own zstd. It only serves
 * messages that are not one whole sound frame: those never come here.
 *
 * @module
 */

import {
  BLOCK_HEADER_BYTES,
  CHECKSUM_BYTES,
  type FrameHeader,
  findFrameEnd,
  MAX_BLOCK_BYTES,
  REASONS,
  readFrameHeader,
  ZstdError,
} from "./frame.ts";
import { FrameDecoder } from "./frame_decoder.ts";
import { OutputBuffer } from "./output_buffer.ts";
import { wholeFrameContent } from "./whole_frame.ts";

/** How much one step may put out: `ZSTD_DStreamOutSize`. */
export const MAX_STEP_OUTPUT = MAX_BLOCK_BYTES;

/** A streaming decoder keeps at least 1 KiB of what it put out, and refuses to keep more than 128 MiB. */
const MIN_WINDOW = 2 ** 10;
const MAX_WINDOW = 2 ** 27 + 1;

/** What libzstd's ring buffer holds beyond window and block: `WILDCOPY_OVERLENGTH` twice. */
const RING_SLACK = 64;

/** Steps without progress until the library gives up: `ZSTD_NO_FORWARD_PROGRESS_MAX`. */
const MAX_IDLE_STEPS = 16;

/** The least that a frame begins with: `ZSTD_FRAMEHEADERSIZE_MIN`. */
const MIN_FRAME_HEADER = 6;

/**
 * Most frames that are read of one message. Upstream has no limit; nobody sends more than one, and thousands of empty
 * ones would cost far more than they weigh.
 */
const MAX_FRAMES = 64;

/** Reads frames out of a message that lies in memory, shown to it bit by bit. */
export class ZstdStream {
  readonly #bytes: Uint8Array;
  readonly #maxContent: number;
  readonly #output: OutputBuffer;

  #frames = 0;
  /** How far the message was taken in. */
  #position = 0;
  #stage: "init" | "header" | "read" | "load" | "flush" = "init";
  #frameStart = 0;
  #headerLoaded = 0;
  #frame: FrameDecoder | undefined;
  /** Bytes of a part that were taken in before the part was whole. */
  #partLoaded = 0;

  /** Where in the ring buffer what was not yet put out begins and ends, and the sizes of the buffers. */
  #outStart = 0;
  #outEnd = 0;
  #inBufferSize = 0;
  #outBufferSize = 0;

  /** The last byte of a frame is given back until all of the frame is put out. */
  #hostage = false;
  #idleSteps = 0;
  /** Where this step began, and what it put out. */
  #stepStart = 0;
  #stepOutput = 0;

  /**
   * @param bytes The whole message.
   * @param maxContent The most that is decoded of one frame, in bytes.
   */
  constructor(bytes: Uint8Array, maxContent: number) {
    this.#bytes = bytes;
    this.#maxContent = maxContent;
    this.#output = new OutputBuffer(bytes.length);
  }

  /** How far the message was taken in. */
  get position(): number {
    return this.#position;
  }

  /** What the last step put out, in bytes. */
  get stepOutput(): number {
    return this.#stepOutput;
  }

  /** What all steps decoded. */
  get output(): Uint8Array {
    return this.#output.bytes;
  }

  /**
   * Takes in and puts out what it can.
   *
   * @param end How far the message is shown.
   * @returns How many bytes to show next; 0 when a frame ended.
   * @throws {ZstdError}
   * @throws {ContentTooLargeError}
   */
  step(end: number): number {
    this.#stepStart = this.#position;
    this.#stepOutput = 0;
    for (let more = true; more; ) {
      switch (this.#stage) {
        case "init":
          this.#beginFrame();
          break;
        case "header": {
          const missing = this.#loadHeader(end);
          if (missing > 0) return missing;
          more = !this.#readHeader(end);
          break;
        }
        case "read":
          more = this.#readPart(end);
          break;
        case "load":
          more = this.#loadPart(end);
          break;
        case "flush":
          more = this.#flush();
          break;
      }
    }
    this.#countIdleSteps(end);
    return this.#endStep(end);
  }

  #beginFrame(): void {
    if (++this.#frames > MAX_FRAMES) throw new ZstdError(REASONS.parameterUnsupported);
    this.#stage = "header";
    this.#frameStart = this.#position;
    this.#headerLoaded = 0;
    this.#partLoaded = 0;
    this.#outStart = 0;
    this.#outEnd = 0;
    this.#hostage = false;
  }

  /** @returns How many bytes to show next where not enough of the header is there, or 0. */
  #loadHeader(end: number): number {
    for (;;) {
      const needed = readFrameHeader(this.#bytes, this.#frameStart, this.#headerLoaded);
      if (typeof needed !== "number") return 0;
      const load = needed - this.#headerLoaded;
      const available = end - this.#position;
      if (load > available) {
        this.#headerLoaded += available;
        this.#position = end;
        return Math.max(MIN_FRAME_HEADER, needed) - this.#headerLoaded + BLOCK_HEADER_BYTES;
      }
      this.#headerLoaded = needed;
      this.#position += load;
    }
  }

  /** @returns Whether the whole frame was read with it. */
  #readHeader(end: number): boolean {
    const header = readFrameHeader(this.#bytes, this.#frameStart, this.#headerLoaded) as FrameHeader;
    if (this.#readFrameAtOnce(header, end)) return true;
    this.#openFrame(header);
    return false;
  }

  /** A small frame that is shown whole is read by other rules: blocks may be of any size, and so may the window. */
  #readFrameAtOnce(header: FrameHeader, end: number): boolean {
    if (header.skippable || header.contentSize === undefined) return false;
    if (header.contentSize > MAX_STEP_OUTPUT - this.#stepOutput) return false;
    // The library looks from where the step began, even where it was shown the beginning of the frame before.
    const frameEnd = findFrameEnd(this.#bytes, this.#stepStart, end);
    if (frameEnd === undefined) return false;

    const content = wholeFrameContent(this.#bytes, this.#stepStart, frameEnd, MAX_STEP_OUTPUT - this.#stepOutput);
    this.#output.push(content);
    this.#stepOutput += content.length;
    this.#position = frameEnd;
    this.#frame = undefined;
    this.#stage = "init";
    return true;
  }

  #openFrame(header: FrameHeader): void {
    this.#frame = new FrameDecoder(this.#bytes, this.#frameStart, header, this.#maxContent);
    const window = Math.max(header.windowSize, MIN_WINDOW);
    if (window > MAX_WINDOW) throw new ZstdError(REASONS.windowTooLarge);

    const inBufferSize = Math.max(header.maxBlockBytes, CHECKSUM_BYTES);
    const ring = window + Math.min(window, MAX_BLOCK_BYTES) + MAX_BLOCK_BYTES + RING_SLACK;
    const outBufferSize = Math.min(header.contentSize ?? Infinity, ring);
    if (this.#inBufferSize < inBufferSize || this.#outBufferSize < outBufferSize) {
      this.#inBufferSize = inBufferSize;
      this.#outBufferSize = outBufferSize;
    }
    this.#stage = "read";
  }

  #readPart(end: number): boolean {
    const frame = this.#frame as FrameDecoder;
    const available = end - this.#position;
    const needed = frame.needed(available);
    if (needed === 0) {
      this.#stage = "init";
      return false;
    }
    if (available >= needed) {
      this.#takePart(this.#position, needed);
      this.#position += needed;
      return true;
    }
    if (available === 0) return false;
    this.#stage = "load";
    return true;
  }

  #loadPart(end: number): boolean {
    const { expected, skips } = this.#frame as FrameDecoder;
    const missing = expected - this.#partLoaded;
    if (!skips && missing > this.#inBufferSize - this.#partLoaded) throw new ZstdError(REASONS.corrupted);
    const loaded = Math.min(missing, end - this.#position);
    this.#position += loaded;
    this.#partLoaded += loaded;
    if (loaded < missing) return false;
    this.#partLoaded = 0;
    this.#takePart(this.#position - expected, expected);
    return true;
  }

  #takePart(at: number, length: number): void {
    const frame = this.#frame as FrameDecoder;
    const { skips } = frame;
    const content = frame.take(at, length, this.#outBufferSize - this.#outStart);
    if (content.length === 0 && !skips) {
      this.#stage = "read";
      return;
    }
    this.#output.push(content);
    this.#outEnd = this.#outStart + content.length;
    this.#stage = "flush";
  }

  #flush(): boolean {
    const { header } = this.#frame as FrameDecoder;
    const waiting = this.#outEnd - this.#outStart;
    const flushed = Math.min(MAX_STEP_OUTPUT - this.#stepOutput, waiting);
    this.#stepOutput += flushed;
    this.#outStart += flushed;
    if (flushed < waiting) return false;
    this.#stage = "read";
    const isRing = this.#outBufferSize < (header.contentSize ?? Infinity);
    if (isRing && this.#outStart + header.maxBlockBytes > this.#outBufferSize) {
      this.#outStart = 0;
      this.#outEnd = 0;
    }
    return true;
  }

  #countIdleSteps(end: number): void {
    if (this.#position !== this.#stepStart || this.#stepOutput > 0) {
      this.#idleSteps = 0;
      return;
    }
    this.#idleSteps++;
    if (this.#idleSteps < MAX_IDLE_STEPS) return;
    throw new ZstdError(this.#position === end ? REASONS.sourceSizeWrong : REASONS.destinationTooSmall);
  }

  #endStep(end: number): number {
    const { expected = 0, headerAfter = 0 } = this.#frame ?? {};
    if (expected > 0) return expected + headerAfter - this.#partLoaded;
    if (this.#outEnd !== this.#outStart) {
      if (!this.#hostage) {
        this.#position--;
        this.#hostage = true;
      }
      return 1;
    }
    if (this.#hostage) {
      if (this.#position >= end) {
        this.#stage = "read";
        return 1;
      }
      this.#position++;
    }
    return 0;
  }
}
