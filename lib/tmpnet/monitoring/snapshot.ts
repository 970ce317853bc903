/**
 * A node's metrics as they are before it is stopped, kept beside its logs.
 *
 * A stop must not wait for it: it is bounded in time and size, and what goes wrong with it is no fault of the stop.
 *
 * Source: upstream `tests/fixture/tmpnet/node.go` `SaveMetricsSnapshot`, which waits two minutes.
 *
 * @module
 */

import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { fetchBounded } from "../../platform/rpc/fetch_bounded.ts";
import { makeDirectory, writeFileWhole } from "../disk/files.ts";
import type { MonitoredNode } from "./labels.ts";

/** How long a node may take to tell its metrics, in milliseconds: it takes some ten where the machine is not busy. */
export const SNAPSHOT_TIMEOUT_MS = 3_000;

/** The longest that is kept, in bytes: those of avalanchego are a quarter of a megabyte. */
export const MAX_SNAPSHOT_BYTES = 8 * 1024 * 1024;

/** The directory of snapshots, in a node's data directory. */
export const SNAPSHOTS_DIRECTORY = "metrics";

/**
 * Saves a node's metrics to `<data dir>/metrics/20261121T104756Z`.
 *
 * @param uri The API of a node that is proven to run.
 * @returns The file; `undefined` when there is none, for whatever reason.
 */
export async function saveMetricsSnapshot(
  { dataDir }: Pick<MonitoredNode, "dataDir">,
  uri: string,
  clock: Clock,
): Promise<string | undefined> {
  try {
    const bounds = { what: "metrics", timeoutMs: SNAPSHOT_TIMEOUT_MS, maxBytes: MAX_SNAPSHOT_BYTES };
    const { status, body } = await fetchBounded(`${uri}/ext/metrics`, { redirect: "error" }, bounds);
    if (status !== 200) return undefined;
    const directory = join(dataDir, SNAPSHOTS_DIRECTORY);
    const path = join(directory, snapshotName(clock.now()));
    makeDirectory(directory);
    writeFileWhole(path, body.toString("utf8"));
    return path;
  } catch {
    return undefined;
  }
}

/** UTC to the second, as RFC 3339 has it but for `-` and `:`. */
function snapshotName(nowMs: number): string {
  return new Date(nowMs)
    .toISOString()
    .replace(/\.\d+Z$/, "Z")
    .replaceAll(/[-:]/g, "");
}
