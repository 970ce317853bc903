/**
 * Where versions of avalanchego are kept: `~/.avx/avalanchego/v1.14.2/avalanchego`.
 *
 * A version's directory appears by a rename, once all of it is there and has been tried: what has the name is whole.
 *
 * @module
 */

import { existsSync, renameSync, rmSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { makeDirectory, namesIn, readJSONFile, unwritable } from "../disk/files.ts";
import type { Env } from "../disk/layout.ts";
import { unfinishedPath } from "../disk/leftovers.ts";
import { withNetworkLock } from "../disk/lock.ts";
import { type ProcessTable, systemProcessTable } from "../runtime/process_table.ts";
import { InstallError } from "./errors.ts";
import { compareVersions, parseVersion, type Version, versionOf } from "./version.ts";

/** Names the directory that avx keeps things in for good. */
export const AVX_HOME_ENV = "AVX_HOME";

/** The program, in a version's directory. */
export const PROGRAM_FILE = "avalanchego";

/** What is known about a version, in its directory. */
export const INSTALL_FILE = "install.json";

/** Where downloads go on until they are whole; a directory for each version. */
const DOWNLOADS = ".downloads";

/** A version that is there. */
export interface InstalledVersion {
  readonly version: Version;
  /** The program. */
  readonly path: string;
  /** Where it came from. */
  readonly url: string;
  /** Of the file that was downloaded, in hexadecimal. */
  readonly sha256: string;
  /** Whether somebody else than the server's transfer said what the checksum is to be. */
  readonly checked: boolean;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly installedAt: number;
}

/** The directory that avx keeps things in: `AVX_HOME`, else `~/.avx`. */
export function avxHome(env: Env): string {
  return resolve(env[AVX_HOME_ENV] || join(env["HOME"] || homedir(), ".avx"));
}

/** The directory of all versions. */
export function versionsDirectory(env: Env): string {
  return join(avxHome(env), "avalanchego");
}

/** The directory of one version. */
export function versionDirectory(version: Version, env: Env): string {
  return join(versionsDirectory(env), version);
}

/** The directory that a version's download lies in; on the disk that the version will lie on. */
export function downloadDirectory(version: Version, env: Env): string {
  return join(versionsDirectory(env), DOWNLOADS, version);
}

/**
 * The versions that are installed, newest first.
 *
 * @throws {TmpnetError} `bad-file` when the directory cannot be read.
 *
 * @example
 * ```ts
 * for (const { version, path } of installedVersions(process.env)) console.log(version, path);
 * ```
 */
export function installedVersions(env: Env): InstalledVersion[] {
  const directory = versionsDirectory(env);
  return namesIn(directory)
    .map((name) => (name.startsWith("v") ? versionOf(name) : undefined))
    .filter((version) => version !== undefined)
    .map((version) => installedVersion(version, env))
    .filter((installed) => installed !== undefined)
    .sort((a, b) => compareVersions(a.version, b.version));
}

/**
 * Looks for one version.
 *
 * @returns `undefined` where it is not installed, or its program has been removed.
 * @throws {TmpnetError} `bad-file`.
 */
export function installedVersion(version: Version, env: Env): InstalledVersion | undefined {
  const directory = versionDirectory(version, env);
  const path = join(directory, PROGRAM_FILE);
  const { url = "", sha256 = "", checked = false, installedAt = 0 } = readJSONFile(join(directory, INSTALL_FILE)) ?? {};
  if (sha256 === "" || statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return undefined;
  return {
    version,
    path,
    url: String(url),
    sha256: String(sha256),
    checked: checked === true,
    installedAt: Number(installedAt),
  };
}

/**
 * The program of a version, for `--avalanchego-version`.
 *
 * @param text `v1.14.2`, `1.14.2`, or `latest` for the newest that is installed.
 * @throws {InstallError} `option`, or `not-installed` with what to do.
 *
 * @example
 * ```ts
 * async function start(): Promise<Network> {
 *   return await Network.start({ avalanchegoPath: installedProgram("v1.14.2", process.env) });
 * }
 * ```
 */
export function installedProgram(text: string, env: Env): string {
  const all = installedVersions(env);
  const found = text === "latest" ? all[0] : installedVersion(parseVersion(text), env);
  if (found !== undefined) return found.path;
  const what = text === "latest" ? "avalanchego" : `avalanchego@${parseVersion(text)}`;
  const version = text === "latest" ? text : parseVersion(text);
  const there = all.length === 0 ? "" : `; installed are ${all.map((installed) => installed.version).join(", ")}`;
  const message = `avalanchego ${version} is not installed${there}`;
  throw new InstallError({ code: "not-installed", version }, message, { hint: `Run avx install ${what}` });
}

/**
 * Removes a version, and what was downloaded of it.
 *
 * @returns Whether it was installed.
 * @throws {InstallError} `in-use` while processes run it.
 * @throws {TmpnetError} `busy` while it is being installed, `unwritable`.
 *
 * @example
 * ```ts
 * await removeVersion(parseVersion("v1.14.1"), { HOME: "/no/such/home" }); // false
 * ```
 */
export async function removeVersion(
  version: Version,
  env: Env,
  table: ProcessTable = systemProcessTable(),
): Promise<boolean> {
  const directory = versionDirectory(version, env);
  const downloads = downloadDirectory(version, env);
  const isThere = existsSync(directory);
  if (!isThere && !existsSync(downloads)) return false;
  makeDirectory(downloads);
  const remove = () => {
    const users = table.list((commandLine) => commandLine.startsWith(`${join(directory, PROGRAM_FILE)} `));
    if (users.length > 0) {
      const message = `avalanchego ${version} is run by process ${users.map(({ pid }) => pid).join(", ")}`;
      throw new InstallError({ code: "in-use", version }, message, { hint: "Stop the network first: avx net stop" });
    }
    try {
      setAside(version, env);
      rmSync(downloads, { recursive: true, force: true });
    } catch (error) {
      throw unwritable(directory, error);
    }
  };
  await withNetworkLock(downloads, `removing avalanchego ${version}`, remove, { waitMs: 0, table });
  return isThere;
}

/**
 * Takes a version away in one step, so that it is whole or gone.
 *
 * @param version Its directory of downloads is there.
 */
export function setAside(version: Version, env: Env): void {
  const directory = versionDirectory(version, env);
  if (!existsSync(directory)) return;
  const aside = unfinishedPath(join(downloadDirectory(version, env), version));
  renameSync(directory, aside);
  rmSync(aside, { recursive: true, force: true });
}
