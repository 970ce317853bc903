/**
 * Gets a release of avalanchego: found, downloaded, checked, unpacked, tried, and only then put in its place.
 *
 * @module
 */

import { createReadStream, lstatSync, renameSync, rmSync } from "node:fs";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, systemClock } from "../../core/clock.ts";
import { decompress } from "../archive/compression.ts";
import type { EntryKind } from "../archive/entry.ts";
import { readTar } from "../archive/tar_reader.ts";
import { unpack } from "../archive/unpack.ts";
import { readZip } from "../archive/zip_reader.ts";
import { makeDirectory, unwritable, writeFileWhole } from "../disk/files.ts";
import type { Env } from "../disk/layout.ts";
import { unfinishedPath } from "../disk/leftovers.ts";
import { type LockHolder, withNetworkLock } from "../disk/lock.ts";
import { assetName, type Machine } from "./asset.ts";
import { checkedSHA256, type DownloadProgress, downloadChecked, findAsset } from "./checked_asset.ts";
import { type DownloadOptions, forgetPart } from "./download.ts";
import { InstallError } from "./errors.ts";
import { interrupted, parseURL } from "./http.ts";
import { DEFAULT_RELEASES_URL, findRelease, RELEASES_URL_ENV, type ReleasesOptions, TOKEN_ENVS } from "./releases.ts";
import {
  downloadDirectory,
  INSTALL_FILE,
  type InstalledVersion,
  installedVersion,
  PROGRAM_FILE,
  setAside,
  versionDirectory,
} from "./store.ts";
import { tryProgram } from "./try_program.ts";
import { parseVersion, type Version } from "./version.ts";

/** What happens during an installation. */
export type InstallProgress =
  /** Another command installs the same; it is waited for. */
  | { readonly phase: "waiting"; readonly holder: LockHolder }
  | DownloadProgress
  /** The transfer broke; it goes on after a pause. */
  | { readonly phase: "retrying"; readonly reason: string; readonly delayMs: number }
  | { readonly phase: "unpacking" }
  | { readonly phase: "trying" };

/** What to install, and how. */
export interface InstallOptions {
  /** `v1.14.2`, `1.14.2`, or `latest`. @default {"latest"} */
  readonly version?: string | undefined;
  /** Where releases are asked for. @default `AVX_RELEASES_URL`, else GitHub's API. */
  readonly releasesUrl?: string | undefined;
  /** What the checksum of the file must be, in hexadecimal; @default What the release says. */
  readonly sha256?: string | undefined;
  /** Whether a file will do whose checksum nobody knows. */
  readonly allowUnchecked?: boolean | undefined;
  /** Whether addresses without encryption will do, also elsewhere than on this machine. */
  readonly allowHttp?: boolean | undefined;
  /** Whether to install anew what is there already. */
  readonly force?: boolean | undefined;
  /** @default {30000} How long the line may bring nothing, in milliseconds. */
  readonly stallMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: InstallProgress) => void) | undefined;
}

/** What an installation needs; all of it has a default. */
export interface InstallModules {
  readonly clock?: Clock | undefined;
  readonly env?: Env | undefined;
  /** @default This one. */
  readonly machine?: Machine | undefined;
  /** Waits between attempts, in milliseconds. */
  readonly retryDelaysMs?: readonly number[] | undefined;
}

/** What became of it. */
export interface InstallResult extends InstalledVersion {
  /** Whether it was there already, and nothing was done. */
  readonly wasInstalled: boolean;
}

/** The most that a release may hold: ten times what it does. */
const UNPACK_LIMITS = { maxBytes: 2 * 1024 ** 3, maxEntries: 1_000 };

/** How long a second installation waits for the first one, in milliseconds: a day. */
const LOCK_WAIT_MS = 86_400_000;

/**
 * Installs a version of avalanchego for this machine.
 *
 * @throws {InstallError} See `InstallErrorType`.
 * @throws {ArchiveError} When the file is no archive to be unpacked.
 * @throws {TmpnetError} `unwritable`, `busy`.
 *
 * @example
 * ```ts no-run
 * const { path } = await installAvalanchego({ version: "v1.14.2" });
 * await using network = await Network.start({ avalanchegoPath: path });
 * ```
 */
