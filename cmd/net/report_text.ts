/**
 * A network's report as text, and as the JSON document that says the same.
 *
 * @module
 */

import type { NodeID } from "../../lib/core/ids/node_id.ts";
import { quoted } from "../../lib/core/program.ts";
import type { NetworkReport } from "../../lib/tmpnet/report.ts";
import type { CommandContext } from "../command.ts";
import type { StartDocument } from "../json_documents.ts";
import { commandFor } from "./options.ts";
import { columns, counted, foldingColumns, lengthOfTime, paint } from "./text.ts";

/** How a start of nodes went. */
export interface StartOutcome {
  /** From the beginning of the command to its last node, in milliseconds. */
  readonly tookMs: number;
  /** Nodes that were seen to be healthy: those that nobody waited for are none of them. */
  readonly healthy: ReadonlySet<NodeID>;
}

/** Prints what a developer needs next. */
export function printReport(
  report: NetworkReport,
  { tookMs, healthy: seen }: StartOutcome,
  json: boolean,
  context: CommandContext,
): void {
  const healthy = report.nodes.every(({ nodeID }) => seen.has(nodeID));
  const words = healthy ? ["net status", "net stop"] : ["net wait", "net status", "net stop"];
  const next = words.map((each) => commandFor(each, report.dir, context));
  if (json) {
    const document: StartDocument = { ...report, healthy, tookMs: Math.round(tookMs), next };
    context.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  const how = healthy ? paint(context.stdout, "good", "healthy") : paint(context.stdout, "wait", "started");
  context.stdout.write(reportText(report, `${how} after ${lengthOfTime(tookMs)}`, next, context));
}

function reportText(report: NetworkReport, how: string, next: readonly string[], { stdout }: CommandContext): string {
  const { nodes, cChain, fundedKey } = report;
  const head = (text: string) => `\n${paint(stdout, "strong", text)}\n`;
  let text = `\n${counted(nodes.length, "node")} ${how}: ${report.dir}\n`;

  text += head("Nodes");
  text += foldingColumns(
    stdout,
    [
      ["NODE ID", "URI", "STAKING ADDRESS", "PID"].map((title) => ["faint", title] as const),
      ...nodes.map(({ nodeID, uri, stakingAddress, pid }) => [nodeID, uri, stakingAddress, String(pid)]),
    ],
    "  ",
  );

  text += head("C-Chain");
  text +=
    cChain === undefined
      ? "  none: these nodes run no chains; with --avalanchego-path they would\n"
      : columns(
          stdout,
          [
            ["RPC URL", cChain.rpcURL],
            ["websocket", cChain.websocketURL],
            ["chain ID", String(cChain.chainID)],
            ["blockchain ID", cChain.blockchainID],
          ],
          "  ",
        );

  if (fundedKey !== undefined) {
    text += head("Funded key");
    text += columns(
      stdout,
      [
        ["hex", fundedKey.privateKeyHex],
        ["CB58", fundedKey.privateKey],
        ["X-Chain", fundedKey.xChainAddress],
        ["P-Chain", fundedKey.pChainAddress],
        ["C-Chain", fundedKey.cChainAddress],
        ["more", `${counted(report.fundedKeyCount, "key")} in ${report.dir}/config.json`],
      ],
      "  ",
    );
  }

  text += head("Use it from this shell, by one of these");
  for (const [name, value] of Object.entries(report.env)) text += `  export ${name}=${quoted(value)}\n`;
  text += `  source ${quoted(report.envFile)}\n`;
  text += head("Next");
  return text + next.map((command) => `  ${command}\n`).join("");
}
