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

import { blockContent, CompressedBlocks, checkChecksum } from "./content.ts";
import {
  BLOCK_HEADER_BYTES,
  type Block,
  CHECKSUM_BYTES,
  type FrameHeader,
  findFrameEnd,
  MAX_BLOCK_BYTES,
  REASONS,
  readBlockHeader,
  readBlocks,
  readFrameHeader,
  ZstdError,
} from "./frame.ts";
import { OutputBuffer } from "./output_buffer.ts";

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

/** Which part of a frame comes next. */
type Part = "blockHeader" | "block" | "checksum" | "skip" | "none";

/** A frame that is being read. */
interface OpenFrame {
  readonly header: FrameHeader;
  /** Where its first block begins. */
  readonly firstBlock: number;
  /** What comes out of its compressed blocks, once the first of them was reached. */
  compressed: CompressedBlocks | undefined;
  /** Bytes that came out. */
  decoded: number;
}

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
  #frame: OpenFrame | undefined;

  #part: Part = "none";
  /** Bytes that the part still takes. */
  #expected = 0;
  #block: Block | undefined;
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

    const content = this.#wholeFrame(this.#stepStart, frameEnd);
    this.#output.push(content);
    this.#stepOutput += content.length;
    this.#position = frameEnd;
    this.#expected = 0;
    this.#stage = "init";
    return true;
  }

  #wholeFrame(start: number, end: number): Uint8Array {
    const header = readFrameHeader(this.#bytes, start, end - start) as FrameHeader;
    if (header.skippable) return new Uint8Array(0);
    checkDictionary(header);
    const blocks = readBlocks(this.#bytes, start + header.headerBytes, end);
    let size = 0;
    for (const block of blocks) {
      if (block.type === "compressed") checkCompressedSize(block, 1);
      size += block.size;
      if (size > MAX_STEP_OUTPUT) throw new ZstdError(REASONS.destinationTooSmall);
    }
    const content = blockContent(this.#bytes, blocks, this.#maxContent);
    if (content.length > MAX_STEP_OUTPUT) throw new ZstdError(REASONS.destinationTooSmall);
    if (header.contentSize !== undefined && content.length !== header.contentSize) {
      throw new ZstdError(REASONS.corrupted);
    }
    if (header.hasChecksum) checkChecksum(this.#bytes, blocks, end - CHECKSUM_BYTES, this.#maxContent);
    return content;
  }

  #openFrame(header: FrameHeader): void {
    const firstBlock = this.#frameStart + header.headerBytes;
    this.#frame = { header, firstBlock, compressed: undefined, decoded: 0 };
    if (header.skippable) {
      this.#expect("skip", header.contentSize as number);
    } else {
      checkDictionary(header);
      this.#expect("blockHeader", BLOCK_HEADER_BYTES);
    }
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

  #expect(part: Part, bytes: number): void {
    this.#part = part;
    this.#expected = bytes;
  }

  #readPart(end: number): boolean {
    const available = end - this.#position;
    // A raw block is put out as it comes.
    const needed =
      this.#part === "block" && this.#block?.type === "raw"
        ? Math.max(1, Math.min(available, this.#expected))
        : this.#expected;
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
    const missing = this.#expected - this.#partLoaded;
    if (this.#part !== "skip" && missing > this.#inBufferSize - this.#partLoaded) {
      throw new ZstdError(REASONS.corrupted);
    }
    const loaded = Math.min(missing, end - this.#position);
    this.#position += loaded;
    this.#partLoaded += loaded;
    if (loaded < missing) return false;
    const needed = this.#expected;
    this.#partLoaded = 0;
    this.#takePart(this.#position - needed, needed);
    return true;
  }

  /** Handles a part, or as much of a raw block as there is, that lies at `at`. */
  #takePart(at: number, bytes: number): void {
    const skipped = this.#part === "skip";
    const output = this.#decodePart(at, bytes);
    if (output === 0 && !skipped) {
      this.#stage = "read";
      return;
    }
    this.#outEnd = this.#outStart + output;
    this.#stage = "flush";
  }

  /** @returns How many bytes came out. */
  #decodePart(at: number, bytes: number): number {
    const frame = this.#frame as OpenFrame;
    switch (this.#part) {
      case "blockHeader":
        this.#takeBlockHeader(at, frame);
        return 0;
      case "block":
        return this.#takeBlock(at, bytes, frame);
      case "checksum":
        checkChecksum(this.#bytes, readBlocks(this.#bytes, frame.firstBlock, at), at, this.#maxContent);
        this.#expect("none", 0);
        return 0;
      default:
        this.#expect("none", 0);
        return 0;
    }
  }

  #takeBlockHeader(at: number, frame: OpenFrame): void {
    const block = readBlockHeader(this.#bytes, at);
    if (block.bytes > frame.header.maxBlockBytes) throw new ZstdError(REASONS.corrupted);
    this.#block = block;
    if (block.bytes > 0) this.#expect("block", block.bytes);
    else if (!block.last) this.#expect("blockHeader", BLOCK_HEADER_BYTES);
    else this.#expectEnd(frame);
  }

  #takeBlock(at: number, bytes: number, frame: OpenFrame): number {
    const block = this.#block as Block;
    const { contentSize, maxBlockBytes } = frame.header;
    const content = this.#decodeBlock(block, at, bytes, frame);
    this.#expected -= bytes;
    if (content.length > maxBlockBytes) throw new ZstdError(REASONS.corrupted);
    frame.decoded += content.length;
    this.#output.push(content);
    if (this.#expected > 0) return content.length;

    if (!block.last) {
      this.#expect("blockHeader", BLOCK_HEADER_BYTES);
    } else {
      if (contentSize !== undefined && frame.decoded !== contentSize) throw new ZstdError(REASONS.corrupted);
      this.#expectEnd(frame);
    }
    return content.length;
  }

  #expectEnd(frame: OpenFrame): void {
    if (frame.header.hasChecksum) this.#expect("checksum", CHECKSUM_BYTES);
    else this.#expect("none", 0);
  }

  #decodeBlock(block: Block, at: number, bytes: number, frame: OpenFrame): Uint8Array {
    const room = this.#outBufferSize - this.#outStart;
    switch (block.type) {
      case "raw":
        if (bytes > room) throw new ZstdError(REASONS.destinationTooSmall);
        return this.#bytes.subarray(at, at + bytes);
      case "rle":
        if (block.size > room) throw new ZstdError(REASONS.destinationTooSmall);
        if (block.size > frame.header.maxBlockBytes) throw new ZstdError(REASONS.corrupted);
        return new Uint8Array(block.size).fill(this.#bytes[at] as number);
      case "compressed": {
        checkCompressedSize(block, 0);
        frame.compressed ??= this.#compressedBlocks(frame);
        const content = frame.compressed.next(frame.decoded);
        if (content.length > room) throw new ZstdError(REASONS.destinationTooSmall);
        return content;
      }
    }
  }

  #compressedBlocks({ firstBlock, header }: OpenFrame): CompressedBlocks {
    const blocks = readBlocks(this.#bytes, firstBlock, this.#bytes.length);
    return new CompressedBlocks(this.#bytes, blocks, header.maxBlockBytes, this.#maxContent);
  }

  #flush(): boolean {
    const { header } = this.#frame as OpenFrame;
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
    if (this.#expected > 0) {
      const nextHeader = this.#part === "block" && this.#block?.last === false ? BLOCK_HEADER_BYTES : 0;
      return this.#expected + nextHeader - this.#partLoaded;
    }
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

function checkDictionary(header: FrameHeader): void {
  if (header.dictionaryID !== 0) throw new ZstdError(REASONS.dictionaryWrong);
}

/** @param least How few bytes a compressed block may have. */
function checkCompressedSize(block: Block, least: number): void {
  if (block.bytes < least) throw new ZstdError(REASONS.corrupted);
  if (block.bytes >= MAX_BLOCK_BYTES) throw new ZstdError(REASONS.sourceSizeWrong);
}
