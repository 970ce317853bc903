/**
 * Makes a network from a snapshot, beside the one that it was saved from, or on another machine.
 *
 * @module
 */

import { existsSync, mkdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { type Clock, systemClock } from "../../core/clock.ts";
import { quote } from "../../core/quote.ts";
import { AVM_ID, EVM_ID, PLATFORM_VM_ID } from "../../platform/vm_ids.ts";
import { AVALANCHEGO_PATH_ENV } from "../defaults.ts";
import { makeDirectory, makeNewDirectory, unwritable } from "../disk/files.ts";
import { networkDirName, rootNetworkDir } from "../disk/layout.ts";
import { unfinishedPath } from "../disk/leftovers.ts";
import { updateOwnRecord } from "../disk/own_record.ts";
import { readSubnets } from "../disk/subnets.ts";
import { TmpnetError } from "../errors.ts";
import { pointLatestLinks } from "../latest_links.ts";
import { Network } from "../network.ts";
import { checkPluginsOf, listPlugins } from "../plugins.ts";
import { directoryMark } from "../provenance.ts";
import { checkProgram } from "../runtime/program.ts";
import { type Adoption, type AdoptOptions, adopt } from "./adopt.ts";
import { contentsOf, measure } from "./contents.ts";
import { SnapshotError } from "./errors.ts";
import { CONTENT_DIRECTORY, placeOf, type SnapshotManifest, writeManifest } from "./manifest.ts";
import type { SnapshotControl, SnapshotModules } from "./save.ts";
import { findSnapshot, isArchivePath, isSavedHere, makeSnapshot, snapshotsDirectory } from "./store.ts";
import { copyContents, packArchive, type TransferOptions, unpackArchive } from "./transfer.ts";

/** How a snapshot is loaded. */
export interface LoadOptions extends AdoptOptions, SnapshotControl {
  /** Where the network is made. @default What the environment says, else `~/.tmpnet/networks`. */
  readonly rootNetworkDir?: string | undefined;
  /** Where snapshots lie. @default What the environment says, else `~/.tmpnet/snapshots`. */
  readonly snapshotsDir?: string | undefined;
  /** @default {true} Whether it is started. */
  readonly start?: boolean | undefined;
}

/**
 * Makes a network from a snapshot, and starts it unless `start` is false.
 *
 * @param source A name, or a path that ends in `.tar.zst`, `.tar.gz` or `.tgz`.
 * @throws {SnapshotError} `name`, `no-snapshot`, `damaged`, `format`, `no-space`, `untrusted`, `outside`,
 * `interrupted`; nothing is left then.
 * @throws {ArchiveError} When a file is no archive, is damaged, or is refused for what it holds; nothing is left.
 * @throws {TmpnetError} `binary` or `plugins` for what is missing to run it; else as {@link Network.start}: the network
 * is there then, stopped.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const snapshotsDir = await mkdtemp(join(tmpdir(), "snapshots-"));
 * await using network = await Network.start({ nodeCount: 2 });
 * await saveSnapshot(network.dir, "funded", { snapshotsDir });
 * await using copy = await loadSnapshot("funded", { snapshotsDir });
 * console.log(copy.nodeUris());
 * ```
 */
export async function loadSnapshot(
  source: string,
  options: LoadOptions = {},
  modules: SnapshotModules = {},
): Promise<Network> {
  const { clock = systemClock, env = process.env } = modules;
  const { onProgress, start = true } = options;
  if (options.avalanchegoPath !== undefined) checkProgram(resolve(options.avalanchegoPath));
  const stored = isArchivePath(source)
    ? undefined
    : findSnapshot(source, snapshotsDirectory(options.snapshotsDir, env));

  const askedRoot = rootNetworkDir(options.rootNetworkDir, env);
  makeDirectory(askedRoot);
  const root = realpathSync(askedRoot);
  // What is cut off is cleared away as a removed network is.
  const unfinished = unfinishedPath(join(root, networkDirName(clock.now(), "snapshot")));
  let dir: string;
  try {
    mkdirSync(unfinished, { mode: 0o700 });
    const content = join(unfinished, CONTENT_DIRECTORY);
    const transfer = transferOptions(options);
    const manifest = stored?.manifest ?? (await unpackArchive(resolve(source), unfinished, transfer));
    if (stored !== undefined) await copyStored(stored.dir, manifest, content, transfer);
    const isHome = stored !== undefined && isSavedHere(manifest, stored.dir);
    const isBelieved = isHome || options.trust === true;
    const avalanchegoPath =
      options.avalanchegoPath ?? (isBelieved ? undefined : env[AVALANCHEGO_PATH_ENV] || undefined);
    const adoption = adopt(content, { ...options, avalanchegoPath }, { manifest, isHome, env, clock });
    if (start) await checkRunnable(adoption, content);
    for (const message of adoption.warnings) onProgress?.({ kind: "warning", message });

    updateOwnRecord(content, { madeIn: directoryMark(content) });
    dir = putInPlace(content, root, adoption, clock);
  } catch (error) {
    throw wrapped(unfinished, error);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }

  const network = Network.read(dir, { clock, env });
  pointLatestLinks(dir, inFileName(network.owner));
  onProgress?.({ kind: "created", network });
  if (start) await network.restart(options);
  return network;
}

/**
 * Packs a snapshot into a file.
 *
 * @param path With `.tar.zst`, `.tar.gz` or `.tgz` at its end.
 * @throws {SnapshotError} `name`, `no-snapshot`, `damaged`, `exists`, `interrupted`.
 *
 * @example
 * ```ts
 * async function give(snapshot: string): Promise<void> {
 *   await exportSnapshot(snapshot, `${snapshot}.tar.zst`);
 * }
 * ```
 */
export async function exportSnapshot(
  name: string,
  path: string,
  options: Pick<LoadOptions, "snapshotsDir" | "signal" | "onProgress"> = {},
  { env = process.env }: SnapshotModules = {},
): Promise<SnapshotManifest> {
  refuseOtherEnding(path);
  const { dir, manifest } = findSnapshot(name, snapshotsDirectory(options.snapshotsDir, env));
  const content = join(dir, CONTENT_DIRECTORY);
  const items = wholeContents(dir, manifest);
  await packArchive(resolve(path), { ...manifest, savedIn: placeOf("") }, items, content, transferOptions(options));
  return manifest;
}

/**
 * Takes a snapshot from a file among those that have names. It stays one from elsewhere.
 *
 * @throws {SnapshotError} `name`, `exists`, `no-snapshot`, `damaged`, `format`, `no-space`, `interrupted`.
 * @throws {ArchiveError} As {@link loadSnapshot}.
 *
 * @example
 * ```ts
 * async function take(path: string): Promise<Network> {
 *   const { manifest } = await importSnapshot(path, "theirs");
 *   console.log(manifest.savedAt);
 *   return await loadSnapshot("theirs");
 * }
 * ```
 */
export async function importSnapshot(
  path: string,
  name: string,
  options: Pick<LoadOptions, "snapshotsDir" | "signal" | "onProgress"> = {},
  { env = process.env }: SnapshotModules = {},
): Promise<{ readonly path: string; readonly manifest: SnapshotManifest }> {
  const directory = snapshotsDirectory(options.snapshotsDir, env);
  return await makeSnapshot(name, directory, async (unfinished, final) => {
    const unpacked = await unpackArchive(resolve(path), unfinished, transferOptions(options));
    const manifest = { ...unpacked, savedIn: { host: "", path: "" } };
    writeManifest(unfinished, manifest);
    return { path: final, manifest };
  });
}

async function copyStored(
  dir: string,
  manifest: SnapshotManifest,
  to: string,
  transfer: TransferOptions,
): Promise<void> {
  await copyContents(wholeContents(dir, manifest), join(dir, CONTENT_DIRECTORY), to, transfer);
}

/** What a snapshot holds, if nothing of it has been taken away. */
function wholeContents(dir: string, manifest: SnapshotManifest) {
  const items = contentsOf(join(dir, CONTENT_DIRECTORY));
  const { files, bytes } = measure(items);
  if (files === manifest.files && bytes === manifest.bytes) return items;
  const found = `${files} files with ${bytes} bytes, not ${manifest.files} with ${manifest.bytes}`;
  throw new SnapshotError({ code: "damaged", path: dir }, `The snapshot ${dir} is damaged: it holds ${found}`);
}

function transferOptions({ signal, onProgress }: Pick<LoadOptions, "signal" | "onProgress">): TransferOptions {
  return { signal, onBytes: (done, total) => onProgress?.({ kind: "copying", done, total }) };
}

/** VMs that avalanchego has in it: chains of theirs need no plugin. */
const BUILT_IN_VMS = new Set<string>([PLATFORM_VM_ID, AVM_ID, EVM_ID]);

/** What cannot be started is told before anything is made. */
async function checkRunnable({ otherRuntimes }: Adoption, content: string): Promise<void> {
  const subnets = readSubnets(content);
  const needed = new Set(subnets.flatMap(({ chains }) => chains.map(({ vmID }) => vmID)));
  for (const { process } of otherRuntimes) {
    if (process === undefined) continue;
    const { avalancheGoPath, pluginDir } = process;
    checkProgram(avalancheGoPath);
    const there = new Set(pluginDir === undefined ? [] : listPlugins(pluginDir).map(({ vmID }) => vmID));
    const missing = [...needed].filter((vmID) => !there.has(vmID) && !BUILT_IN_VMS.has(vmID));
    if (missing.length === 0) continue;
    const place = pluginDir === undefined ? "no directory of plugins is named" : `${pluginDir} does not have them`;
    const message = `The snapshot needs plugins, and ${place}: ${missing.map(quote).join(", ")}`;
    throw new TmpnetError({ code: "plugins", program: avalancheGoPath }, message, {
      hint: "Name the directory that has them with --plugin-dir",
    });
  }
  await checkPluginsOf(
    otherRuntimes.map((runtimeConfig) => ({ runtimeConfig })),
    subnets,
  );
}

/**
 * Gives a network's files their place among networks: they are written for it first, so that it is whole from the moment
 * that it is there.
 */
function putInPlace(content: string, root: string, adoption: Adoption, clock: Clock): string {
  for (let extraMicros = 0; ; extraMicros++) {
    const dir = join(root, networkDirName(clock.now(), inFileName(adoption.owner), extraMicros));
    if (existsSync(dir)) continue;
    adoption.write(content, dir);
    if (!makeNewDirectory(dir)) continue; // somebody else has just taken the name
    renameSync(content, dir);
    return dir;
  }
}

/** An owner as a part of a file's name, whoever chose it: without what would lead elsewhere. */
function inFileName(owner: string): string {
  return owner.replace(/[^A-Za-z0-9._@+-]/g, "_").slice(0, 100);
}

function refuseOtherEnding(path: string): void {
  if (isArchivePath(path)) return;
  throw new SnapshotError(
    { code: "name", name: path },
    `A file that holds a snapshot ends in .tar.zst, .tar.gz or .tgz`,
  );
}

/** A system's error becomes one that says what could not be written. */
function wrapped(path: string, error: unknown): unknown {
  return error instanceof Error && "syscall" in error ? unwritable(path, error) : error;
}
