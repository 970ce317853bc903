/**
 * What avx keeps of a network beyond tmpnet's fields: tmpnet drops fields that it does not know when it writes its
 * files again, so this is a file of its own.
 *
 * @module
 */

import { join } from "node:path";
import type { GoJSONValue } from "../../platform/go_json/format.ts";
import { readJSONFile, writeFileWhole } from "./files.ts";
import { formatFile } from "./json.ts";

/** The file, in a network's directory. */
export const OWN_RECORD_FILE = "avx.json";

/** What is kept. */
export interface OwnRecord {
  /** Whether nodes are avx's own, so that a restart runs the avx that restarts them, wherever it lies. */
  readonly ownNodes: boolean;
  /** The program by which nodes of avx are named in the network's files; absent where there are none. */
  readonly ownProgram?: string;
  /** Which directory it was written in: see `provenance.ts`. A copy's is another one. */
  readonly madeIn?: string;
  /** Whether avx's own nodes share processes; absent where their number decides. */
  readonly sharedProcesses?: boolean;
  /** What nodes stake that have no share in the genesis: nAVAX by node ID, in digits. Absent where there are none. */
  readonly stakes?: Readonly<Record<string, string>>;
}

/**
 * Changes what is kept; fields that this avx does not know stay.
 *
 * @throws {TmpnetError} `unwritable`, or `bad-file` for a record that cannot be understood.
 */
export function updateOwnRecord(networkDir: string, changes: Partial<OwnRecord>): void {
  const path = join(networkDir, OWN_RECORD_FILE);
  const record: Record<string, GoJSONValue> = { ...readJSONFile(path), ...changes };
  writeFileWhole(path, `${formatFile(record)}\n`);
}

/** What is kept of a network; of one that tmpnetctl started, nothing is. */
export function readOwnRecord(networkDir: string): OwnRecord {
  const record = readJSONFile(join(networkDir, OWN_RECORD_FILE)) ?? {};
  const { ownNodes, ownProgram, madeIn, sharedProcesses, stakes } = record;
  return {
    ownNodes: ownNodes === true,
    ...(typeof ownProgram === "string" ? { ownProgram } : {}),
    ...(typeof madeIn === "string" ? { madeIn } : {}),
    ...(typeof sharedProcesses === "boolean" ? { sharedProcesses } : {}),
    ...(isStakes(stakes) ? { stakes } : {}),
  };
}

function isStakes(value: GoJSONValue | undefined): value is Readonly<Record<string, string>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((stake) => typeof stake === "string" && /^\d+$/.test(stake));
}
