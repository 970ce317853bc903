/**
 * The outside of zstd frames: headers and the sizes of blocks, as libzstd 1.5.2 reads them (RFC 8878).
 *
 * @module
 */

/** Errors of libzstd, in its words. */
export class ZstdError extends Error {}

/** libzstd's words for what can be wrong. */
export const REASONS = {
  prefixUnknown: "Unknown frame descriptor",
  parameterUnsupported: "Unsupported frame parameter",
  windowTooLarge: "Frame requires too much memory for decoding",
  corrupted: "Corrupted block detected",
  checksumWrong: "Restored data doesn't match checksum",
  dictionaryWrong: "Dictionary mismatch",
  destinationTooSmall: "Destination buffer is too small",
  sourceSizeWrong: "Src size is incorrect",
} as const;

/** No block is longer, compressed or not. */
export const MAX_BLOCK_BYTES = 128 * 1024;

export const BLOCK_HEADER_BYTES = 3;
export const CHECKSUM_BYTES = 4;

/** Magic number and frame header descriptor: what must be there before a header's length is known. */
const MIN_HEADER_INPUT = 5;
const SKIPPABLE_HEADER_BYTES = 8;

const MAGIC = 0xfd2f_b528;
const SKIPPABLE_MAGIC = 0x184d_2a50;

const DICTIONARY_ID_BYTES = [0, 1, 2, 4] as const;
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;

const MIN_WINDOW_LOG = 10;
const MAX_WINDOW_LOG = 31;

/** Says what lies in a frame. */
export interface FrameHeader {
  readonly skippable: boolean;
  /** Bytes of the header; 8 for a skippable frame. */
  readonly headerBytes: number;
  /** Bytes that come out, or that are skipped; `undefined` where the header does not tell. */
  readonly contentSize: number | undefined;
  readonly windowSize: number;
  readonly maxBlockBytes: number;
  readonly dictionaryID: number;
  readonly hasChecksum: boolean;
}

/** Where a block is, and what it is. */
export interface Block {
  readonly type: "raw" | "rle" | "compressed";
  /** Where its 3-byte header begins. */
  readonly start: number;
  /** Bytes after its header. */
  readonly bytes: number;
  /** Bytes that come out of a raw or RLE block; unknown for a compressed one, and 0 here. */
  readonly size: number;
  readonly last: boolean;
}

/**
 * Reads a frame's header.
 *
 * @param available How many bytes may be looked at.
 * @returns The header, or how many bytes it takes to know more.
 * @throws {ZstdError}
 */
export function readFrameHeader(bytes: Uint8Array, start: number, available: number): FrameHeader | number {
  if (available < MIN_HEADER_INPUT) return MIN_HEADER_INPUT;
  const magic = readUint(bytes, start, 4);
  if (magic !== MAGIC) return readSkippableHeader(bytes, start, available, magic);

  const descriptor = bytes[start + 4] as number;
  const dictionaryIDBytes = DICTIONARY_ID_BYTES[descriptor & 3] as number;
  const singleSegment = (descriptor & 0x20) !== 0;
  const contentSizeCode = descriptor >> 6;
  const contentSizeBytes = contentSizeCode === 0 && singleSegment ? 1 : (CONTENT_SIZE_BYTES[contentSizeCode] as number);
  const headerBytes = MIN_HEADER_INPUT + (singleSegment ? 0 : 1) + dictionaryIDBytes + contentSizeBytes;
  if (available < headerBytes) return headerBytes;
  if ((descriptor & 0x08) !== 0) throw new ZstdError(REASONS.parameterUnsupported);

  let at = start + MIN_HEADER_INPUT;
  let windowSize = 0;
  if (!singleSegment) {
    const window = bytes[at++] as number;
    const windowLog = (window >> 3) + MIN_WINDOW_LOG;
    if (windowLog > MAX_WINDOW_LOG) throw new ZstdError(REASONS.windowTooLarge);
    windowSize = 2 ** windowLog + (2 ** windowLog / 8) * (window & 7);
  }
  const dictionaryID = readUint(bytes, at, dictionaryIDBytes);
  at += dictionaryIDBytes;
  const contentSize = readContentSize(bytes, at, contentSizeBytes);
  if (singleSegment) windowSize = contentSize ?? Infinity;

  return {
    skippable: false,
    headerBytes,
    contentSize,
    windowSize,
    maxBlockBytes: Math.min(windowSize, MAX_BLOCK_BYTES),
    dictionaryID,
    hasChecksum: (descriptor & 4) !== 0,
  };
}

