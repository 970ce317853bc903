/**
 * A small frame that the library is shown whole.
 *
 * libzstd reads such a frame at once and by other rules: blocks may be of any size, and so may the window.
 *
 * @module
 */

import { blockContent, ContentTooLargeError, checkChecksum } from "./content.ts";
import {
  type Block,
  CHECKSUM_BYTES,
  checkCompressedSize,
  checkDictionary,
  type FrameHeader,
  REASONS,
  readBlocks,
  readFrameHeader,
  ZstdError,
} from "./frame.ts";

/**
 * What comes out of a frame.
 *
 * @param start Where the frame begins.
 * @param end Where it ends, as `findFrameEnd` found it.
 * @param room How much may come out, in bytes.
 * @throws {ZstdError}
 */
export function wholeFrameContent(bytes: Uint8Array, start: number, end: number, room: number): Uint8Array {
  const header = readFrameHeader(bytes, start, end - start) as FrameHeader;
  if (header.skippable) return new Uint8Array(0);
  checkDictionary(header);

  const blocks = readBlocks(bytes, start + header.headerBytes, end);
  let size = 0;
  for (const block of blocks) {
    if (block.type === "compressed") checkCompressedSize(block, 1);
    size += block.size;
    if (size > room) throw new ZstdError(REASONS.destinationTooSmall);
  }
  const content = contentWithin(bytes, blocks, room);
  if (header.contentSize !== undefined && content.length !== header.contentSize) throw new ZstdError(REASONS.corrupted);
  if (header.hasChecksum) checkChecksum(bytes, blocks, end - CHECKSUM_BYTES, room);
  return content;
}

function contentWithin(bytes: Uint8Array, blocks: readonly Block[], room: number): Uint8Array {
  try {
    return blockContent(bytes, blocks, room);
  } catch (error) {
    if (error instanceof ContentTooLargeError) throw new ZstdError(REASONS.destinationTooSmall);
    throw error;
  }
}
