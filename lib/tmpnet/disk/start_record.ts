/**
 * What avx notes of a network's first start, until it has succeeded: a network that never was healthy holds nothing
 * that anybody would want back.
 *
 * A start that is killed leaves its note as it was when it began; one that fails says why in it.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../../core/errors.ts";
import { readJSONFile, writeFileWhole } from "./files.ts";

/** The note, in a network's directory: tmpnet does not read it. */
export const START_RECORD_FILE = "avx-start.json";

/** How much of a reason is kept, in characters. */
const MAX_REASON_LENGTH = 500;

/** A first start that has not succeeded. */
export interface StartRecord {
  /** When it began, in milliseconds since 1970-01-01 UTC. */
  readonly begunAt: number;
  /** Why it failed; absent while it goes on, and where it was killed. */
  readonly failed?: string;
}

/** @throws {TmpnetError} `unwritable`. */
export function writeStartRecord(networkDir: string, { begunAt, failed }: StartRecord): void {
  const record = failed === undefined ? { begunAt } : { begunAt, failed: failed.slice(0, MAX_REASON_LENGTH) };
  writeFileWhole(join(networkDir, START_RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`);
}

/** Notes why a start failed. That the note cannot be written must not hide the failure. */
export function noteFailedStart(networkDir: string, failure: unknown): void {
  const begun = readStartRecord(networkDir);
  if (begun === undefined) return;
  try {
    writeStartRecord(networkDir, { ...begun, failed: errorMessage(failure) });
  } catch {
    // The note of the beginning says that it has not succeeded.
  }
}

/** Reads the note; `undefined` when there is none that can be understood: the network was healthy once. */
export function readStartRecord(networkDir: string): StartRecord | undefined {
  try {
    const { begunAt, failed } = readJSONFile(join(networkDir, START_RECORD_FILE)) ?? {};
    if (typeof begunAt !== "number") return undefined;
    return { begunAt, ...(typeof failed === "string" ? { failed } : {}) };
  } catch {
    return undefined;
  }
}

/** Forgets a start that has succeeded. What cannot be removed misleads nobody who reads the nodes' health. */
export function removeStartRecord(networkDir: string): void {
  try {
    rmSync(join(networkDir, START_RECORD_FILE), { force: true });
  } catch {
    // The disk has become read-only, or the directory is gone.
  }
}