function readSkippableHeader(bytes: Uint8Array, start: number, available: number, magic: number): FrameHeader | number {
  // Upstream's library also reads the formats from before zstd 1.0 (magic 0x24 to 0x27): nobody writes them, and here
  // they are what they look like, unknown.
  if ((magic & 0xffff_fff0) >>> 0 !== SKIPPABLE_MAGIC) throw new ZstdError(REASONS.prefixUnknown);
  if (available < SKIPPABLE_HEADER_BYTES) return SKIPPABLE_HEADER_BYTES;
  return {
    skippable: true,
    headerBytes: SKIPPABLE_HEADER_BYTES,
    contentSize: readUint(bytes, start + 4, 4),
    windowSize: 0,
    maxBlockBytes: 0,
    dictionaryID: 0,
    hasChecksum: false,
  };
}

function readContentSize(bytes: Uint8Array, at: number, width: number): number | undefined {
  if (width === 0) return undefined;
  // All ones is libzstd's own mark for "not told".
  if (width === 8 && bytes.subarray(at, at + width).every((byte) => byte === 0xff)) return undefined;
  return readUint(bytes, at, width) + (width === 2 ? 256 : 0);
}

/**
 * Reads a block's header.
 *
 * @throws {ZstdError} For the type that is reserved.
 */
export function readBlockHeader(bytes: Uint8Array, start: number): Block {
  const header = readUint(bytes, start, BLOCK_HEADER_BYTES);
  const size = header >>> 3;
  const last = (header & 1) !== 0;
  switch ((header >>> 1) & 3) {
    case 0:
      return { type: "raw", start, bytes: size, size, last };
    case 1:
      return { type: "rle", start, bytes: 1, size, last };
    case 2:
      return { type: "compressed", start, bytes: size, size: 0, last };
    default:
      throw new ZstdError(REASONS.corrupted);
  }
}

/**
 * Finds the whole blocks of a frame.
 *
 * @param start Where the first block begins.
 * @param end Where the bytes end.
 * @returns Blocks up to the last of the frame, or up to one that is cut off, or of a type that does not exist.
 */
export function readBlocks(bytes: Uint8Array, start: number, end: number): readonly Block[] {
  const blocks: Block[] = [];
  for (let at = start; at + BLOCK_HEADER_BYTES <= end; ) {
    let block: Block;
    try {
      block = readBlockHeader(bytes, at);
    } catch {
      break;
    }
    at += BLOCK_HEADER_BYTES + block.bytes;
    if (at > end) break;
    blocks.push(block);
    if (block.last) break;
  }
  return blocks;
}

/**
 * Where a frame ends.
 *
 * @returns `undefined` unless it is whole before `end`, and sound on its outside.
 */
export function findFrameEnd(bytes: Uint8Array, start: number, end: number): number | undefined {
  let header: FrameHeader | number;
  try {
    header = readFrameHeader(bytes, start, end - start);
  } catch {
    return undefined;
  }
  if (typeof header === "number") return undefined;
  let at = start + header.headerBytes;
  if (header.skippable) {
    at += header.contentSize as number;
  } else {
    const last = readBlocks(bytes, at, end).at(-1);
    if (!last?.last) return undefined;
    at = last.start + BLOCK_HEADER_BYTES + last.bytes + (header.hasChecksum ? CHECKSUM_BYTES : 0);
  }
  return at <= end ? at : undefined;
}

/** A little-endian number of up to 8 bytes; beyond 2^53 the nearest that there is. */
function readUint(bytes: Uint8Array, at: number, width: number): number {
  let value = 0;
  for (let i = width - 1; i >= 0; i--) value = value * 256 + (bytes[at + i] as number);
  return value;
}

/** @throws {ZstdError} Where a frame asks for a dictionary: this protocol has none. */
export function checkDictionary(header: FrameHeader): void {
  if (header.dictionaryID !== 0) throw new ZstdError(REASONS.dictionaryWrong);
}

/**
 * @param least How few bytes a compressed block may have.
 * @throws {ZstdError} Where it has fewer, or more than may be.
 */
export function checkCompressedSize(block: Block, least: number): void {
  if (block.bytes < least) throw new ZstdError(REASONS.corrupted);
  if (block.bytes >= MAX_BLOCK_BYTES) throw new ZstdError(REASONS.sourceSizeWrong);
}
