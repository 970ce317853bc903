/**
 * What a snapshot says about itself: `snapshot.json`, beside the network's files.
 *
 * @module
 */

import { hostname } from "node:os";
import { join } from "node:path";
import { readJSONFile, writeFileWhole } from "../disk/files.ts";
import { SnapshotError } from "./errors.ts";

/** The file, in a snapshot's directory and first in an archive. */
export const MANIFEST_FILE = "snapshot.json";

/** The network's files, beside it. */
export const CONTENT_DIRECTORY = "network";

/** How snapshots are laid out; raised when an older avx could not load them any more. */
export const FORMAT = 1;

/** A program that nodes ran. */
export interface SnapshotProgram {
  readonly path: string;
  /** Such as `avalanchego/1.14.2`; absent where it did not tell. */
  readonly version?: string;
  readonly pluginDir?: string;
}

/** What a snapshot says about itself. */
export interface SnapshotManifest {
  readonly format: number;
  /** Milliseconds since 1970-01-01 UTC. */
  readonly savedAt: number;
  /** Where the network lay: paths in its files begin so. */
  readonly dir: string;
  readonly uuid: string;
  readonly owner: string;
  readonly networkID: number;
  /** Whether its nodes were avx's own. */
  readonly ownNodes: boolean;
  readonly nodeIDs: readonly string[];
  /** Other programs than avx that its nodes ran. */
  readonly programs: readonly SnapshotProgram[];
  /** IDs of the VMs that its chains need as plugins. */
  readonly vmIDs: readonly string[];
  /** Files and links. */
  readonly files: number;
  /** Of all files together. */
  readonly bytes: number;
  /** The machine and the path that it was saved on and at: of a copy, they are others. */
  readonly savedIn: { readonly host: string; readonly path: string };
}

/** Where a snapshot is saved now, for {@link SnapshotManifest.savedIn}. */
export function placeOf(path: string): SnapshotManifest["savedIn"] {
  return { host: hostname(), path };
}

/** @throws {TmpnetError} `unwritable`. */
export function writeManifest(directory: string, manifest: SnapshotManifest): void {
  writeFileWhole(join(directory, MANIFEST_FILE), formatManifest(manifest));
}

/** The text of the file. */
export function formatManifest(manifest: SnapshotManifest): string {
  return `${JSON.stringify(manifest, null, 2)}\n`;
}

/**
 * Reads the file.
 *
 * @throws {SnapshotError} `no-snapshot` when there is none, `damaged`, `format`.
 * @throws {TmpnetError} `bad-file`.
 */
export function readManifest(directory: string): SnapshotManifest {
  const json = readJSONFile(join(directory, MANIFEST_FILE));
  if (json === undefined) {
    const message = `There is no snapshot at ${directory}: it has no ${MANIFEST_FILE}`;
    throw new SnapshotError({ code: "no-snapshot", path: directory }, message);
  }
  return checkManifest(json, directory);
}

/**
 * Checks what was read; every word of it may be a stranger's.
 *
 * @param path What a person knows it by.
 */
export function checkManifest(json: Readonly<Record<string, unknown>>, path: string): SnapshotManifest {
  const { format, savedAt, dir, uuid, owner, networkID, ownNodes, nodeIDs, programs, vmIDs, files, bytes, savedIn } =
    json;
  if (typeof format === "number" && format > FORMAT) {
    const message = `${path} was saved by a later version of avx`;
    throw new SnapshotError({ code: "format", path }, message, { hint: "Load it with that one" });
  }
  const { host = "", path: savedPath = "" } = (savedIn ?? {}) as Record<string, unknown>;
  const isGood =
    format === FORMAT &&
    isTime(savedAt) &&
    [dir, uuid, owner, host, savedPath].every((text) => typeof text === "string") &&
    typeof networkID === "number" &&
    typeof ownNodes === "boolean" &&
    isTexts(nodeIDs) &&
    isTexts(vmIDs) &&
    Array.isArray(programs) &&
    programs.every(isProgram) &&
    isCount(files) &&
    isCount(bytes);
  if (isGood) return json as unknown as SnapshotManifest;
  throw new SnapshotError(
    { code: "damaged", path },
    `${path} cannot be understood: its ${MANIFEST_FILE} is not as avx writes it`,
  );
}

function isProgram(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { path, version, pluginDir } = value as Record<string, unknown>;
  return (
    typeof path === "string" && [version, pluginDir].every((text) => text === undefined || typeof text === "string")
  );
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}

/** Within what a `Date` can hold. */
function isTime(value: unknown): boolean {
  return typeof value === "number" && Math.abs(value) <= 8.64e15;
}

function isCount(value: unknown): boolean {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
