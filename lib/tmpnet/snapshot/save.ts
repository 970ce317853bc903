/**
 * Saves a network: by a name, or as one file to give to somebody.
 *
 * A network that runs is stopped for the moment of copying, and those of its nodes that ran are started again, also
 * when the copying fails.
 *
 * @module
 */

import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { type Clock, systemClock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { makeDirectory } from "../disk/files.ts";
import { type Env, findNetworkDir } from "../disk/layout.ts";
import { readOwnRecord } from "../disk/own_record.ts";
import { readSubnets } from "../disk/subnets.ts";
import { TmpnetError } from "../errors.ts";
import { askVersion } from "../install/try_program.ts";
import { Network, type NetworkControl, type NetworkProgress } from "../network.ts";
import { inTurn } from "../network_lock.ts";
import type { TmpnetNode } from "../node.ts";
import { examineProvenance } from "../provenance.ts";
import { contentsOf, measure } from "./contents.ts";
import { interrupted, SnapshotError } from "./errors.ts";
import {
  CONTENT_DIRECTORY,
  FORMAT,
  placeOf,
  type SnapshotManifest,
  type SnapshotProgram,
  writeManifest,
} from "./manifest.ts";
import { isArchivePath, makeSnapshot, refuseExisting, snapshotsDirectory } from "./store.ts";
import { checkSpace, checkWritable, copyContents, packArchive, refuseExistingFile } from "./transfer.ts";

/** What happens while a snapshot is saved or loaded. */
export type SnapshotProgress =
  | NetworkProgress
  /** Nodes that run are stopped for the moment of copying; they are started again. */
  | { readonly kind: "stopping"; readonly nodeCount: number }
  | { readonly kind: "restarting"; readonly nodeCount: number }
  | { readonly kind: "copying"; readonly done: number; readonly total: number };

/** How a snapshot is saved or loaded. */
export interface SnapshotControl extends Omit<NetworkControl, "onProgress"> {
  readonly onProgress?: ((progress: SnapshotProgress) => void) | undefined;
}

/** What a snapshot needs; all of it has a default. */
export interface SnapshotModules {
  readonly clock?: Clock | undefined;
  readonly env?: Env | undefined;
}

/** A snapshot that was saved. */
export interface SavedSnapshot {
  /** Its name; absent where it is a file. */
  readonly name?: string;
  /** Its directory, or the file. */
  readonly path: string;
  readonly manifest: SnapshotManifest;
  /** How many nodes were stopped for it, and run again. */
  readonly restarted: number;
}

/** Flags that name places where a node keeps its state; none of them may lie outside of its network. */
export const STATE_FLAGS = ["data-dir", "db-dir", "chain-data-dir"] as const;

/**
 * Saves a network.
 *
 * @param networkDir The network's directory.
 * @param target A name, or a path that ends in `.tar.zst`, `.tar.gz` or `.tgz`.
 * @throws {SnapshotError} `name`, `exists`, `no-space`, `outside`, `interrupted`; nothing is left then.
 * @throws {TmpnetError} What keeps the network from being stopped, read, or started again.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * const directory = await mkdtemp(join(tmpdir(), "snapshots-"));
 * await using network = await Network.start({ nodeCount: 2 });
 * await saveSnapshot(network.dir, "funded", { snapshotsDir: directory });
 * await saveSnapshot(network.dir, join(directory, "funded.tar.gz"));
 * ```
 */
export async function saveSnapshot(
  networkDir: string,
  target: string,
  options: SnapshotControl & { readonly snapshotsDir?: string | undefined } = {},
  modules: SnapshotModules = {},
): Promise<SavedSnapshot> {
  const { clock = systemClock, env = process.env } = modules;
  const { signal, onProgress } = options;
  const directory = snapshotsDirectory(options.snapshotsDir, env);
  const isFile = isArchivePath(target);
  // Told before anything is stopped.
  if (isFile) refuseExistingFile(resolve(target));
  else {
    refuseExisting(target, directory);
    makeDirectory(directory);
    checkWritable(directory);
  }

  const dir = findNetworkDir({ networkDir }, {});
  const save = async (): Promise<SavedSnapshot> => {
    const network = Network.read(dir, { clock, env });
    const nodes = [...network.nodes];
    refuseStateOutside(network);
    const running = nodes.filter((node) => network.inspect(node).status !== "stopped");
    const before = measure(contentsOf(dir));
    await checkSpace(isFile ? dirname(resolve(target)) : directory, isFile ? 0 : before.bytes);
    const programs = await programsOf(network, running.length > 0 || isMadeHere(network, env));
    if (signal?.aborted) throw interrupted(signal.reason);

    if (running.length > 0) onProgress?.({ kind: "stopping", nodeCount: running.length });
    let saved: Pick<SavedSnapshot, "name" | "path" | "manifest">;
    try {
      if (running.length > 0) await network.stop({ metricsSnapshot: false });
      refuseRunning(network, nodes);
      saved = await copyNetwork(network, target, directory, programs, clock, options);
    } catch (error) {
      await startAgain(network, running, options).catch((cause) => {
        throw notRestarted(network, running, error, cause);
      });
      throw error;
    }
    await startAgain(network, running, options);
    return { ...saved, restarted: running.length };
  };
  return await inTurn(dir, "saving a snapshot", { clock, signal, onProgress }, save);
}

async function copyNetwork(
  network: Network,
  target: string,
  directory: string,
  programs: readonly SnapshotProgram[],
  clock: Clock,
  { signal, onProgress }: SnapshotControl,
): Promise<Pick<SavedSnapshot, "name" | "path" | "manifest">> {
  const items = contentsOf(network.dir);
  const onBytes = (done: number, total: number) => onProgress?.({ kind: "copying", done, total });
  const manifestAt = (path: string): SnapshotManifest => ({
    format: FORMAT,
    savedAt: clock.now(),
    dir: network.dir,
    uuid: network.uuid,
    owner: network.owner,
    networkID: network.networkID,
    ownNodes: network.hasOwnNodes,
    nodeIDs: network.nodes.map(({ nodeID }) => nodeID),
    programs,
    vmIDs: [...new Set(readSubnets(network.dir).flatMap(({ chains }) => chains.map(({ vmID }) => vmID)))],
    ...measure(items),
    savedIn: placeOf(path),
  });
  if (isArchivePath(target)) {
    const path = resolve(target);
    // A file is from elsewhere wherever it is.
    const manifest = manifestAt("");
    await packArchive(path, manifest, items, network.dir, { signal, onBytes });
    return { path, manifest };
  }
  return await makeSnapshot(target, directory, async (unfinished, final) => {
    const manifest = manifestAt(final);
    await copyContents(items, network.dir, join(unfinished, CONTENT_DIRECTORY), { signal, onBytes });
    writeManifest(unfinished, manifest);
    return { name: target, path: final, manifest };
  });
}

/** Not ended by the caller's signal: what ran is to run again. */
async function startAgain(
  network: Network,
  running: readonly TmpnetNode[],
  { timeoutMs, onProgress }: SnapshotControl,
) {
  if (running.length === 0) return;
  onProgress?.({ kind: "restarting", nodeCount: running.length });
  await network.startNodes(
    running.map(({ dataDir }) => basename(dataDir)),
    { timeoutMs, onProgress },
  );
}

function notRestarted(network: Network, nodes: readonly TmpnetNode[], failure: unknown, cause: unknown): TmpnetError {
  const sentence = `The snapshot failed: ${errorMessage(failure)}`;
  return new TmpnetError(
    { code: "not-healthy", path: network.dir, nodeIDs: nodes.map(({ nodeID }) => nodeID) },
    `${sentence}\nand the nodes could not be started again: ${errorMessage(cause)}`,
    { cause, hint: "Start them with avx net restart" },
  );
}

function refuseRunning(network: Network, nodes: readonly TmpnetNode[]): void {
  const left = nodes.filter((node) => {
    const state = network.inspect(node);
    return state.status !== "stopped" || state.unproven.length > 0;
  });
  if (left.length === 0) return;
  const nodeIDs = left.map(({ nodeID }) => nodeID);
  const message = `${nodeIDs.join(", ")} may still run, and writes what is to be copied`;
  throw new TmpnetError({ code: "not-stopped", nodeIDs }, message, { hint: "Stop it first: avx net stop" });
}

/** @throws {SnapshotError} `outside`. */
function refuseStateOutside(network: Network): void {
  for (const { nodeID, dataDir, flags } of network.nodes) {
    for (const name of STATE_FLAGS) {
      const path = flags[name] ?? network.config.defaultFlags[name];
      if (path === undefined || isInside(network.dir, resolve(dataDir, path))) continue;
      const message = `${nodeID} keeps its state outside of the network, by the flag ${name}=${path}: it would be missing`;
      throw new SnapshotError({ code: "outside", what: name }, message);
    }
  }
}

/** Whether a path lies in a directory. */
export function isInside(directory: string, path: string): boolean {
  const way = relative(directory, path);
  return way !== "" && way !== ".." && !way.startsWith("../") && !isAbsolute(way);
}

/** Whether what a network names may be run without a question. */
function isMadeHere(network: Network, env: Env): boolean {
  try {
    return examineProvenance(network, { env }) === undefined;
  } catch {
    return false;
  }
}

/**
 * The programs that nodes run, other than avx.
 *
 * @param mayAsk Whether they may be run, to tell their version.
 */
async function programsOf(network: Network, mayAsk: boolean): Promise<SnapshotProgram[]> {
  const { ownNodes, ownProgram } = readOwnRecord(network.dir);
  const own = new Set([
    ownProgram,
    ownNodes ? network.config.defaultRuntimeConfig.process?.avalancheGoPath : undefined,
  ]);
  const programs = new Map<string, SnapshotProgram>();
  for (const { process } of [network.config.defaultRuntimeConfig, ...network.nodes.map((node) => node.runtimeConfig)]) {
    const path = process?.avalancheGoPath;
    if (!path || own.has(path) || programs.has(path)) continue;
    const { application } = mayAsk ? await askVersion(path) : {};
    programs.set(path, {
      path,
      ...(application === undefined ? {} : { version: application }),
      ...(process?.pluginDir ? { pluginDir: process.pluginDir } : {}),
    });
  }
  return [...programs.values()];
}
