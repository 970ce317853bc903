/**
 * What networks need of a machine: open files, room on the disk, a root that can be written, a clock, short paths.
 *
 * @module
 */

import { accessSync, constants, existsSync, lstatSync, statfsSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { PLUGIN_DIR_ENV } from "../defaults.ts";
import { type Env, NETWORK_DIR_ENV, ROOT_NETWORK_DIR_ENVS } from "../disk/layout.ts";
import { AVALANCHEGO_FD_LIMIT, hardFDLimit } from "../runtime/fd_limit.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Files that an avalanchego of a small network has open, with room: some hundred, and a socket for each peer. */
const FEW_OPEN_FILES = 1_024;

/** What a real node's database and logs take in a day of testing, in bytes. */
const LITTLE_SPACE = 2e9;
/** Less than this and nodes stop, in bytes. */
const NO_SPACE = 200e6;

/** The longest path that a system takes, in bytes. */
const MAX_PATH_BYTES = process.platform === "darwin" ? 1_024 : 4_096;
/** What stands behind a root in the path of a node's files: network, owner, node ID, and the longest of theirs. */
const BYTES_BELOW_ROOT = 250;

/** Certificates and genesis times are wrong with a clock from before this: 2025-01-01, in milliseconds since 1970. */
const EARLIEST_CLOCK_MS = Date.UTC(2025, 0, 1);

/** Looks at the limit on open files; `hard` is this machine's by default. */
export function checkOpenFiles(env: Env, hard = hardFDLimit()): Finding {
  const asked = env["AVAGO_FD_LIMIT"];
  if (asked && Number(asked) > hard) {
    const what = `AVAGO_FD_LIMIT asks for ${asked} open files, and a process may have ${hard}: avalanchego will not start`;
    return problem("open-files", what, `Unset AVAGO_FD_LIMIT, or raise the limit with ulimit -Hn ${asked} as root`);
  }
  if (hard < FEW_OPEN_FILES) {
    const what = `A process may have ${hard} files open; avalanchego needs some ${FEW_OPEN_FILES}`;
    return problem("open-files", what, `Raise the hard limit: ulimit -Hn ${AVALANCHEGO_FD_LIMIT} as root`);
  }
  if (hard < AVALANCHEGO_FD_LIMIT) {
    const what = `A process may have ${hard} files open, less than the ${AVALANCHEGO_FD_LIMIT} that avalanchego asks for`;
    return warning("open-files", what, "avx gives its nodes a lower fd-limit; under tmpnetctl set AVAGO_FD_LIMIT");
  }
  return ok(
    "open-files",
    `A process may have ${hard === Number.POSITIVE_INFINITY ? "any number of" : hard} files open`,
  );
}

/** Looks at the directory that networks are made in, and the disk that it lies on. */
export function checkRoot(root: string): Finding[] {
  const there = nearestThere(root);
  const findings: Finding[] = [];
  const name = there === root ? root : `${root}, which is not there yet,`;
  if (!statSync(there).isDirectory()) {
    return [
      problem("root", `${there} is no directory, and networks are made in ${root}`, "Name another --root-network-dir"),
    ];
  }
  try {
    accessSync(there, constants.W_OK | constants.X_OK);
    findings.push(ok("root", `${name} can be written`));
  } catch {
    findings.push(
      problem("root", `${name} cannot be written by this user`, "Change its owner, or set TMPNET_ROOT_NETWORK_DIR"),
    );
  }
  findings.push(checkDisk(there), checkPath(root));
  return findings;
}

function checkDisk(path: string): Finding {
  const { bavail, bsize, ffree, files } = statfsSync(path);
  const free = bavail * bsize;
  const gigabytes = `${(free / 1e9).toFixed(1)} GB`;
  const todo = "Remove what is no longer used: avx net prune --older-than 7d";
  if (files > 0 && ffree === 0) return problem("disk", `The disk of ${path} can hold no more files`, todo);
  if (free < NO_SPACE) return problem("disk", `${gigabytes} are free at ${path}: nodes will stop`, todo);
  if (free < LITTLE_SPACE) return warning("disk", `${gigabytes} are free at ${path}: a network may fill them`, todo);
  return ok("disk", `${gigabytes} are free at ${path}`);
}

function checkPath(root: string): Finding {
  const bytes = Buffer.byteLength(root);
  if (bytes + BYTES_BELOW_ROOT <= MAX_PATH_BYTES) return ok("paths", "The paths of nodes are short enough");
  const what = `The root's path has ${bytes} bytes, and nodes add some ${BYTES_BELOW_ROOT}: the system takes ${MAX_PATH_BYTES}`;
  return problem("paths", what, "Set TMPNET_ROOT_NETWORK_DIR to a shorter path");
}

function nearestThere(path: string): string {
  let there = path;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  return there;
}

/** Looks at the clock: a wrong one makes certificates that are not valid yet, and a genesis of the past. */
export function checkClock(clock: Clock): Finding {
  const now = new Date(clock.now()).toISOString();
  if (clock.now() >= EARLIEST_CLOCK_MS) return ok("clock", `The clock says ${now}`);
  return problem("clock", `The clock says ${now}: nodes will not accept each other's certificates`, "Set the clock");
}

/** Looks at what the environment names. */
export function checkEnvironment(env: Env): Finding[] {
  const findings: Finding[] = [];
  const named = [
    [NETWORK_DIR_ENV, "no network is meant by the commands", isDirectory],
    ...ROOT_NETWORK_DIR_ENVS.map((name) => [name, "it is made with the first network", isDirectoryOrNothing] as const),
    [PLUGIN_DIR_ENV, "VMs of subnets are not found", isDirectory],
  ] as const;
  for (const [name, consequence, isFit] of named) {
    const path = env[name];
    if (!path || isFit(path)) continue;
    findings.push(
      problem(
        "environment",
        `${name} names ${path}, which is not there: ${consequence}`,
        `Correct it, or unset ${name}`,
      ),
    );
  }
  const [first, second] = ROOT_NETWORK_DIR_ENVS;
  if (env[first] && env[second] && env[first] !== env[second]) {
    const what = `${first} and ${second} name different directories; ${first} counts`;
    findings.push(warning("environment", what, `Unset ${second}`));
  }
  return findings.length > 0 ? findings : [ok("environment", "What the environment names is there")];
}

function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory() === true;
}

function isDirectoryOrNothing(path: string): boolean {
  return isDirectory(path) || lstatSync(path, { throwIfNoEntry: false }) === undefined;
}

function statOf(path: string) {
  try {
    return statSync(join(path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
