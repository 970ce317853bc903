/**
 * Decompression with the reference's verdicts.
 *
 * Nearly every compressed message is one whole frame that tells its content's size; that one is checked on its outside
 * and handed to the runtime's zstd. Everything else is read as upstream's reader reads it (github.com/DataDog/zstd
 * v1.5.2, `zstd_stream.go`): it shows the message to the library a buffer at a time, asks no more when the message is
 * at its end, and so takes a frame that is cut off for what came out of it, and refuses bytes after a frame that it has
 * read but not used.
 *
 * @module
 */

import { MessageError } from "../errors.ts";
import { ContentTooLargeError } from "./content.ts";
import {
  BLOCK_HEADER_BYTES,
  CHECKSUM_BYTES,
  type FrameHeader,
  MAX_BLOCK_BYTES,
  readBlockHeader,
  readFrameHeader,
  ZstdError,
} from "./frame.ts";
import { nativeDecompressFrame } from "./native.ts";
import { MAX_STEP_OUTPUT, ZstdStream } from "./stream.ts";

/** How much upstream's reader reads at first: `ZSTD_DStreamInSize`. */
const FULL_READ = MAX_BLOCK_BYTES + BLOCK_HEADER_BYTES;

/** What the library asks for at the beginning of a frame of which nothing is there. */
const READ_AT_FRAME_START = 9;

/** A window beyond this is refused where a frame is not read at once. */
const MAX_WINDOW = 2 ** 27;

/** The header of a frame that can be handed on as it is. */
type PlainHeader = FrameHeader & { readonly contentSize: number };

/** Decompresses messages. */
export class ZstdReader {
  readonly #maxLength: number;
  /**
   * How much the next message is read at first. Upstream's readers hand their buffers on to each other as long as they
   * last were: a frame that is cut off leaves a short one, and what the next message is refused for may depend on it.
   */
  #readSize = FULL_READ;

  /** @param maxLength The most that a message may be decompressed to, in bytes. */
  constructor(maxLength: number) {
    this.#maxLength = maxLength;
  }

  /**
   * Decompresses a message.
   *
   * @throws {MessageError} `zstd`, `decompressed-too-large`.
   */
  decompress(bytes: Uint8Array): Uint8Array {
    return this.#decompressPlain(bytes) ?? this.#decompressOdd(bytes);
  }

  /** @returns `undefined` unless this is one whole sound frame that tells its content's size. */
  #decompressPlain(bytes: Uint8Array): Uint8Array | undefined {
    const header = plainHeader(bytes, this.#maxLength);
    if (header === undefined || !isPlainFrame(bytes, header)) return undefined;
    const content = nativeDecompressFrame(bytes, header.contentSize);
    if (content === undefined) return undefined;
    const endsWithFullStep = content.length > 0 && content.length % MAX_STEP_OUTPUT === 0;
    this.#readSize = endsWithFullStep ? READ_AT_FRAME_START : FULL_READ;
    return content;
  }

  #decompressOdd(bytes: Uint8Array): Uint8Array {
    const stream = new ZstdStream(bytes, this.#maxLength + 2 * MAX_STEP_OUTPUT);
    /** How far the message was read. */
    let read = 0;
    let length = 0;
    for (;;) {
      if (length > this.#maxLength) throw this.#tooLarge();
      const unused = read - stream.position;
      // A step that filled its output may have more to put out without reading on.
      if (stream.stepOutput < MAX_STEP_OUTPUT) {
        const more = Math.min(this.#readSize - unused, bytes.length - read);
        if (more <= 0) {
          if (unused > 0) throw new MessageError({ code: "zstd" }, "unexpected EOF");
          break;
        }
        read += more;
      }
      const hint = this.#step(stream, read);
      length += stream.stepOutput;
      this.#readSize = Math.max(hint > 0 ? hint : FULL_READ, read - stream.position);
    }
    return stream.output;
  }

  #step(stream: ZstdStream, end: number): number {
    try {
      return stream.step(end);
    } catch (error) {
      if (error instanceof ContentTooLargeError) throw this.#tooLarge();
      if (!(error instanceof ZstdError)) throw error;
      throw new MessageError({ code: "zstd" }, `failed to decompress: ${error.message}`, { cause: error });
    }
  }

  /** Upstream stops reading one byte behind the limit, so it never says how much there was. */
  #tooLarge(): MessageError {
    const length = this.#maxLength + 1;
    return new MessageError(
      { code: "decompressed-too-large", length, maxLength: this.#maxLength },
      `decompressed msg too large: (${length}) > (${this.#maxLength})`,
    );
  }
}

function plainHeader(bytes: Uint8Array, maxLength: number): PlainHeader | undefined {
  let header: FrameHeader | number;
  try {
    header = readFrameHeader(bytes, 0, bytes.length);
  } catch {
    return undefined;
  }
  if (typeof header === "number" || header.skippable || header.dictionaryID !== 0) return undefined;
  const { contentSize, maxBlockBytes, windowSize } = header;
  if (contentSize === undefined || contentSize > maxLength || windowSize > MAX_WINDOW) return undefined;
  // A block may then be longer than a small window allows, which not every step looks at.
  if (maxBlockBytes < Math.min(contentSize, MAX_BLOCK_BYTES)) return undefined;
  return header as PlainHeader;
}

/** Whether a frame's blocks are whole, not too long, and all that there is. */
function isPlainFrame(bytes: Uint8Array, header: PlainHeader): boolean {
  let at = header.headerBytes;
  let last = false;
  while (!last) {
    if (at + BLOCK_HEADER_BYTES > bytes.length) return false;
    const descriptor = bytes[at] as number;
    if ((descriptor & 6) === 6) return false;
    const block = readBlockHeader(bytes, at);
    if (block.bytes === 0 || Math.max(block.bytes, block.size) > header.maxBlockBytes) return false;
    at += BLOCK_HEADER_BYTES + block.bytes;
    last = block.last;
  }
  return at + (header.hasChecksum ? CHECKSUM_BYTES : 0) === bytes.length;
}
