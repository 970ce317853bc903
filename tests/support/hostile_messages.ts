/**
 * Frames that no honest node sends.
 *
 * @module
 */

import { concatBytes } from "../../lib/core/bytes.ts";
import { writeMessageLength } from "../../lib/p2p/message/framing.ts";

const MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
/** No size told, a window of 2 MiB. */
const UNTOLD = Uint8Array.of(0x00, 0x58);
/** Most that comes out of one block. */
const BLOCK_BYTES = 128 * 1024;
const RLE_BLOCK = 1;

/** A body in its frame. */
export function frame(body: Uint8Array): Uint8Array {
  return concatBytes(writeMessageLength(body.length, 2 ** 32 - 1), body);
}

/** A field of protobuf that holds bytes. */
export function protobufField(number: number, content: Uint8Array): Uint8Array {
  return concatBytes(varint(number * 8 + 2), varint(content.length), content);
}

/** The envelope of a compressed message. */
export function compressed(zstd: Uint8Array): Uint8Array {
  return protobufField(2, zstd);
}

/** Bytes, so many times over. */
export function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  return all;
}

/**
 * A zstd frame of runs of one byte: 4 bytes for each 128 KiB that come out.
 *
 * @param size Bytes that come out.
 * @param told What the header says that comes out; nothing where it is not given.
 */
export function zstdRuns(size: number, told?: number): Uint8Array {
  const blocks: Uint8Array[] = [];
  for (let left = size; left > 0; left -= BLOCK_BYTES) {
    blocks.push(runBlock(Math.min(left, BLOCK_BYTES), left <= BLOCK_BYTES));
  }
  return concatBytes(MAGIC, told === undefined ? UNTOLD : toldSize(told), ...blocks);
}

function runBlock(size: number, last: boolean): Uint8Array {
  const header = size * 8 + RLE_BLOCK * 2 + (last ? 1 : 0);
  return Uint8Array.of(header & 0xff, (header >> 8) & 0xff, header >> 16, 0x41);
}

/** A single segment whose size is written in 8 bytes. */
function toldSize(size: number): Uint8Array {
  const bytes = new Uint8Array(9);
  bytes[0] = 0xe0;
  new DataView(bytes.buffer).setBigUint64(1, BigInt(size), true);
  return bytes;
}

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let left = value;
  for (; left > 0x7f; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
  return Uint8Array.of(...bytes, left);
}
