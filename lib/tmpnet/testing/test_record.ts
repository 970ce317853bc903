/**
 * Whose a test's network is: a process that ends it, or nobody, where it is kept for the next run.
 *
 * A test process may be killed at any moment. Its network then belongs to no process that lives, and the next one that
 * looks for networks ends it.
 *
 * @module
 */

import { join } from "node:path";
import { readJSONFile, writeFileWhole } from "../disk/files.ts";
import { directoryMark } from "../provenance.ts";
import { type ProcessTable, systemProcessTable } from "../runtime/process_table.ts";

/** The file, in a network's directory: tmpnet does not read it. */
export const TEST_RECORD_FILE = "avx-test.json";

/** What is kept. */
export interface TestRecord {
  /** What the network was asked to be: networks of one key can stand for each other. */
  readonly key: string;
  /** Whether it outlives the process. */
  readonly kept: boolean;
  /** The process that it was started in. */
  readonly pid: number;
  readonly startMark: string;
  /** The directory that it is about: a copy of it is somebody's who wants to keep it. */
  readonly directory: string;
}

/** Says that a network is this process's. */
export function writeTestRecord(networkDir: string, { key, kept }: Pick<TestRecord, "key" | "kept">): void {
  const startMark = systemProcessTable().read(process.pid)?.startMark ?? "";
  const record: TestRecord = { key, kept, pid: process.pid, startMark, directory: directoryMark(networkDir) };
  writeFileWhole(join(networkDir, TEST_RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`, { durable: false });
}

/** Whose a network is; `undefined` for one that no test has started, or a copy of one. */
export function readTestRecord(networkDir: string): TestRecord | undefined {
  try {
    const { key, kept, pid, startMark, directory } = readJSONFile(join(networkDir, TEST_RECORD_FILE)) ?? {};
    if (typeof key !== "string" || typeof pid !== "number" || typeof startMark !== "string") return undefined;
    if (directory !== directoryMark(networkDir)) return undefined;
    return { key, kept: kept === true, pid, startMark, directory };
  } catch {
    return undefined; // what cannot be understood gives no right to end anything
  }
}

/** Whether the process that started a network has ended. */
export function isAbandoned({ pid, startMark }: TestRecord, table: ProcessTable = systemProcessTable()): boolean {
  return table.read(pid)?.startMark !== startMark;
}
