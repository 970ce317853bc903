/**
 * What a process of this machine is about, beyond its command line: whose it is, in which session, and what it has open.
 *
 * Linux tells it in `/proc`; elsewhere `ps` and `lsof` do, as far as they are there. What is not told is not known: it
 * is never taken for a proof.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { linuxProcess } from "../../core/linux_process.ts";

/** What is known of a process. */
export interface ProcessDetails {
  readonly uid: number;
  /** The session that it belongs to: the pid of whoever began it. Absent where it is not told. */
  readonly session?: number;
  /** Its working directory and the files that it has open. What was deleted is named as it was. */
  readonly files: readonly string[];
  /** Variables that it was started with; none where they are not told. */
  readonly environment: ReadonlySet<string>;
}

/** What Linux writes after the name of a file that was deleted. */
const DELETED = / \(deleted\)$/;

/** Looks at a process; `undefined` where there is none, or this user may not. */
export function processDetails(pid: number): ProcessDetails | undefined {
  try {
    return process.platform === "linux" ? linuxDetails(pid) : otherDetails(pid);
  } catch {
    return undefined;
  }
}

function linuxDetails(pid: number): ProcessDetails {
  const { uid } = statSync(`/proc/${pid}`);
  const session = linuxProcess(pid)?.session;
  const descriptors = readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
  const files = [`/proc/${pid}/cwd`, ...descriptors].flatMap((path) => {
    try {
      return [readlinkSync(path).replace(DELETED, "")];
    } catch {
      return []; // closed meanwhile
    }
  });
  const environment = new Set(
    readFileSync(`/proc/${pid}/environ`, "utf8")
      .split("\0")
      .map((variable) => variable.split("=", 1)[0] as string),
  );
  return { uid, ...(session === undefined ? {} : { session }), files, environment };
}

function otherDetails(pid: number): ProcessDetails | undefined {
  const uid = Number(run("ps", ["-o", "uid=", "-p", String(pid)]).trim());
  if (!Number.isSafeInteger(uid)) return undefined;
  return { uid, files: parseLsof(run("lsof", ["-n", "-P", "-w", "-p", String(pid), "-Ffn"])), environment: new Set() };
}

function run(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"], maxBuffer: 2 ** 26 });
}

/**
 * Reads the names of files in what `lsof -Ffn` prints: a field a line, its kind as the first letter.
 *
 * @example
 * ```ts
 * parseLsof("p42\nfcwd\nn/net/NodeID-a\nf3\nn/net/NodeID-a/db/LOCK\n"); // ["/net/NodeID-a", "/net/NodeID-a/db/LOCK"]
 * ```
 */
export function parseLsof(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("n/"))
    .map((line) => line.slice(1));
}
