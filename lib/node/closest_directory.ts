/**
 * Directories that may not be there yet.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname } from "node:path";

/** The path itself, or the nearest directory above it that exists. */
export function closestDirectory(path: string): string {
  if (existsSync(path)) return path;
  const above = dirname(path);
  return above === path ? path : closestDirectory(above);
}
