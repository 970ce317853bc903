/**
 * Where snapshots lie, and which there are: `~/.tmpnet/snapshots/<name>/`.
 *
 * A snapshot's directory appears by a rename once it is whole, and is renamed before it is removed: what has a name is
 * good.
 *
 * @module
 */

import { existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { errorMessage } from "../../core/errors.ts";
import { quote } from "../../core/quote.ts";
import { makeDirectory, namesIn, unwritable } from "../disk/files.ts";
import type { Env } from "../disk/layout.ts";
import { removeLeftovers, unfinishedPath } from "../disk/leftovers.ts";
import { SnapshotError } from "./errors.ts";
import { placeOf, readManifest, type SnapshotManifest } from "./manifest.ts";

/** Names the directory of snapshots. */
export const SNAPSHOTS_DIR_ENV = "TMPNET_SNAPSHOTS_DIR";

/** A snapshot in a list. */
export interface SnapshotListing {
  readonly name: string;
  readonly dir: string;
  /** What it says about itself; absent where that cannot be understood. */
  readonly manifest?: SnapshotManifest;
  /** Why it cannot be loaded. */
  readonly problem?: string;
}

/**
 * The directory of snapshots: what was asked for, else the environment's, else `~/.tmpnet/snapshots`.
 *
 * @example
 * ```ts
 * snapshotsDirectory(undefined, { HOME: "/home/me" }); // "/home/me/.tmpnet/snapshots"
 * ```
 */
export function snapshotsDirectory(asked: string | undefined, env: Env): string {
  return resolve(asked || env[SNAPSHOTS_DIR_ENV] || join(env["HOME"] || homedir(), ".tmpnet", "snapshots"));
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9._@+-]{0,99}$/;

/** Endings of files that hold a snapshot, each with what compresses it. */
export const ARCHIVE_ENDINGS = { ".tar.zst": "zstd", ".tar.gz": "gzip", ".tgz": "gzip" } as const;

/** Whether a word means a file, and not the name of a snapshot. */
export function isArchivePath(word: string): boolean {
  return Object.keys(ARCHIVE_ENDINGS).some((ending) => word.endsWith(ending));
}

/**
 * The directory of a snapshot, whether there is one or not.
 *
 * @throws {SnapshotError} `name`.
 */
export function snapshotPath(name: string, directory: string): string {
  if (NAME.test(name) && !isArchivePath(name) && !name.endsWith(".tmp")) return join(directory, name);
  const message = `${quote(name)} is no name for a snapshot: a name has letters, digits and . _ @ + -, and begins with one of the first two`;
  throw new SnapshotError({ code: "name", name }, message, {
    hint: `A file that holds one ends in ${Object.keys(ARCHIVE_ENDINGS).join(", ")}`,
  });
}

/**
 * Lists the snapshots of a directory, by name.
 *
 * @param directory From {@link snapshotsDirectory}.
 * @throws {TmpnetError} `bad-file` when it cannot be read.
 *
 * @example
 * ```ts
 * for (const { name } of listSnapshots(snapshotsDirectory(undefined, process.env))) console.log(name);
 * ```
 */
export function listSnapshots(directory: string): SnapshotListing[] {
  return namesIn(directory)
    .filter((name) => NAME.test(name) && lstatSync(join(directory, name), { throwIfNoEntry: false })?.isDirectory())
    .sort()
    .map((name) => {
      const dir = join(directory, name);
      try {
        return { name, dir, manifest: readManifest(dir) };
      } catch (error) {
        return { name, dir, problem: errorMessage(error) };
      }
    });
}

/**
 * Finds a snapshot.
 *
 * @throws {SnapshotError} `name`, `no-snapshot` with those that there are, `damaged`, `format`.
 */
export function findSnapshot(name: string, directory: string): { dir: string; manifest: SnapshotManifest } {
  const dir = snapshotPath(name, directory);
  if (!existsSync(dir)) throw noSnapshot(name, directory);
  return { dir: realpathSync(dir), manifest: readManifest(dir) };
}

/**
 * Removes a snapshot, also one that cannot be loaded.
 *
 * @param directory From {@link snapshotsDirectory}.
 * @throws {SnapshotError} `name`, `no-snapshot`.
 * @throws {TmpnetError} `unwritable`.
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
 * removeSnapshot("funded", snapshotsDir);
 * ```
 */
export function removeSnapshot(name: string, directory: string): void {
  const dir = snapshotPath(name, directory);
  if (!existsSync(dir)) throw noSnapshot(name, directory);
  const unwanted = unfinishedPath(dir);
  try {
    renameSync(dir, unwanted);
    rmSync(unwanted, { recursive: true, force: true });
  } catch (error) {
    throw unwritable(dir, error);
  }
  removeLeftovers(directory);
}

/** Whether a snapshot is on the machine and at the path that it was saved on and at. */
export function isSavedHere({ savedIn }: SnapshotManifest, dir: string): boolean {
  const here = placeOf(dir);
  return savedIn.host === here.host && savedIn.path === here.path;
}

/**
 * Makes a snapshot's directory: `fill` fills one that nobody sees, which then gets the name in one step.
 *
 * @throws {SnapshotError} `exists`; whatever `fill` throws, and nothing is left then.
 */
export async function makeSnapshot<T>(
  name: string,
  directory: string,
  fill: (unfinished: string, final: string) => Promise<T>,
): Promise<T> {
  refuseExisting(name, directory);
  makeDirectory(directory);
  removeLeftovers(directory);
  const final = join(realpathSync(directory), name);
  const unfinished = unfinishedPath(final);
  try {
    mkdirSync(unfinished, { mode: 0o700 });
  } catch (error) {
    throw unwritable(unfinished, error);
  }
  try {
    const filled = await fill(unfinished, final);
    refuseExisting(name, directory);
    try {
      renameSync(unfinished, final);
    } catch (error) {
      throw unwritable(final, error);
    }
    return filled;
  } catch (error) {
    rmSync(unfinished, { recursive: true, force: true });
    throw error;
  }
}

/** @throws {SnapshotError} `name`, `exists`. */
export function refuseExisting(name: string, directory: string): void {
  const path = snapshotPath(name, directory);
  if (!existsSync(path)) return;
  throw new SnapshotError({ code: "exists", path }, `There is a snapshot ${name} already: ${path}`, {
    hint: `Choose another name, or remove it: avx net snapshot remove ${name}`,
  });
}

function noSnapshot(name: string, directory: string): SnapshotError {
  const names = listSnapshots(directory).map((each) => each.name);
  const hint =
    names.length === 0 ? "Save one with avx net snapshot save <name>" : `Snapshots that there are: ${names.join(", ")}`;
  const path = join(directory, name);
  return new SnapshotError({ code: "no-snapshot", path }, `There is no snapshot ${name} in ${directory}`, { hint });
}
