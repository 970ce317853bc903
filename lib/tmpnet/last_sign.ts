/**
 * When a node was last alive, as far as its files tell.
 *
 * @module
 */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { STDIO_LOG } from "./disk/layout.ts";
import { writtenAt } from "./disk/network_dirs.ts";
import { LOGS_DIRECTORY } from "./logs/log_files.ts";

/** Where avalanchego keeps its database, and how deep its files lie: `db/network-88888/v1.4.5/000001.log`. */
const DATABASE_DIRECTORY = "db";
const DATABASE_DEPTH = 3;

/** How many entries of a directory are looked at: a database's newest are among few. */
const MAX_ENTRIES = 1_000;

/**
 * The last that a node wrote to its logs or its database, in milliseconds since 1970-01-01 UTC; 0 where it never did.
 *
 * @param inPeace Whether it removed its `process.json`: its directory was written then, too.
 */
export function lastSignAt(dataDir: string, inPeace: boolean): number {
  const written = Math.max(
    writtenAt(join(dataDir, STDIO_LOG)),
    newestIn(join(dataDir, LOGS_DIRECTORY), 1),
    newestIn(join(dataDir, DATABASE_DIRECTORY), DATABASE_DEPTH),
  );
  return written > 0 && inPeace ? Math.max(written, writtenAt(dataDir)) : written;
}

function newestIn(dir: string, depth: number): number {
  let newest = 0;
  try {
    for (const entry of readdirSync(dir, { withFileTypes: true }).slice(0, MAX_ENTRIES)) {
      const path = join(dir, entry.name);
      if (entry.isFile()) newest = Math.max(newest, writtenAt(path));
      else if (entry.isDirectory() && depth > 1) newest = Math.max(newest, newestIn(path, depth - 1));
    }
  } catch {
    // No such directory, or it is gone meanwhile.
  }
  return newest;
}
