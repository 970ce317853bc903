/**
 * The files by which Prometheus and Promtail find nodes: one each for every node that runs.
 *
 * Source: upstream `tests/fixture/tmpnet/process_runtime.go` `writeMonitoringConfig`.
 *
 * @module
 */

import { existsSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { systemErrorCode } from "../../core/errors.ts";
import { makeDirectory, readTextFile, unwritable, writeFileWhole } from "../disk/files.ts";
import { formatFile, sortedMap } from "../disk/json.ts";
import type { Env } from "../disk/layout.ts";
import { removeLeftoversIn } from "../disk/leftovers.ts";
import { TmpnetError } from "../errors.ts";
import { type Labels, type MonitoredNetwork, type MonitoredNode, nodeLabels } from "./labels.ts";
import { type CollectorName, serviceDiscoveryDir } from "./layout.ts";

const COLLECTORS: readonly CollectorName[] = ["prometheus", "promtail"];

/**
 * Tells collectors of a node.
 *
 * @param uri The node's API, such as `http://127.0.0.1:9650`.
 * @throws {TmpnetError} `unwritable`, or `bad-file` for a UUID that cannot be a part of a file's name.
 */
export function writeServiceDiscovery(network: MonitoredNetwork, node: MonitoredNode, uri: string, env: Env): void {
  const labels = nodeLabels(network, node, env);
  const logs = join(node.dataDir, "logs", "*.log");
  write("prometheus", network, node, uri.replace(/^http:\/\//, ""), labels, env);
  write("promtail", network, node, "localhost", { ...labels, __path__: logs }, env);
}

/**
 * Tells collectors no more of a node. One that they were not told of is no fault.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function removeServiceDiscovery({ uuid }: MonitoredNetwork, { nodeID }: MonitoredNode, env: Env): void {
  if (!isFileNamePart(uuid)) return;
  for (const name of COLLECTORS) remove(join(serviceDiscoveryDir(name, env), fileName(uuid, nodeID)));
}

/**
 * Tells collectors no more of all nodes whose data lie, or lay, in a network's directory. A copy of the network that
 * lies elsewhere has the same UUID, and stays.
 *
 * @param networkDir Its real path; it may be gone.
 * @throws {TmpnetError} `unwritable`.
 */
export function removeServiceDiscoveryOf(networkDir: string, env: Env): void {
  removeWhere((logs) => logs.startsWith(`${networkDir}/`), env);
  clearServiceDiscovery(env);
}

/** Clears away what commands that were killed have left unfinished where collectors are told of nodes. */
export function clearServiceDiscovery(env: Env): void {
  for (const name of COLLECTORS) removeLeftoversIn(serviceDiscoveryDir(name, env));
}

/**
 * Tells collectors no more of nodes whose directories are gone: whoever removed them did not say so.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function removeLostServiceDiscovery(env: Env): void {
  removeWhere((logs) => !existsSync(dirname(dirname(logs))), env);
}

/** @param isUnwanted Asked with where a node's logs are: `<data dir>/logs/*.log`. */
function removeWhere(isUnwanted: (logs: string) => boolean, env: Env): void {
  const directory = serviceDiscoveryDir("promtail", env);
  for (const file of namesIn(directory)) {
    const logs = logsOf(join(directory, file));
    if (logs === undefined || !isUnwanted(logs)) continue;
    for (const name of COLLECTORS) remove(join(serviceDiscoveryDir(name, env), file));
  }
}

/** Where the logs are that a file tells of; `undefined` for a file that nobody here wrote. */
function logsOf(path: string): string | undefined {
  if (!/_NodeID-[^/]*\.json$/.test(path)) return undefined;
  try {
    const logs: unknown = JSON.parse(readTextFile(path) ?? "")?.[0]?.labels?.__path__;
    return typeof logs === "string" ? logs : undefined;
  } catch {
    return undefined;
  }
}

function write(
  name: CollectorName,
  { uuid }: MonitoredNetwork,
  { nodeID }: MonitoredNode,
  target: string,
  labels: Labels,
  env: Env,
): void {
  const directory = serviceDiscoveryDir(name, env);
  const path = join(directory, fileName(uuid, nodeID));
  if (!isFileNamePart(uuid)) {
    const message = `The UUID "${uuid}" cannot be a part of a file's name, so ${name} is not told of ${nodeID}`;
    throw new TmpnetError({ code: "bad-file", path }, message);
  }
  makeDirectory(directory);
  writeFileWhole(path, formatFile([sortedMap({ labels, targets: [target] })]));
}

function fileName(uuid: string, nodeID: string): string {
  return `${uuid}_${nodeID}.json`;
}

/** A network's directory may come from anybody. */
function isFileNamePart(uuid: string): boolean {
  return /^[\w.-]*$/.test(uuid);
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    if (systemErrorCode(error) === "ENOENT") return [];
    throw unwritable(directory, error);
  }
}

function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (error) {
    throw unwritable(path, error);
  }
}
