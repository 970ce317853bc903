/**
 * What avx notes beside tmpnet's files when it starts a node, so that it can prove later which process that was.
 *
 * The note is written twice: before the process is started, with the time alone, and again with what the system says
 * about it. A crash in between leaves the first, which is enough to know the process by, together with its command.
 *
 * @module
 */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { readJSONFile, writeFileWhole } from "../disk/files.ts";
import type { ProcessInfo } from "./process_table.ts";

/** The note's file, in a node's data directory: tmpnet does not read it. */
export const SPAWN_RECORD_FILE = "avx-process.json";

/** A start of a node's process. */
export interface SpawnRecord {
  /** When it was about to be started, in milliseconds since 1970-01-01 UTC. */
  readonly spawnedAt: number;
  /** Which process it became; absent when avx ended before it could note it. */
  readonly process?: NotedProcess;
  /** The process that the node runs in, where another one stands for it: see `node_hosts.ts`. */
  readonly host?: NotedProcess;
}

/** Tells a process from all others. */
export type NotedProcess = Pick<ProcessInfo, "pid" | "startMark">;

/** @throws {TmpnetError} `unwritable`. */
export function writeSpawnRecord(dataDir: string, record: SpawnRecord): void {
  writeFileWhole(join(dataDir, SPAWN_RECORD_FILE), `${JSON.stringify(record, null, 2)}\n`, { durable: false });
}

/** Reads the note; `undefined` when there is none that can be understood, which proves nothing. */
export function readSpawnRecord(dataDir: string): SpawnRecord | undefined {
  let json: Record<string, unknown> | undefined;
  try {
    json = readJSONFile(join(dataDir, SPAWN_RECORD_FILE));
  } catch {
    return undefined;
  }
  const { spawnedAt } = json ?? {};
  if (typeof spawnedAt !== "number") return undefined;
  const [process, host] = [noted(json?.["process"]), noted(json?.["host"])];
  return { spawnedAt, ...(process === undefined ? {} : { process }), ...(host === undefined ? {} : { host }) };
}

function noted(value: unknown): NotedProcess | undefined {
  const { pid, startMark } = (value ?? {}) as Record<string, unknown>;
  return typeof pid === "number" && typeof startMark === "string" ? { pid, startMark } : undefined;
}

/** Forgets a start whose process has ended. */
export function removeSpawnRecord(dataDir: string): void {
  rmSync(join(dataDir, SPAWN_RECORD_FILE), { force: true });
}
