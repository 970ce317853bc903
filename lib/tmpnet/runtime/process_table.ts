/**
 * Processes of this machine, as the system tells of them: when they began and how they were called.
 *
 * A pid alone names nobody: it is given to another process once its own has ended. A process is known by its pid
 * and its start mark together, and what it is, by its command line. Linux tells all of it in `/proc`; elsewhere `ps`
 * does. A zombie has ended: it is not in the table.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { linuxProcess, readProc } from "../../core/linux_process.ts";
import { TmpnetError } from "../errors.ts";

/** A process that runs. */
export interface ProcessInfo {
  readonly pid: number;
  /** Tells it from every other process that had or will have its pid. Compared, never parsed. */
  readonly startMark: string;
  /** About when it began, in milliseconds since 1970-01-01 UTC. */
  readonly startedAt: number;
  /** Its arguments with one space between; on Linux from the exact list, cut by nothing. */
  readonly commandLine: string;
  /** Whether it leads its own process group, so that the whole group is its doing. */
  readonly leadsGroup: boolean;
}

/** Where processes are looked up. */
export interface ProcessTable {
  /** One process; `undefined` when there is none, or it is a zombie. */
  read(pid: number): ProcessInfo | undefined;
  /** All processes that this user may see and whose command line `wanted` accepts. */
  list(wanted: (commandLine: string) => boolean): ProcessInfo[];
}

/**
 * This system's table.
 *
 * @throws {TmpnetError} `unsupported` on Windows.
 */
export function systemProcessTable(): ProcessTable {
  if (process.platform === "linux") return linuxTable;
  if (process.platform === "win32") {
    throw new TmpnetError({ code: "unsupported", what: "windows" }, "Temporary networks cannot be run on Windows yet", {
      hint: "Run avx inside the Windows Subsystem for Linux",
    });
  }
  return psTable;
}

// --- Linux -------------------------------------------------------------------------------------------------------

const linuxTable: ProcessTable = {
  read(pid) {
    const found = linuxProcess(pid);
    if (found === undefined) return undefined;
    const { startMark, startSeconds, group } = found;
    const commandLine = readCommandLine(pid);
    // The pid may have changed hands between the two readings.
    if (commandLine === undefined || linuxProcess(pid)?.startMark !== startMark) return undefined;
    const startedAt = Date.now() - (uptimeSeconds() - startSeconds) * 1000;
    return { pid, startMark, startedAt, commandLine, leadsGroup: group === pid };
  },
  list(wanted) {
    const found: ProcessInfo[] = [];
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const commandLine = readCommandLine(Number(name));
      if (commandLine === undefined || !wanted(commandLine)) continue;
      const info = linuxTable.read(Number(name));
      if (info !== undefined && wanted(info.commandLine)) found.push(info);
    }
    return found;
  },
};

/** Empty for a kernel thread, and for a process that is just ending. */
function readCommandLine(pid: number): string | undefined {
  return readProc(`/proc/${pid}/cmdline`)?.replace(/\0$/, "").replaceAll("\0", " ");
}

function uptimeSeconds(): number {
  return Number.parseFloat(readFileSync("/proc/uptime", "utf8"));
}

// --- macOS and other systems with ps ------------------------------------------------------------------------------

const psTable: ProcessTable = {
  read(pid) {
    return parsePs(ps(["-p", String(pid)]))[0];
  },
  list(wanted) {
    return parsePs(ps(["-ax"])).filter(({ commandLine }) => wanted(commandLine));
  },
};

function ps(selection: readonly string[]): string {
  try {
    return execFileSync("ps", [...selection, "-ww", "-o", "pid=,pgid=,stat=,lstart=,command="], {
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
      maxBuffer: 64 * 1024 * 1024,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    // ps fails when no process was selected.
    if (typeof (error as { status?: unknown }).status === "number") return "";
    throw error;
  }
}

/**
 * Reads what `ps -o pid=,pgid=,stat=,lstart=,command=` prints in the C locale.
 *
 * @example
 * ```ts
 * parsePs("  42    42 Ss   Sat Nov 21 07:55:04 2026 /bin/node --config-file /n/flags.json\n")[0]?.pid; // 42
 * ```
 */
export function parsePs(text: string): ProcessInfo[] {
  const found: ProcessInfo[] = [];
  for (const line of text.split("\n")) {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\d+\s+[\d:]+\s+\d{4})\s(.*)$/.exec(line);
    if (match === null) continue;
    const [, pid = "", group = "", state = "", start = "", commandLine = ""] = match;
    if (state.startsWith("Z")) continue;
    const startMark = start.replace(/\s+/g, " ");
    found.push({
      pid: Number(pid),
      startMark,
      startedAt: Date.parse(startMark),
      commandLine,
      leadsGroup: pid === group,
    });
  }
  return found;
}
