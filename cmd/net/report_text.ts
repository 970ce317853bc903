/**
 * A network's report as text, and as the JSON document that says the same.
 *
 * @module
 */

import { quoted } from "../../lib/core/program.ts";
import type { NetworkReport } from "../../lib/tmpnet/report.ts";
import type { CommandContext } from "../command.ts";
import { commandFor } from "./options.ts";
import { columns, counted, foldingColumns, lengthOfTime, paint } from "./text.ts";

/**
 * Prints what a developer needs next.
 *
 * @param tookMs From the beginning of the command to the last healthy node, in milliseconds.
 */
export function printReport(report: NetworkReport, tookMs: number, json: boolean, context: CommandContext): void {
  const next = ["net status", "net stop"].map((words) => commandFor(words, report.dir, context));
  if (json) {
    const document = { ...report, healthy: true, tookMs: Math.round(tookMs), next };
    context.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  context.stdout.write(reportText(report, tookMs, next, context));
}

function reportText(
  report: NetworkReport,
  tookMs: number,
  next: readonly string[],
  { stdout }: CommandContext,
): string {
  const { nodes, cChain, fundedKey } = report;
  const head = (text: string) => `\n${paint(stdout, "strong", text)}\n`;
  const healthy = paint(stdout, "good", "healthy");
  let text = `\n${counted(nodes.length, "node")} ${healthy} after ${lengthOfTime(tookMs)}: ${report.dir}\n`;

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
