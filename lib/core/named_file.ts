/**
 * Reads a whole file that a person has named: it may be a pipe, as a shell's `<(…)` is one, and must not keep anybody
 * waiting for a writer who never comes.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from "node:fs";
import { systemErrorCode } from "./errors.ts";

/** The most that a file may hold, in bytes: the largest that a node reads, mainnet's genesis, has some two million. */
export const MAX_NAMED_FILE_BYTES = 256 * 1024 * 1024;

/** How long whoever writes to a pipe may write nothing, in milliseconds: a command that asks a vault takes its time. */
const PIPE_WAIT_MS = 30_000;

/** How long to wait before a pipe is looked at again, in milliseconds. */
const LOOK_INTERVAL_MS = 10;

const CHUNK_BYTES = 64 * 1024;

/**
 * Reads a plain file, or what comes out of a pipe until its writer closes it.
 *
 * @throws The system's error, or an `Error` whose message says what keeps it from being read.
 *
 * @example
 * ```ts
 * const genesis = readNamedFile("/dev/fd/63");
 * ```
 */
export function readNamedFile(path: string, maxBytes = MAX_NAMED_FILE_BYTES): Buffer {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new Error("it is a directory");
    if (stat.isFIFO()) return readPipe(fd, maxBytes);
    if (!stat.isFile()) throw new Error("it is neither a plain file nor a pipe");
    if (stat.size > maxBytes) throw tooLong(maxBytes);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** A pipe that is at its end when it is looked at first has no writer. */
function readPipe(fd: number, maxBytes: number): Buffer {
  const chunks: Buffer[] = [];
  let length = 0;
  for (let waited = 0; ; ) {
    const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
    const read = readNow(fd, chunk);
    if (read === 0 && length === 0) throw new Error("it is a pipe that nobody writes to");
    if (read === 0) return Buffer.concat(chunks);
    if (read === undefined) {
      if (waited >= PIPE_WAIT_MS) throw new Error(`it is a pipe that brought nothing for ${PIPE_WAIT_MS / 1000} s`);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_INTERVAL_MS);
      waited += LOOK_INTERVAL_MS;
      continue;
    }
    waited = 0;
    length += read;
    if (length > maxBytes) throw tooLong(maxBytes);
    chunks.push(chunk.subarray(0, read));
  }
}

/** @returns `undefined` where nothing is there yet. */
function readNow(fd: number, chunk: Buffer): number | undefined {
  try {
    return readSync(fd, chunk, 0, chunk.length, null);
  } catch (error) {
    if (systemErrorCode(error) === "EAGAIN") return undefined;
    throw error;
  }
}

function tooLong(maxBytes: number): Error {
  return new Error(`it has more than ${maxBytes} bytes, which are the most`);
}
