/**
 * How many network sockets this process holds, as the kernel sees it: a socket that was only forgotten still counts.
 *
 * @module
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";

const FILE_DESCRIPTORS = "/proc/self/fd";
/** Runtimes have Unix sockets of their own, between their threads. */
const UNIX_SOCKETS = "/proc/self/net/unix";
/** Where a line of that table has the inode. */
const INODE_COLUMN = 6;

/** @returns 0 where the system does not tell: a test that compares with it then finds nothing wrong. */
export function openSockets(): number {
  if (process.platform !== "linux") return 0;
  const unix = new Set(
    readFileSync(UNIX_SOCKETS, "utf8")
      .split("\n")
      .map((line) => line.split(/\s+/)[INODE_COLUMN]),
  );
  return readdirSync(FILE_DESCRIPTORS).filter((fd) => {
    const inode = /^socket:\[(\d+)\]$/.exec(targetOf(fd))?.[1];
    return inode !== undefined && !unix.has(inode);
  }).length;
}

function targetOf(fd: string): string {
  try {
    return readlinkSync(`${FILE_DESCRIPTORS}/${fd}`);
  } catch {
    // Closed since it was listed.
    return "";
  }
}
