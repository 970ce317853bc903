/**
 * What a failing test can say of its network: how it is, and what its nodes have logged.
 *
 * @module
 */

import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { errorMessage } from "../../core/errors.ts";
import { FILE_MODE, makeDirectory, writeFileWhole } from "../disk/files.ts";
import { entryText } from "../logs/entry.ts";
import { networkLogs } from "../logs/network_logs.ts";
import type { Network } from "../network.ts";
import { type NetworkStatus, networkStatus } from "../status.ts";
import { reasonsOf } from "../wait.ts";

/** Names the directory that reports are saved in; CI keeps it as an artifact. */
export const TEST_REPORTS_ENV = "AVX_TEST_REPORTS";

/** How many lines a failing test shows: the last ones that nodes warn with. */
const SHOWN_LINES = 10;

/** How much is shown of a line, in characters: a health report of avalanchego has thousands. */
const SHOWN_LENGTH = 240;

/** Where a report is saved. */
export interface NetworkReportOptions {
  /** @default What `AVX_TEST_REPORTS` names; without it nothing is saved. */
  readonly directory?: string | undefined;
}

/**
 * Does something with a network; where that fails, the error tells how the network is and what its nodes warned of last.
 *
 * @param work A test's.
 * @returns What `work` returns.
 * @throws What `work` throws, with more to its message.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * await withNetworkReport(network, async () => {
 *   if (network.nodeUris().length !== 2) throw new Error("a node is missing");
 * });
 * ```
 */
export async function withNetworkReport<T>(
  network: Network,
  work: () => T | Promise<T>,
  { directory = process.env[TEST_REPORTS_ENV] }: NetworkReportOptions = {},
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error) error.message += await told(network, directory);
    throw error;
  }
}

/**
 * Saves how a network is, and the logs of all its nodes as one, merged by time.
 *
 * @param directory Made where it is not there.
 * @returns The paths of the files.
 * @throws {TmpnetError} `unwritable`.
 *
 * @example
 * ```ts
 * import { mkdtemp } from "node:fs/promises";
 * import { tmpdir } from "node:os";
 * import { join } from "node:path";
 *
 * await using network = await Network.start({ nodeCount: 2 });
 * const paths = await saveNetworkReport(network, await mkdtemp(join(tmpdir(), "report-")));
 * ```
 */
export async function saveNetworkReport(network: Network, directory: string): Promise<readonly string[]> {
  makeDirectory(directory);
  const [status, logs] = [join(directory, "status.json"), join(directory, "logs.txt")];
  writeFileWhole(status, `${JSON.stringify(await networkStatus(network), null, 2)}\n`, { durable: false });
  const fd = openSync(logs, "w", FILE_MODE);
  try {
    for await (const line of lines(network, {})) writeSync(fd, `${line}\n`);
  } finally {
    closeSync(fd);
  }
  return [status, logs];
}

/** Never throws: what went wrong first is what counts. */
async function told(network: Network, directory: string | undefined): Promise<string> {
  const parts = [`\n\nThe network is ${network.dir}`];
  try {
    const status: NetworkStatus = await networkStatus(network);
    parts.push(...(status.healthy ? ["All its nodes are well"] : reasonsOf(status)));
    // A node may log the same in several of its files.
    const warnings = new Set<string>();
    for await (const line of lines(network, { level: "warn", tail: SHOWN_LINES })) warnings.add(shortened(line));
    if (warnings.size > 0) parts.push("Its nodes warned of this last:", ...warnings);
    if (directory) {
      const paths = await saveNetworkReport(network, join(directory, network.uuid));
      parts.push(`More is in ${paths.join(" and ")}`);
    }
  } catch (error) {
    parts.push(`More cannot be found out: ${errorMessage(error)}`);
  }
  return parts.join("\n  ");
}

function shortened(line: string): string {
  return line.length > SHOWN_LENGTH ? `${line.slice(0, SHOWN_LENGTH)}…` : line;
}

async function* lines(network: Network, options: Parameters<typeof networkLogs>[1]): AsyncGenerator<string> {
  for await (const entries of networkLogs(network.dir, options)) {
    for (const entry of entries) yield `${entry.nodeID} ${entry.level ?? ""} ${entryText(entry)}`;
  }
}
