/**
 * What the runtime and the system say about this process: sums since its start.
 *
 * @module
 */

import { readFileSync, statfsSync } from "node:fs";
import process from "node:process";

const MICROSECONDS_PER_SECOND = 1_000_000;

/** Sums since the process began. What a system does not tell is 0. */
export interface ProcessUsage {
  /** Seconds of processor time, user and system. */
  readonly cpuSeconds: number;
  readonly reads: number;
  readonly readBytes: number;
  readonly writes: number;
  readonly writeBytes: number;
}

/** Room on a volume. */
export interface DiskSpace {
  readonly availableBytes: number;
  /** Whole percent. */
  readonly availablePercentage: number;
}

/** What this process has used. The disk's part is told by Linux alone, as for upstream's macOS builds. */
export function readProcessUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { cpuSeconds: (user + system) / MICROSECONDS_PER_SECOND, ...readDiskIO() };
}

/**
 * The room on the volume that holds a path.
 *
 * @returns `undefined` where the system does not tell.
 */
export function readDiskSpace(path: string): DiskSpace | undefined {
  try {
    const { bavail, bsize, blocks } = statfsSync(path);
    if (blocks === 0) return undefined;
    return { availableBytes: bavail * bsize, availablePercentage: Math.trunc((bavail * 100) / blocks) };
  } catch {
    return undefined;
  }
}

/** Lines of `/proc/self/io`. */
const READS = /^syscr: (\d+)$/m;
const READ_BYTES = /^read_bytes: (\d+)$/m;
const WRITES = /^syscw: (\d+)$/m;
const WRITE_BYTES = /^write_bytes: (\d+)$/m;

function readDiskIO(): Omit<ProcessUsage, "cpuSeconds"> {
  let text = "";
  try {
    text = readFileSync("/proc/self/io", "utf8");
  } catch {
    // Not Linux, or not allowed to look: nothing is known of the disk.
  }
  const field = (line: RegExp): number => Number(line.exec(text)?.[1] ?? 0);
  return {
    reads: field(READS),
    readBytes: field(READ_BYTES),
    writes: field(WRITES),
    writeBytes: field(WRITE_BYTES),
  };
}
