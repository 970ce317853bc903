/**
 * What the process uses, under the names of Prometheus' own client (its `process_collector`), which upstream registers
 * under `avalanche_process`.
 *
 * What a system does not tell is not shown, rather than shown as 0. Linux tells all of it.
 *
 * @module
 */

import { readdirSync, readFileSync } from "node:fs";
import process from "node:process";
import type { MetricsNamespace } from "../core/metrics.ts";
import { readOpenFileLimits } from "./fd_limit.ts";

/** Where the system tells of this process, as Linux has it. */
const PROC_SELF = "/proc/self";

/** What Go's client gives where the address space has no limit: the largest number of 64 bits. */
const NO_LIMIT = 2 ** 64;

/**
 * Declares the metrics.
 *
 * @param metrics The namespace `avalanche_process`.
 * @param directory Where Linux tells of the process.
 */
export function declareProcessMetrics(metrics: MetricsNamespace, directory: string = PROC_SELF): void {
  const startSeconds = Date.now() / 1_000 - process.uptime();
  const files = new ProcessFiles(directory);
  metrics.countedBy({ name: "process_cpu_seconds_total", help: "Seconds of processor time, user and system" }, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  metrics.gaugedBy({ name: "process_start_time_seconds", help: "When the process started, Unix seconds" }, () => {
    return startSeconds;
  });
  metrics.gaugedBy({ name: "process_resident_memory_bytes", help: "Memory that is held, bytes" }, () => {
    return process.memoryUsage.rss();
  });

  const gauge = (name: string, help: string, read: () => number | undefined): void => {
    if (read() !== undefined) metrics.gaugedBy({ name, help }, () => read() ?? 0);
  };
  const counter = (name: string, help: string, read: () => number | undefined): void => {
    if (read() !== undefined) metrics.countedBy({ name, help }, () => read() ?? 0);
  };
  gauge("process_open_fds", "Open file descriptors", () => files.openFiles());
  gauge("process_max_fds", "The most file descriptors that may be open", () => readOpenFileLimits()?.soft);
  gauge("process_virtual_memory_bytes", "Address space that is taken, bytes", () => files.virtualMemory());
  gauge("process_virtual_memory_max_bytes", "The most address space that may be taken, bytes", () => {
    return files.maxVirtualMemory();
  });
  counter("process_network_receive_bytes_total", "Bytes received by all of the process's network namespace", () => {
    return files.networkBytes("InOctets");
  });
  counter("process_network_transmit_bytes_total", "Bytes sent by all of the process's network namespace", () => {
    return files.networkBytes("OutOctets");
  });
}

/** Reads what Linux tells of a process. */
class ProcessFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  openFiles(): number | undefined {
    try {
      // One is that of the listing itself.
      return readdirSync(`${this.#directory}/fd`).length - 1;
    } catch {
      return undefined;
    }
  }

  virtualMemory(): number | undefined {
    const kilobytes = /^VmSize:\s+(\d+) kB$/m.exec(this.#read("status"))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1_024;
  }

  maxVirtualMemory(): number | undefined {
    const limit = /^Max address space\s+(\S+)/m.exec(this.#read("limits"))?.[1];
    if (limit === undefined) return undefined;
    return limit === "unlimited" ? NO_LIMIT : Number(limit);
  }

  /** The value below a name in the two lines of `IpExt`. */
  networkBytes(name: "InOctets" | "OutOctets"): number | undefined {
    const [names, values] = this.#read("net/netstat")
      .split("\n")
      .filter((line) => line.startsWith("IpExt:"))
      .map((line) => line.split(" "));
    const value = values?.[names?.indexOf(name) ?? -1];
    return value === undefined ? undefined : Number(value);
  }

  #read(file: string): string {
    try {
      return readFileSync(`${this.#directory}/${file}`, "utf8");
    } catch {
      return "";
    }
  }
}
