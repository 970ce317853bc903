/**
 * Files that nobody else may read.
 *
 * @module
 */

import { chmodSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const FILE_MODE = 0o600;
const DIRECTORY_MODE = 0o700;

/**
 * Writes a file that only its owner may read, whole or not at all. The directories above it are made where they are
 * missing, closed to others too.
 *
 * @throws System errors.
 */
export function writePrivateFile(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true, mode: DIRECTORY_MODE });
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, content, { mode: FILE_MODE, flag: "wx" });
    // The mode above is narrowed by the umask; it must not be wider or narrower.
    chmodSync(unfinished, FILE_MODE);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  }
}
