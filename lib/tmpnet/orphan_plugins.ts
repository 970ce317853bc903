/**
 * Finds plugins whose node has ended: a virtual machine runs as a process of its own, in its node's session.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { PROCESS_CONTEXT_FILE_NAME } from "../platform/process_context.ts";
import { readJSONFile } from "./disk/files.ts";
import { CONFIG_FILE, FLAGS_FILE } from "./disk/layout.ts";
import { madeAt, realPathOf, writtenAt } from "./disk/network_dirs.ts";
import { beganIn, directoriesIn, nodeCommandOf, type Orphan, type Scope, type Search } from "./orphan_search.ts";
import type { ProcessDetails } from "./runtime/process_details.ts";
import type { ProcessInfo } from "./runtime/process_table.ts";
import { START_TOLERANCE_MS } from "./runtime/proof.ts";
import { readSpawnRecord } from "./runtime/spawn_record.ts";

/** What avalanchego tells a plugin where to find it by (upstream `vms/rpcchainvm/runtime`). */
const PLUGIN_VARIABLE = "AVALANCHE_VM_RUNTIME_ENGINE_ADDR";

/** Looks for plugins without a node. */
export function orphanPlugins(search: Search): Orphan[] {
  const ended = endedNodes(search);
  const found: Orphan[] = [];
  // The process of a plugin is called by its path alone.
  for (const info of search.table.list(
    (commandLine) => commandLine.startsWith("/") && nodeCommandOf(commandLine) === undefined,
  )) {
    const details = search.details(info.pid);
    if (details?.uid !== search.uid || details.session === undefined) continue;
    if (!details.environment.has(PLUGIN_VARIABLE) || search.table.read(details.session) !== undefined) continue;
    const orphan = ofEndedNode(info, details.session, ended) ?? ofLostNode(info, details, search);
    if (orphan !== undefined) found.push(orphan);
  }
  return found;
}

/** A node that is no more, as its directory has it. */
interface EndedNode {
  readonly dataDir: string;
  /** The process that it was: the session of its plugins, which no other process gets as its pid while they run. */
  readonly pid: number;
  /** It began before this, in milliseconds since 1970-01-01 UTC, and not long before. */
  readonly begunAt: number;
  readonly pluginDir: string;
}

function endedNodes({ scope, table }: Search): EndedNode[] {
  return scope
    .networks()
    .flatMap(nodeDirectories)
    .flatMap((dataDir): EndedNode[] => {
      const record = readSpawnRecord(dataDir);
      const { pid: written } = readObject(join(dataDir, PROCESS_CONTEXT_FILE_NAME));
      const pid = record?.process?.pid ?? (typeof written === "number" ? written : undefined);
      const pluginDir = readObject(join(dataDir, FLAGS_FILE))["plugin-dir"];
      if (pid === undefined || typeof pluginDir !== "string" || table.read(pid) !== undefined) return [];
      const begunAt = record?.spawnedAt ?? madeAt(dirname(dataDir)) ?? writtenAt(join(dataDir, FLAGS_FILE));
      return [{ dataDir, pid, begunAt, pluginDir }];
    });
}

function ofEndedNode(info: ProcessInfo, session: number, ended: readonly EndedNode[]): Orphan | undefined {
  const node = ended.find(({ pid }) => pid === session);
  if (node === undefined) return undefined;
  const isPlugin =
    info.commandLine.startsWith(`${realPathOf(node.pluginDir)}${sep}`) ||
    info.commandLine.startsWith(`${node.pluginDir}${sep}`);
  const proven = isPlugin && info.startedAt >= node.begunAt - START_TOLERANCE_MS;
  return { kind: "lost-plugin", process: info, dataDir: node.dataDir, proven };
}

/** A plugin works in the directory of its node, where avx has started that. */
function ofLostNode(info: ProcessInfo, details: ProcessDetails, { scope }: Search): Orphan | undefined {
  for (const file of details.files) {
    const dataDir = dataDirOf(file, scope);
    if (dataDir === undefined || existsSync(join(dataDir, CONFIG_FILE))) continue;
    return { kind: "lost-plugin", process: info, dataDir, proven: beganIn(dirname(dataDir), info) };
  }
  return undefined;
}

/** The data directory that a path lies in, judged by its name. */
function dataDirOf(path: string, { networkOf }: Scope): string | undefined {
  const networkDir = networkOf(path);
  const [name] = networkDir === undefined ? [] : path.slice(networkDir.length + 1).split(sep);
  return networkDir !== undefined && name?.startsWith("NodeID-") ? join(networkDir, name) : undefined;
}

function nodeDirectories(networkDir: string): string[] {
  return directoriesIn(networkDir).filter((dir) => basename(dir).startsWith("NodeID-"));
}

function readObject(path: string): Record<string, unknown> {
  try {
    return readJSONFile(path) ?? {};
  } catch {
    return {};
  }
}
