/**
 * What a node that shares a process takes beside the end of its stand-in, when it is stopped.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { sleep } from "../../core/sleep.ts";
import { PROCESS_CONTEXT_FILE_NAME } from "../../platform/process_context.ts";
import { endProcess } from "./end_process.ts";
import type { ProcessTable } from "./process_table.ts";
import { findNode } from "./proof.ts";
import type { NotedProcess } from "./spawn_record.ts";

/** How often is looked, in milliseconds. */
const LOOK_INTERVAL_MS = 10;

/** How long a host may take to have a stand-in for a node, or to take note that it is gone, in milliseconds. */
const HOST_ANSWER_MS = 3_000;

interface Modules {
  readonly clock: Clock;
  readonly table: ProcessTable;
}

/** Waits until a node has a process, or its host has ended without one: whoever started it has died meanwhile. */
export async function waitForStandIn(host: NotedProcess, dataDir: string, { clock, table }: Modules): Promise<void> {
  const until = clock.monotonic() + HOST_ANSWER_MS;
  while (table.read(host.pid)?.startMark === host.startMark && clock.monotonic() < until) {
    if (findNode(dataDir, table).proven.length > 0) return;
    await sleep(clock, LOOK_INTERVAL_MS);
  }
}

/**
 * Ends a host that has not ended its node although the node's stand-in is gone: it is stuck, and so is every node that
 * it runs. One that lives takes the node's context back at once.
 */
export async function endStuckHost(host: NotedProcess, dataDir: string, modules: Modules): Promise<void> {
  const { clock, table } = modules;
  const until = clock.monotonic() + HOST_ANSWER_MS;
  while (existsSync(join(dataDir, PROCESS_CONTEXT_FILE_NAME))) {
    if (clock.monotonic() >= until) {
      const info = table.read(host.pid);
      if (info?.startMark === host.startMark) await endProcess(info, modules, { graceMs: 0 });
      return;
    }
    await sleep(clock, LOOK_INTERVAL_MS);
  }
}
