/**
 * How much room a directory takes on the disk.
 *
 * @module
 */

import { type Dirent, lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/** What a block of `stat` is, whatever the file system's own is. */
const BLOCK_BYTES = 512;

/**
 * The bytes that a directory and all in it take, links as links. What vanishes meanwhile, or cannot be read, counts
 * nothing; a file that has several names in it counts once.
 */
export function diskUsage(path: string): number {
  const seen = new Set<string>();
  const measure = (each: string): number => {
    const stats = lstatSync(each, { throwIfNoEntry: false });
    if (stats === undefined) return 0;
    if (stats.nlink > 1 && !stats.isDirectory()) {
      const key = `${stats.dev}:${stats.ino}`;
      if (seen.has(key)) return 0;
      seen.add(key);
    }
    // File systems without blocks tell none.
    const own = stats.blocks > 0 ? stats.blocks * BLOCK_BYTES : stats.size;
    return stats.isDirectory() ? entriesOf(each).reduce((sum, { name }) => sum + attempt(join(each, name)), own) : own;
  };
  const attempt = (each: string): number => {
    try {
      return measure(each);
    } catch {
      return 0;
    }
  };
  return attempt(path);
}

function entriesOf(path: string): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return [];
  }
}
