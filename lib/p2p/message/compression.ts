/**
 * Compression of messages: none, or zstd.
 *
 * @module
 */

import { MessageError } from "./errors.ts";
import { MAX_MESSAGE_LENGTH } from "./framing.ts";
import { nativeCompress } from "./zstd/native.ts";
import { ZstdReader } from "./zstd/reader.ts";

/** How messages are compressed that may be (upstream `utils/compression/type.go`). */
export type CompressionType = "none" | "zstd";

/** Every way to compress. */
export const COMPRESSION_TYPES: readonly CompressionType[] = ["none", "zstd"];

/** Upstream `constants.DefaultNetworkCompressionType`. */
export const DEFAULT_COMPRESSION_TYPE: CompressionType = "zstd";

/**
 * Compresses with zstd; any zstd decoder reads it.
 *
 * @param bytes At most `maxLength`.
 * @throws {MessageError} `too-large-to-compress`: who receives it would refuse to decompress it.
 */
export function compressZstd(bytes: Uint8Array, maxLength: number = MAX_MESSAGE_LENGTH): Uint8Array {
  if (bytes.length > maxLength) {
    throw new MessageError(
      { code: "too-large-to-compress", length: bytes.length, maxLength },
      `msg too large to be compressed: (${bytes.length}) > (${maxLength})`,
    );
  }
  return nativeCompress(bytes);
}

/**
 * Decompresses what peers compressed, each message to at most 2 MiB, with the reference's verdict on what is damaged.
 *
 * @example
 * ```ts
 * new ZstdDecompressor().decompress(compressZstd(bytes)); // bytes
 * ```
 */
export class ZstdDecompressor {
  readonly #reader: ZstdReader;

  /** @param maxLength The most that a message may be decompressed to, in bytes. */
  constructor(maxLength: number = MAX_MESSAGE_LENGTH) {
    this.#reader = new ZstdReader(maxLength);
  }

  /** @throws {MessageError} `zstd`, `decompressed-too-large`. */
  decompress(bytes: Uint8Array): Uint8Array {
    return this.#reader.decompress(bytes);
  }
}
