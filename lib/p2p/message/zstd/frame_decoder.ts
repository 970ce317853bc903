/**
 * A frame that is read part by part: block headers, blocks, checksum, as libzstd's `ZSTD_decompressContinue` does.
 *
 * @module
 */

import { CompressedBlocks, checkChecksum } from "./content.ts";
import {
  BLOCK_HEADER_BYTES,
  type Block,
  CHECKSUM_BYTES,
  checkCompressedSize,
  checkDictionary,
  type FrameHeader,
  REASONS,
  readBlockHeader,
  readBlocks,
  ZstdError,
} from "./frame.ts";

/** Which part of a frame comes next. */
type Part = "blockHeader" | "block" | "checksum" | "skip" | "none";

const NOTHING = new Uint8Array(0);

/** Decodes one frame of a message that lies in memory. */
export class FrameDecoder {
  readonly header: FrameHeader;
  readonly #bytes: Uint8Array;
  readonly #firstBlock: number;
  readonly #maxContent: number;

  #part: Part;
  #expected: number;
  #block: Block | undefined;
  #compressed: CompressedBlocks | undefined;
  /** Bytes that came out. */
  #decoded = 0;

  /**
   * @param bytes The whole message.
   * @param start Where the frame begins.
   * @param maxContent The most that is decoded, in bytes.
   * @throws {ZstdError} `dictionaryWrong`.
   */
  constructor(bytes: Uint8Array, start: number, header: FrameHeader, maxContent: number) {
    this.header = header;
    this.#bytes = bytes;
    this.#firstBlock = start + header.headerBytes;
    this.#maxContent = maxContent;
    if (header.skippable) {
      this.#part = "skip";
      this.#expected = header.contentSize as number;
    } else {
      checkDictionary(header);
      this.#part = "blockHeader";
      this.#expected = BLOCK_HEADER_BYTES;
    }
  }

  /** Bytes that the part still takes; 0 when the frame is over. */
  get expected(): number {
    return this.#expected;
  }

  /** Whether what comes next is passed over. */
  get skips(): boolean {
    return this.#part === "skip";
  }

  /** Bytes of the header that follows the part for sure. */
  get headerAfter(): number {
    return this.#part === "block" && this.#block?.last === false ? BLOCK_HEADER_BYTES : 0;
  }

  /**
   * How many bytes are needed to go on: all of the part, but of a raw block what there is.
   *
   * @param available Bytes that there are.
   */
  needed(available: number): number {
    if (this.#part !== "block" || this.#block?.type !== "raw") return this.#expected;
    return Math.max(1, Math.min(available, this.#expected));
  }

  /**
   * Takes a part, or as much of a raw block as there is.
   *
   * @param at Where it lies.
   * @param length Its bytes.
   * @param room How much may come out, in bytes.
   * @returns What came out.
   * @throws {ZstdError}
   * @throws {ContentTooLargeError}
   */
  take(at: number, length: number, room: number): Uint8Array {
    switch (this.#part) {
      case "blockHeader":
        this.#takeBlockHeader(at);
        return NOTHING;
      case "block":
        return this.#takeBlock(at, length, room);
      case "checksum":
        checkChecksum(this.#bytes, readBlocks(this.#bytes, this.#firstBlock, at), at, this.#maxContent);
        this.#expect("none", 0);
        return NOTHING;
      default:
        this.#expect("none", 0);
        return NOTHING;
    }
  }

  #expect(part: Part, bytes: number): void {
    this.#part = part;
    this.#expected = bytes;
  }

  #expectEnd(): void {
    if (this.header.hasChecksum) this.#expect("checksum", CHECKSUM_BYTES);
    else this.#expect("none", 0);
  }

  #takeBlockHeader(at: number): void {
    const block = readBlockHeader(this.#bytes, at);
    if (block.bytes > this.header.maxBlockBytes) throw new ZstdError(REASONS.corrupted);
    this.#block = block;
    if (block.bytes > 0) this.#expect("block", block.bytes);
    else if (!block.last) this.#expect("blockHeader", BLOCK_HEADER_BYTES);
    else this.#expectEnd();
  }

  #takeBlock(at: number, length: number, room: number): Uint8Array {
    const block = this.#block as Block;
    const { contentSize, maxBlockBytes } = this.header;
    const content = this.#decodeBlock(block, at, length, room);
    if (content.length > maxBlockBytes) throw new ZstdError(REASONS.corrupted);
    this.#decoded += content.length;
    this.#expected -= length;
    if (this.#expected > 0) return content;

    if (!block.last) {
      this.#expect("blockHeader", BLOCK_HEADER_BYTES);
    } else {
      if (contentSize !== undefined && this.#decoded !== contentSize) throw new ZstdError(REASONS.corrupted);
      this.#expectEnd();
    }
    return content;
  }

  #decodeBlock(block: Block, at: number, length: number, room: number): Uint8Array {
    switch (block.type) {
      case "raw":
        if (length > room) throw new ZstdError(REASONS.destinationTooSmall);
        return this.#bytes.subarray(at, at + length);
      case "rle":
        if (block.size > room) throw new ZstdError(REASONS.destinationTooSmall);
        if (block.size > this.header.maxBlockBytes) throw new ZstdError(REASONS.corrupted);
        return new Uint8Array(block.size).fill(this.#bytes[at] as number);
      case "compressed": {
        checkCompressedSize(block, 0);
        this.#compressed ??= this.#compressedBlocks();
        const content = this.#compressed.next(this.#decoded);
        if (content.length > room) throw new ZstdError(REASONS.destinationTooSmall);
        return content;
      }
    }
  }

  #compressedBlocks(): CompressedBlocks {
    const blocks = readBlocks(this.#bytes, this.#firstBlock, this.#bytes.length);
    return new CompressedBlocks(this.#bytes, blocks, this.header.maxBlockBytes, this.#maxContent);
  }
}
