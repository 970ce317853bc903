/**
 * What avx keeps of a network beyond tmpnet's fields: tmpnet drops fields that it does not know when it writes its
 * files again, so this is a file of its own.
 *
 * @module
 */

import { join } from "node:path";
import type { GoJSONValue } from "../../platform/go_json/format.ts";
import { readJSONFile, writeFileWhole } from "./files.ts";
import { formatFile, type JSONMap } from "./json.ts";

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
  /** By name: subnets whose making has not come to its end. */
  readonly unfinishedSubnets?: Readonly<Record<string, UnfinishedSubnet>>;
}

/** A subnet that is being made, or was when somebody ended it. */
export interface UnfinishedSubnet {
  /** The chains that it is to have, on the P-Chain or not. */
  readonly chainIDs: readonly string[];
  /** All transactions that were to be issued once the subnet was there. */
  readonly txIDs: readonly string[];
  /** Earlier subnets of that name: their validators may still track them. */
  readonly left: readonly string[];
}

/**
 * Changes what is kept; fields that this avx does not know stay.
 *
 * @throws {TmpnetError} `unwritable`, or `bad-file` for a record that cannot be understood.
 */
export function updateOwnRecord(networkDir: string, changes: Partial<OwnRecord>): void {
  const path = join(networkDir, OWN_RECORD_FILE);
  const record = { ...readJSONFile(path), ...changes } as Record<string, GoJSONValue>;
  writeFileWhole(path, `${formatFile(record)}\n`);
}

/** What is kept of a network; of one that tmpnetctl started, nothing is. */
export function readOwnRecord(networkDir: string): OwnRecord {
  const record = readJSONFile(join(networkDir, OWN_RECORD_FILE)) ?? {};
  const { ownNodes, ownProgram, madeIn, sharedProcesses, stakes, unfinishedSubnets } = record;
  return {
    ownNodes: ownNodes === true,
    ...(typeof ownProgram === "string" ? { ownProgram } : {}),
    ...(typeof madeIn === "string" ? { madeIn } : {}),
    ...(typeof sharedProcesses === "boolean" ? { sharedProcesses } : {}),
    ...(isStakes(stakes) ? { stakes } : {}),
    ...(isMap(unfinishedSubnets) ? { unfinishedSubnets: unfinished(unfinishedSubnets) } : {}),
  };
}

function isStakes(value: GoJSONValue | undefined): value is Readonly<Record<string, string>> {
  return isMap(value) && Object.values(value).every((stake) => typeof stake === "string" && /^\d+$/.test(stake));
}

function unfinished(subnets: JSONMap): Record<string, UnfinishedSubnet> {
  const entries = Object.entries(subnets).map(([name, subnet]) => {
    const { chainIDs, txIDs, left } = isMap(subnet) ? subnet : {};
    return [name, { chainIDs: texts(chainIDs), txIDs: texts(txIDs), left: texts(left) }] as const;
  });
  return Object.fromEntries(entries);
}

function texts(value: GoJSONValue | undefined): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function isMap(value: GoJSONValue | undefined): value is JSONMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
