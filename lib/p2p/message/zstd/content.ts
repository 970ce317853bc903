/**
 * What comes out of blocks, taken out of their frame and decoded by the runtime's zstd.
 *
 * Blocks of a frame that is cut off or odd on its outside are put into a frame that is sound, so that the library
 * looks at nothing but the blocks.
 *
 * @module
 */

import { concatBytes } from "../../../core/bytes.ts";
import { BLOCK_HEADER_BYTES, type Block, CHECKSUM_BYTES, REASONS, ZstdError } from "./frame.ts";
import { nativeDecompress } from "./native.ts";

/** More came out than may. */
export class ContentTooLargeError extends Error {}

/** Magic number, a descriptor that tells nothing, and a window of 4 MiB: more than ever comes out. */
const HEADER = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x60);
const HEADER_WITH_CHECKSUM = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x60);

/**
 * What comes out of blocks.
 *
 * @param blocks One after the other, from the first of their frame.
 * @param maxLength The most that may come out, in bytes.
 * @throws {ZstdError} Where a block is damaged.
 * @throws {ContentTooLargeError}
 */
export function blockContent(bytes: Uint8Array, blocks: readonly Block[], maxLength: number): Uint8Array {
  return decode(concatBytes(HEADER, soundBlocks(bytes, blocks)), maxLength);
}

/**
 * What comes out of the compressed blocks of a frame, one after the other.
 *
 * Compressed blocks build on each other, so all up to the last are decoded together. How much comes out of each is not
 * told: each but the last is taken to be full, as encoders make them. That moves no byte of the content.
 */
export class CompressedBlocks {
  readonly #content: Uint8Array;
  readonly #maxBlockBytes: number;
  /** How many compressed blocks are still to come, and how much comes out of them. */
  #left = 0;
  #size: number;

  /**
   * @param blocks The whole blocks of a frame, from its first; one at least is compressed.
   * @param maxLength The most that may come out, in bytes.
   * @throws {ZstdError} Where a block is damaged.
   * @throws {ContentTooLargeError}
   */
  constructor(bytes: Uint8Array, blocks: readonly Block[], maxBlockBytes: number, maxLength: number) {
    const count = blocks.findLastIndex(({ type }) => type === "compressed") + 1;
    this.#content = blockContent(bytes, blocks.slice(0, count), maxLength);
    this.#maxBlockBytes = maxBlockBytes;
    this.#size = this.#content.length;
    for (const { size, type } of blocks.slice(0, count)) {
      if (type === "compressed") this.#left++;
      else this.#size -= size;
    }
  }

  /**
   * What comes out of the next compressed block.
   *
   * @param offset How much came out of all blocks before it.
   */
  next(offset: number): Uint8Array {
    this.#left--;
    const size = this.#left === 0 ? this.#size : Math.min(this.#size, this.#maxBlockBytes);
    this.#size -= size;
    return this.#content.subarray(offset, offset + size);
  }
}

/**
 * Checks the four bytes that a frame ends with.
 *
 * @param blocks All blocks of the frame.
 * @param checksumAt Where the four bytes are.
 * @throws {ZstdError} `checksumWrong` where they are not what the content asks for.
 */
export function checkChecksum(
  bytes: Uint8Array,
  blocks: readonly Block[],
  checksumAt: number,
  maxLength: number,
): void {
  const checksum = bytes.subarray(checksumAt, checksumAt + CHECKSUM_BYTES);
  decode(concatBytes(HEADER_WITH_CHECKSUM, soundBlocks(bytes, blocks), checksum), maxLength);
}

/** The blocks' bytes, the last one marked as the last. */
function soundBlocks(bytes: Uint8Array, blocks: readonly Block[]): Uint8Array {
  const first = blocks[0] as Block;
  const last = blocks.at(-1) as Block;
  const copy = bytes.slice(first.start, last.start + BLOCK_HEADER_BYTES + last.bytes);
  const lastHeader = last.start - first.start;
  copy[lastHeader] = (copy[lastHeader] as number) | 1;
  return copy;
}

function decode(frame: Uint8Array, maxLength: number): Uint8Array {
  const result = nativeDecompress(frame, maxLength);
  if (result.content !== undefined) return result.content;
  if (result.tooLarge) throw new ContentTooLargeError();
  throw new ZstdError(result.reason || REASONS.corrupted);
}
