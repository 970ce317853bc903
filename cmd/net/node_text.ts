/**
 * Some nodes of a network, as text and as JSON.
 *
 * @module
 */

import type { Network } from "../../lib/tmpnet/network.ts";
import { reportNodes } from "../../lib/tmpnet/report.ts";
import type { CommandContext } from "../command.ts";
import type { NodesDocument } from "../json_documents.ts";
import { foldingColumns, paint } from "./text.ts";

/**
 * Prints where nodes are.
 *
 * @param names As `Network.node` takes them.
 */
export function printNodes(network: Network, names: readonly string[], json: boolean, context: CommandContext): void {
  const { stdout } = context;
  const wanted = new Set(names.map((name) => network.node(name).dataDir));
  const running = reportNodes(network).filter(({ dataDir }) => wanted.has(dataDir));
  const stopped = [...wanted].filter((dir) => !running.some(({ dataDir }) => dataDir === dir));
  if (json) {
    const document: NodesDocument = { dir: network.dir, nodes: running, stopped };
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  if (running.length > 0) {
    const titles = ["NODE ID", "URI", "STAKING ADDRESS", "PID"].map((title) => ["faint", title] as const);
    const rows = running.map(({ nodeID, uri, stakingAddress, pid }) => [nodeID, uri, stakingAddress, String(pid)]);
    stdout.write(foldingColumns(stdout, [titles, ...rows]));
  }
  for (const dir of stopped) stdout.write(`${paint(stdout, "faint", "not running")} ${dir}\n`);
}