export async function installAvalanchego(
  options: InstallOptions = {},
  modules: InstallModules = {},
): Promise<InstallResult> {
  const { env = process.env, machine = { platform: process.platform, arch: process.arch } } = modules;
  const { force = false } = options;
  const asked = (options.version || "latest") === "latest" ? "latest" : parseVersion(options.version as string);
  const sha256 = checkedSHA256(options.sha256);
  // Told before anything is asked for.
  assetName(asked === "latest" ? parseVersion("0.0.0") : asked, machine);
  const there = asked === "latest" || force ? undefined : installedVersion(asked, env);
  if (there !== undefined && matches(there, sha256)) return { ...there, wasInstalled: true };

  const releases = releasesOptions(options, modules, env);
  const release = await findRelease(asked, releases);
  const { version } = release;
  const directory = downloadDirectory(version, env);
  makeDirectory(directory);
  const lock = {
    signal: options.signal,
    waitMs: LOCK_WAIT_MS,
    onWait: (holder: LockHolder) => options.onProgress?.({ phase: "waiting", holder }),
  };
  return await withNetworkLock(
    directory,
    `installing avalanchego ${version}`,
    async () => {
      const installed = force ? undefined : installedVersion(version, env);
      if (installed !== undefined && matches(installed, sha256)) return { ...installed, wasInstalled: true };
      const asset = await findAsset(release, machine, sha256, options, releases);
      const archive = join(directory, asset.name);
      const actual = await downloadChecked(asset, archive, releases, options);
      await putInPlace(archive, version, { url: asset.url, sha256: actual, checked: asset.sha256 !== undefined }, env, {
        ...options,
        clock: modules.clock,
      });
      forgetPart(archive);
      return { ...(installedVersion(version, env) as InstalledVersion), wasInstalled: false };
    },
    lock,
  );
}

/**
 * How releases are asked for: where, and with whose token.
 *
 * @throws {InstallError} `refused-url`.
 */
export function releasesOptions(
  options: InstallOptions,
  modules: InstallModules,
  env: Env,
): ReleasesOptions & DownloadOptions {
  const { signal, stallMs, allowHttp, onProgress } = options;
  const url = options.releasesUrl || env[RELEASES_URL_ENV] || DEFAULT_RELEASES_URL;
  const token = TOKEN_ENVS.map((name) => env[name]).find(Boolean);
  return {
    url,
    clock: modules.clock,
    retryDelaysMs: modules.retryDelaysMs,
    signal,
    stallMs,
    allowHttp,
    token: token === undefined ? undefined : { origin: parseURL(url).origin, value: token },
    onRetry: (error, delayMs) => onProgress?.({ phase: "retrying", reason: error.message, delayMs }),
  };
}

function matches(installed: InstalledVersion, sha256: string | undefined): boolean {
  return sha256 === undefined || installed.sha256 === sha256;
}

async function putInPlace(
  archive: string,
  version: Version,
  facts: Pick<InstalledVersion, "url" | "sha256" | "checked">,
  env: Env,
  { signal, onProgress, clock = systemClock }: InstallOptions & Pick<InstallModules, "clock">,
): Promise<void> {
  const unfinished = unfinishedPath(join(downloadDirectory(version, env), version));
  makeDirectory(unfinished);
  try {
    onProgress?.({ phase: "unpacking" });
    const entries = archive.endsWith(".zip") ? readZip(archive) : readTar(decompress(createReadStream(archive)));
    await unpack(entries, unfinished, { ...UNPACK_LIMITS, signal, place: placeOf });
    const program = join(unfinished, PROGRAM_FILE);
    if (lstatSync(program, { throwIfNoEntry: false })?.isFile() !== true) {
      throw new InstallError({ code: "program", path: program }, `The release ${version} holds no program avalanchego`);
    }
    await chmod(program, 0o755);
    onProgress?.({ phase: "trying" });
    await tryProgram(program, version, signal);
    if (signal?.aborted) throw interrupted(signal.reason);
    writeFileWhole(
      join(unfinished, INSTALL_FILE),
      `${JSON.stringify({ version, ...facts, installedAt: clock.now() }, null, 2)}\n`,
    );
    const directory = versionDirectory(version, env);
    try {
      setAside(version, env);
      renameSync(unfinished, directory);
    } catch (error) {
      throw unwritable(directory, error);
    }
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw signal?.aborted ? interrupted(error) : error;
  }
}

/** `avalanchego-v1.14.2/avalanchego` for Linux, `build/avalanchego` for macOS: what lies in the one directory at the top. */
function placeOf(path: string, kind: EntryKind): string | undefined {
  const slash = path.indexOf("/");
  if (slash !== -1) return path.slice(slash + 1);
  return kind === "file" && path === PROGRAM_FILE ? path : undefined;
}
