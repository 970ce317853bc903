/**
 * Reads a whole file that somebody else may have put there: a pipe is not waited for, and what has no end is not begun.
 *
 * @module
 */

import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";

/**
 * Opens a plain file for reading.
 *
 * @returns A file descriptor; closing it is the caller's.
 * @throws The system's error, or an `Error` whose message says what the path is instead.
 */
export function openPlainFile(path: string): number {
  // A pipe that nobody writes to is not waited for.
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stat = fstatSync(fd);
    if (stat.isDirectory()) throw new Error("it is a directory");
    if (!stat.isFile()) throw new Error("it is no plain file");
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/**
 * Reads a plain file of text.
 *
 * @param maxBytes What a longer file is refused at.
 * @throws The system's error, or an `Error` whose message says what keeps it from being read.
 */
export function readPlainFile(path: string, maxBytes: number): string {
  const fd = openPlainFile(path);
  try {
    const { size } = fstatSync(fd);
    if (size > maxBytes) throw new Error(`it has ${size} bytes, and ${maxBytes} are the most`);
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}
