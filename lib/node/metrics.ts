/**
 * A node's metrics: one registry, a namespace for each room, and what the process itself uses.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import { Registry } from "prom-client";
import { MetricsNamespace } from "../core/metrics.ts";
import { readOpenFileLimits } from "./fd_limit.ts";

/** What all names begin with (upstream `node/node.go`). */
const PLATFORM = "avalanche";

/** Where the rooms of a node declare their metrics. */
export interface NodeMetrics {
  readonly registry: Registry;
  /** The namespace of a room: `avalanche_<name>`. */
  namespace(name: string): MetricsNamespace;
}

/** Makes the registry of one node. */
export function createNodeMetrics(): NodeMetrics {
  const registry = new Registry();
  return { registry, namespace: (name) => new MetricsNamespace(registry, `${PLATFORM}_${name}`) };
}

/**
 * Declares what the process uses, under the names of Prometheus' own client.
 *
 * @param metrics The namespace `avalanche_process`.
 */
export function declareProcessMetrics(metrics: MetricsNamespace): void {
  const startSeconds = Date.now() / 1_000 - process.uptime();
  metrics.countedBy(
    { name: "process_cpu_seconds_total", help: "Total user and system CPU time spent in seconds." },
    () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  );
  metrics.gaugedBy(
    { name: "process_start_time_seconds", help: "Start time of the process since unix epoch in seconds." },
    () => startSeconds,
  );
  metrics.gaugedBy({ name: "process_resident_memory_bytes", help: "Resident memory size in bytes." }, () =>
    process.memoryUsage.rss(),
  );
  metrics.gaugedBy({ name: "process_virtual_memory_bytes", help: "Virtual memory size in bytes." }, virtualMemory);
  metrics.gaugedBy({ name: "process_open_fds", help: "Number of open file descriptors." }, openFiles);
  metrics.gaugedBy({ name: "process_max_fds", help: "Maximum number of open file descriptors." }, () => {
    return readOpenFileLimits()?.soft ?? 0;
  });
}

/** Bytes; 0 where the system does not tell. */
function virtualMemory(): number {
  try {
    return Number(/^VmSize:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "utf8"))?.[1] ?? 0) * 1_024;
  } catch {
    return 0;
  }
}

/** 0 where the system does not tell. */
function openFiles(): number {
  try {
    // One is that of the listing itself.
    return readdirSync("/proc/self/fd").length - 1;
  } catch {
    return 0;
  }
}
