/**
 * What avx keeps of a network beyond tmpnet's fields: tmpnet drops fields that it does not know when it writes its
 * files again, so this is a file of its own.
 *
 * @module
 */

import { join } from "node:path";
import { readJSONFile, writeFileWhole } from "./files.ts";

/** The file, in a network's directory. */
export const OWN_RECORD_FILE = "avx.json";

/** What is kept. */
export interface OwnRecord {
  /** Whether nodes are avx's own, so that a restart runs the avx that restarts them, wherever it lies. */
  readonly ownNodes: boolean;
}

/** @throws {TmpnetError} `unwritable`. */
export function writeOwnRecord(networkDir: string, record: OwnRecord): void {
  writeFileWhole(join(networkDir, OWN_RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** What is kept of a network; of one that tmpnetctl started, nothing is. */
export function readOwnRecord(networkDir: string): OwnRecord {
  const { ownNodes } = readJSONFile(join(networkDir, OWN_RECORD_FILE)) ?? {};
  return { ownNodes: ownNodes === true };
}
