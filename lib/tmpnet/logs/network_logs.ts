/**
 * What the nodes of a network log, as one stream in the order of time.
 *
 * Files are read in pieces, from where they have to be: a log of many gigabytes costs no memory. Nodes may run, be
 * stopped, start anew, and be added meanwhile; their files may be put aside, emptied and removed.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { systemClock } from "../../core/clock.ts";
import { sleep } from "../../core/sleep.ts";
import { TmpnetError } from "../errors.ts";
import { findNodes } from "../node_names.ts";
import { readStoppable } from "../read.ts";
import type { RuntimeNode } from "../runtime/contract.ts";
import type { LogEntry } from "./entry.ts";
import { type EntryFilter, entryMatcher, isLogOfChain } from "./filter.ts";
import { type NodeLog, nodeLogs } from "./log_files.ts";
import { LogSource, type Wanted } from "./log_source.ts";
import { mergeByTime, sortByTime } from "./merge.ts";

/** How often logs are looked at for more, in milliseconds. */
export const FOLLOW_INTERVAL_MS = 200;

/** Every how many looks new nodes and new logs are looked for. */
const LOOKS_BETWEEN_SCANS = 5;

/** Which logs are read, and how far. */
export interface LogsOptions extends EntryFilter {
  /** Node IDs, beginnings of them, or places in the list of nodes, from 0. @default All nodes. */
  readonly nodes?: readonly string[] | undefined;
  /** Aliases or blockchain IDs, or beginnings of an ID; `main` is a node's own log. @default All logs. */
  readonly chains?: readonly string[] | undefined;
  /** Nothing earlier, in milliseconds since 1970-01-01 UTC. */
  readonly since?: number | undefined;
  /** The last so many of those that match, of all nodes together. */
  readonly tail?: number | undefined;
  /** Goes on with what comes, until the signal or the caller ends it. */
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads the logs of a network, in batches.
 *
 * Each log keeps its own order. While it follows, what comes at about the same time is put in order, too; an entry is
 * given once nothing has been added to it for {@link FOLLOW_INTERVAL_MS}.
 *
 * @param networkDir The network's directory; it may be of any network that tmpnet's tools understand.
 * @throws {TmpnetError} `no-network`; `option` for nodes and chains that are not there.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * for await (const entries of networkLogs(network.dir, { level: "warn", tail: 100 })) {
 *   for (const { nodeID, said } of entries) console.log(nodeID, said);
 * }
 * ```
 */
export async function* networkLogs(
  networkDir: string,
  options: LogsOptions = {},
  modules: { readonly clock?: Clock } = {},
): AsyncGenerator<readonly LogEntry[]> {
  const { clock = systemClock } = modules;
  const { chains = [], follow = false, signal, tail = Number.POSITIVE_INFINITY } = options;
  const { nodes } = readStoppable(networkDir);
  const chosen = findNodes(nodes, options.nodes ?? []);
  const sources = new Map<string, LogSource>();
  for (const { node, log } of logsOf(chosen, chains)) sources.set(log.path, new LogSource(node.nodeID, log));
  if (sources.size === 0 && chains.length > 0 && !follow) throw noSuchChain(chosen, chains);

  const matches = entryMatcher(options);
  const wanted: Wanted = { since: options.since ?? Number.NEGATIVE_INFINITY, tail, matches, signal };
  try {
    const history = mergeByTime([...sources.values()].map((source) => source.history(wanted)));
    if (tail === Number.POSITIVE_INFINITY) yield* untilAborted(history, signal);
    else yield await lastEntries(history, tail);

    const isAll = (options.nodes ?? []).length === 0;
    for (let look = 1; follow && !signal?.aborted; look++) {
      await sleep(clock, FOLLOW_INTERVAL_MS, signal);
      if (look % LOOKS_BETWEEN_SCANS === 0) addNewLogs(sources, isAll ? nodesNow(networkDir) : chosen, chains);
      const entries = [...sources.values()].flatMap((source) => source.poll());
      const some = sortByTime(entries.filter((entry) => entry.time >= wanted.since && matches(entry)));
      if (some.length > 0) yield some;
    }
  } finally {
    for (const source of sources.values()) source[Symbol.dispose]();
  }
}

async function* untilAborted(
  batches: AsyncGenerator<LogEntry[]>,
  signal: AbortSignal | undefined,
): AsyncGenerator<readonly LogEntry[]> {
  for await (const batch of batches) {
    if (signal?.aborted) return;
    yield batch;
  }
}

/** Each log gives no more than so many: all together are few. */
async function lastEntries(history: AsyncGenerator<LogEntry[]>, tail: number): Promise<readonly LogEntry[]> {
  const all: LogEntry[] = [];
  for await (const batch of history) all.push(...batch);
  return tail === 0 ? [] : all.slice(-tail);
}

function logsOf(
  nodes: readonly RuntimeNode[],
  chains: readonly string[],
): { readonly node: RuntimeNode; readonly log: NodeLog }[] {
  return nodes.flatMap((node) =>
    nodeLogs(node.dataDir)
      .filter(({ name }) => chains.length === 0 || isLogOfChain(name, chains))
      .map((log) => ({ node, log })),
  );
}

function addNewLogs(sources: Map<string, LogSource>, nodes: readonly RuntimeNode[], chains: readonly string[]): void {
  for (const { node, log } of logsOf(nodes, chains)) {
    if (!sources.has(log.path)) sources.set(log.path, new LogSource(node.nodeID, log));
  }
}

/** The nodes that are there; none while the network's directory is gone or being written. */
function nodesNow(networkDir: string): readonly RuntimeNode[] {
  try {
    return readStoppable(networkDir).nodes;
  } catch {
    return [];
  }
}

function noSuchChain(nodes: readonly RuntimeNode[], chains: readonly string[]): TmpnetError {
  const names = new Set(
    nodes.flatMap(({ dataDir }) => nodeLogs(dataDir)).map(({ name }) => name.replace(/\.log$/, "")),
  );
  const there = names.size === 0 ? "no logs yet" : `logs of ${[...names].join(", ")}`;
  return new TmpnetError(
    { code: "option", option: "chain" },
    `No log is that of ${chains.map((chain) => `"${chain}"`).join(" or ")}; there are ${there}`,
  );
}
