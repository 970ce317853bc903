/**
 * A file system with room for little, mounted for one test: Linux lets its superuser do so.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, statfsSync, writeSync } from "node:fs";
import { join } from "node:path";
import { type TemporaryDirectory, temporaryDirectory } from "./temporary.ts";

/** A mounted file system, and no more once it is disposed of. */
export interface SmallDisk extends TemporaryDirectory {
  /** Takes all room but this much, in bytes; nothing below one page can be told apart. */
  fill(leave?: number): void;
  /** Gives the room back. */
  clear(): void;
  /** Forbids, or allows again, all writing. */
  readOnly(on: boolean): void;
}

/** Whether file systems can be mounted here. */
export const CAN_MOUNT = process.platform === "linux" && tryMount();

/** Names a test so that a skip says why. */
export function needsMount(name: string): string {
  return CAN_MOUNT ? name : `${name} (skipped: this user cannot mount a file system)`;
}

/** Mounts a file system of `bytes`. */
export function smallDisk(bytes: number): SmallDisk {
  const directory = temporaryDirectory();
  mount("-t", "tmpfs", "-o", `size=${bytes}`, "tmpfs", directory.path);
  const filler = directory.join("filler");
  return {
    path: directory.path,
    join: (...parts) => join(directory.path, ...parts),
    fill(leave = 0) {
      const { bavail, bsize } = statfsSync(directory.path);
      const file = openSync(filler, "a");
      try {
        const room = bavail * bsize - leave;
        if (room > 0) writeSync(file, Buffer.alloc(room));
      } finally {
        closeSync(file);
      }
    },
    clear: () => rmSync(filler, { force: true }),
    readOnly: (on) => mount("-o", `remount,${on ? "ro" : "rw"}`, directory.path),
    [Symbol.dispose]() {
      // Lazily: a process that was just ended may hold a file for a moment longer.
      spawnSync("umount", ["-l", directory.path]);
      directory[Symbol.dispose]();
    },
  };
}

function mount(...args: string[]): void {
  const { status, stderr } = spawnSync("mount", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`cannot mount: ${stderr}`);
}

function tryMount(): boolean {
  try {
    smallDisk(65_536)[Symbol.dispose]();
    return true;
  } catch {
    return false;
  }
}
