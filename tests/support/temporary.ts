/**
 * Directories that a test has for itself.
 *
 * @module
 */

import { mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A directory that is gone, with all that is in it, once it is disposed of. */
export interface TemporaryDirectory extends Disposable {
  /** Absolute, with no symbolic link in it. */
  readonly path: string;
  /** A path inside: `join(path, ...parts)`. */
  join(...parts: string[]): string;
}

/**
 * Makes an empty directory for one test.
 *
 * @example
 * ```ts
 * test("…", () => {
 *   using directory = temporaryDirectory();
 *   writeFileSync(directory.join("config.json"), "{}");
 * });
 * ```
 */
export function temporaryDirectory(): TemporaryDirectory {
  const path = realpathSync(mkdtempSync(join(tmpdir(), "avx-test-")));
  return {
    path,
    join: (...parts) => join(path, ...parts),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
