/**
 * Where things lie: the directory that networks are made in, a network's own, and the names of its files.
 *
 * @module
 */

import { lstatSync, readdirSync, readlinkSync, realpathSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import type { Clock } from "../../core/clock.ts";
import { systemErrorCode } from "../../core/errors.ts";
import { TmpnetError } from "../errors.ts";
import { makeDirectory, makeNewDirectory, unwritable } from "./files.ts";

/** A network's or a node's configuration; a child directory that has one is a node. */
export const CONFIG_FILE = "config.json";
export const GENESIS_FILE = "genesis.json";
export const NETWORK_ENV_FILE = "network.env";
export const METRICS_FILE = "metrics.txt";
export const SUBNETS_DIRECTORY = "subnets";
/** What a node is started with: all flags, its own and the network's. */
export const FLAGS_FILE = "flags.json";
/** A node's main log, in its data directory. */
export const MAIN_LOG = join("logs", "main.log");

/** What a node's process prints. It is no `.log` of `logs/`: collectors of logs leave it alone. */
export const STDIO_LOG = "stdio.log";
/** What processes print that nodes share, in the network's directory. */
export const HOST_LOG = "avx-host.log";
/** The link to the network that was started last. */
export const LATEST_LINK = "latest";

/** Names the network that a command is about (upstream `NetworkDirEnvName`). */
export const NETWORK_DIR_ENV = "TMPNET_NETWORK_DIR";
/** Names the directory that networks are made in (upstream `RootNetworkDirEnvName`), and what it was called before. */
export const ROOT_NETWORK_DIR_ENVS = ["TMPNET_ROOT_NETWORK_DIR", "TMPNET_ROOT_DIR"] as const;

/** Environment variables. */
export type Env = Readonly<Record<string, string | undefined>>;

/** The directory of all that tmpnet's tools and avx share for one user. */
export function tmpnetDir(env: Env): string {
  return join(env["HOME"] || homedir(), ".tmpnet");
}

/**
 * The directory that networks are made in: what was asked for, else the environment's, else `~/.tmpnet/networks`.
 *
 * @param asked Absolute, or relative to the working directory.
 */
export function rootNetworkDir(asked: string | undefined, env: Env): string {
  const fromEnv = ROOT_NETWORK_DIR_ENVS.map((name) => env[name]).find(Boolean);
  return resolve(asked || fromEnv || join(tmpnetDir(env), "networks"));
}

/** The link to the last network of an owner. */
export function latestLinkOf(owner: string): string {
  return `${LATEST_LINK}_${owner}`;
}

/** How a network is named. */
export interface NamedNetwork {
  readonly networkDir?: string | undefined;
  readonly rootNetworkDir?: string | undefined;
}

/**
 * The directory of the network that is meant: what was asked for, else the environment's, else the latest.
 *
 * @returns Its real path: a node's flags hold it, whatever link it was reached by.
 * @throws {TmpnetError} `no-network` when there is no such directory.
 */
export function findNetworkDir(asked: NamedNetwork, env: Env): string {
  const named = namedNetworkDir(asked, env);
  if (named) return realDirectory(resolve(named), named, `There is no network directory at ${named}`);
  const root = rootNetworkDir(asked.rootNetworkDir, env);
  const latest = join(root, LATEST_LINK);
  const target = readLink(latest);
  if (target === undefined) return realDirectory(latest, root, `No network was started in ${root} yet`);
  const path = resolve(root, target);
  return realDirectory(path, path, `The last network that was started in ${root} is gone: ${path}`);
}

/**
 * {@link findNetworkDir}, also of a network whose directory is gone: what runs of it has that in its command line.
 *
 * @throws {TmpnetError} `no-network` when none is named and none was started.
 */
export function meantNetworkDir(asked: NamedNetwork, env: Env): string {
  try {
    return findNetworkDir(asked, env);
  } catch (error) {
    const named = namedNetworkDir(asked, env);
    if (named) return resolve(named);
    const root = rootNetworkDir(asked.rootNetworkDir, env);
    const target = readLink(join(root, LATEST_LINK));
    if (target === undefined) throw error;
    return resolve(root, target);
  }
}

function namedNetworkDir({ networkDir, rootNetworkDir: root }: NamedNetwork, env: Env): string | undefined {
  return networkDir || (root ? undefined : env[NETWORK_DIR_ENV]);
}

/** @param path What a person knows it by. */
function realDirectory(target: string, path: string, sentence: string): string {
  let real: string;
  try {
    real = realpathSync(target);
    if (lstatSync(real).isDirectory()) return real;
  } catch (cause) {
    throw new TmpnetError({ code: "no-network", path }, sentence, { cause, hint: NO_NETWORK_HINT });
  }
  throw new TmpnetError({ code: "no-network", path }, `${path} is not a directory`, { hint: NO_NETWORK_HINT });
}

export const NO_NETWORK_HINT = "Start a network with avx net start, or name one with --network-dir";

/**
 * Makes the directory of a new network: `<root>/20261121-061421.321905-owner`, as upstream names it.
 *
 * @returns Its real path.
 * @throws {TmpnetError} `unwritable`.
 */
export function makeNetworkDir(root: string, owner: string, clock: Clock): string {
  makeDirectory(root);
  const now = clock.now() + (clock.monotonic() % 1); // the wall clock has whole milliseconds
  for (let extraMicros = 0; ; extraMicros++) {
    const dir = join(root, networkDirName(now, owner, extraMicros));
    if (makeNewDirectory(dir)) return realpathSync(dir);
  }
}

/**
 * A network's directory name: local time with microseconds, and the owner.
 *
 * @param nowMs Milliseconds since 1970-01-01 UTC; a fraction is kept to the microsecond.
 * @param extraMicros Added to tell apart networks of one moment.
 */
export function networkDirName(nowMs: number, owner: string, extraMicros = 0): string {
  const micros = Math.floor(nowMs * 1000) + extraMicros;
  const date = new Date(Math.floor(micros / 1000));
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${date.getFullYear()}${two(date.getMonth() + 1)}${two(date.getDate())}`;
  const time = `${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
  // As Go's layout ".999999": zeros at the end are left out, and the point with them.
  const fraction = String(micros % 1_000_000)
    .padStart(6, "0")
    .replace(/0+$/, "");
  return `${day}-${time}${fraction === "" ? "" : `.${fraction}`}${owner === "" ? "" : `-${owner}`}`;
}

/** The child directories of a network that may be nodes, sorted by name as upstream reads them. */
export function childDirectories(dir: string): string[] {
  try {
    const entries = readdirSync(dir, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(dir, entry.name))
      .sort();
  } catch (cause) {
    if (systemErrorCode(cause) === "ENOENT") return [];
    throw new TmpnetError({ code: "bad-file", path: dir }, `Cannot read the directory ${dir}`, { cause });
  }
}

/**
 * Points a link in a network's root at the network, in one step.
 *
 * @param name {@link LATEST_LINK} or {@link latestLinkOf}.
 * @returns A function that sets it back to what it was.
 * @throws {TmpnetError} `unwritable`.
 */
export function pointLink(networkDir: string, name: string): () => void {
  const path = join(dirname(networkDir), name);
  const before = readLink(path);
  replaceLink(path, basename(networkDir));
  return () => {
    if (readLink(path) !== basename(networkDir)) return; // another network has taken it meanwhile
    if (before === undefined) rmSync(path, { force: true });
    else replaceLink(path, before);
  };
}

/** Where a link points, as it is written; `undefined` when there is none. */
export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function replaceLink(path: string, target: string): void {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    rmSync(unfinished, { force: true });
    symlinkSync(target, unfinished);
    renameSync(unfinished, path);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw unwritable(path, error);
  }
}
