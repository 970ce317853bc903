/**
 * Files that nobody else may read.
 *
 * @module
 */

import {
  closeSync,
  existsSync,
  fchmodSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/** A file to be written. */
export type FileContent = readonly [path: string, content: string | Uint8Array];

/**
 * Writes files that only their owner may read, all of them whole or none at all. The directories above them are made
 * where they are missing, closed to others too.
 *
 * @throws System errors.
 */
export function writePrivateFiles(...files: readonly FileContent[]): void {
  const written: string[] = [];
  try {
    for (const [path, content] of files) written.push(writeAside(path, content));
    for (const [i, [path]] of files.entries()) {
      renameSync(aside(path), path);
      written[i] = path;
    }
  } catch (error) {
    for (const path of written) rmSync(path, { force: true });
    throw error;
  }
}

/** As {@link writePrivateFiles}, for one. */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  writePrivateFiles([path, content]);
}

/** Puts a file's content on the disk, beside the file: whole, or not at all. */
function writeAside(path: string, content: string | Uint8Array): string {
  const unfinished = aside(path);
  mkdirSync(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  // What an earlier process of this ID left behind.
  if (existsSync(unfinished)) rmSync(unfinished);
  const file = openSync(unfinished, "wx", FILE_MODE);
  try {
    // The mode above is narrowed by the umask; it must not be wider or narrower.
    fchmodSync(file, FILE_MODE);
    writeFileSync(file, content);
    fsyncSync(file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  return unfinished;
}

function aside(path: string): string {
  return `${path}.${process.pid}.tmp`;
}
