/**
 * Which directories are networks: a question that must be answered before anything is removed.
 *
 * @module
 */

import { accessSync, constants, existsSync, lstatSync, readdirSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { systemErrorCode } from "../../core/errors.ts";
import { readJSONFile } from "./files.ts";
import {
  CONFIG_FILE,
  GENESIS_FILE,
  LATEST_LINK,
  MAIN_LOG,
  METRICS_FILE,
  NETWORK_ENV_FILE,
  SUBNETS_DIRECTORY,
} from "./layout.ts";
import { LOCK_FILE } from "./lock.ts";
import { OWN_RECORD_FILE } from "./own_record.ts";
import { START_RECORD_FILE } from "./start_record.ts";

/** What a directory is. */
export type DirectoryKind =
  | "network"
  /** A network whose making was cut off: it has no `config.json` yet, and nothing but what a network has. */
  | "half-made"
  /** It may be a network, and this user may not look into it. */
  | "unreadable"
  /** Something else. */
  | "other";

/** `20261121-061421.321905-owner`: local time, with the microseconds that are not zero. */
const NETWORK_NAME = /^(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)(?:\.(\d{1,6}))?(?:-.*)?$/s;

/** A network that is being removed, or made: see `unfinishedPath`. */
const UNWANTED_NAME = /^\..+\.tmp$/s;

/** Fields of a network's `config.json` that a node's, or any other tool's, does not have: tmpnet writes all of them. */
const NETWORK_FIELDS = ["uuid", "defaultRuntimeConfig", "preFundedKeys", "primaryChainConfigs", "networkID"];

/** What the making of a network writes before `config.json`. */
const FIRST_FILES = new Set([
  GENESIS_FILE,
  NETWORK_ENV_FILE,
  METRICS_FILE,
  SUBNETS_DIRECTORY,
  OWN_RECORD_FILE,
  START_RECORD_FILE,
  "avx-node",
]);

/** Looks at a directory; a link is something else. */
export function directoryKind(dir: string): DirectoryKind {
  if (UNWANTED_NAME.test(basename(dir))) return "other";
  try {
    if (!lstatSync(dir).isDirectory()) return "other";
    accessSync(dir, constants.R_OK | constants.X_OK);
  } catch (error) {
    const code = systemErrorCode(error);
    return (code === "EACCES" || code === "EPERM") && madeAt(dir) !== undefined ? "unreadable" : "other";
  }
  const path = join(dir, CONFIG_FILE);
  if (!existsSync(path)) return isHalfMade(dir) ? "half-made" : "other";
  try {
    const config = readJSONFile(path) ?? {};
    // A node of a network has flags of its own, and is no network.
    return NETWORK_FIELDS.some((name) => name in config) && !("flags" in config) ? "network" : "other";
  } catch {
    // What cannot be understood is a network by its name, and by what else lies there.
    return madeAt(dir) !== undefined && existsSync(join(dir, GENESIS_FILE)) ? "network" : "other";
  }
}

function isHalfMade(dir: string): boolean {
  if (madeAt(dir) === undefined) return false;
  try {
    return readdirSync(dir).every(
      (name) =>
        FIRST_FILES.has(name) || name.startsWith("NodeID-") || name.startsWith(LOCK_FILE) || /^\..+\.tmp$/.test(name),
    );
  } catch {
    return false;
  }
}

/** When a network was made, as its directory's name says, in milliseconds since 1970-01-01 UTC. */
export function madeAt(dir: string): number | undefined {
  const match = NETWORK_NAME.exec(basename(dir));
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const date = new Date(
    year,
    month - 1,
    day,
    hour,
    minute,
    second,
    Number((match[7] ?? "").slice(0, 3).padEnd(3, "0")),
  );
  return date.getMonth() === month - 1 && date.getDate() === day ? date.getTime() : undefined;
}

/**
 * When a network was last used, in milliseconds since 1970-01-01 UTC: the last time that its directory, its
 * configuration, or a node's directory or main log was written.
 */
export function lastUsedAt(dir: string, nodeDirs: readonly string[]): number {
  const paths = [dir, join(dir, CONFIG_FILE), ...nodeDirs.flatMap((node) => [node, join(node, MAIN_LOG)])];
  return Math.floor(Math.max(0, ...paths.map(writtenAt)));
}

/** When a file was written last, in milliseconds since 1970-01-01 UTC; 0 where there is none. */
export function writtenAt(path: string): number {
  try {
    return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  } catch {
    return 0;
  }
}

/** Whether a name is that of the link to the last network, or to the last of an owner. */
export function isLatestLink(name: string): boolean {
  return name === LATEST_LINK || name.startsWith(`${LATEST_LINK}_`);
}

/** A path with no link in it; as it is where there is nothing. */
export function realPathOf(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    // What is gone has lost its last part, and its directory may be reached by a link all the same.
    try {
      return join(realpathSync(dirname(path)), basename(path));
    } catch {
      return path;
    }
  }
}
