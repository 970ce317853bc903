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
export function waitForStandIn(host: NotedProcess, dataDir: string, modules: Modules): Promise<void> {
  return waitOrEnd(() => findNode(dataDir, modules.table).proven.length > 0, host, modules);
}

/** Waits until a host has ended a node whose stand-in is gone: one that lives takes the node's context back at once. */
export function waitForHost(host: NotedProcess, dataDir: string, modules: Modules): Promise<void> {
  return waitOrEnd(() => !existsSync(join(dataDir, PROCESS_CONTEXT_FILE_NAME)), host, modules);
}

/** Ends a host at once, and with it all its nodes: their stand-ins end where it is gone. */
export async function endHost(host: NotedProcess, modules: Modules): Promise<void> {
  const info = modules.table.read(host.pid);
  if (info?.startMark === host.startMark) await endProcess(info, modules, { graceMs: 0 });
}

/** A host that does not do in time what it is to do is stuck, and so is every node that it runs: it is ended. */
async function waitOrEnd(isDone: () => boolean, host: NotedProcess, modules: Modules): Promise<void> {
  const { clock, table } = modules;
  const until = clock.monotonic() + HOST_ANSWER_MS;
  while (!isDone()) {
    if (table.read(host.pid)?.startMark !== host.startMark) return;
    if (clock.monotonic() >= until) return await endHost(host, modules);
    await sleep(clock, LOOK_INTERVAL_MS);
  }
}
