/**
 * How it is said that a node failed: its name, its own words, where to read on.
 *
 * @module
 */

import { join } from "node:path";
import { type LastWords, TmpnetError } from "./errors.ts";
import type { RuntimeNode } from "./runtime/contract.ts";

/**
 * A node ended before it was healthy.
 *
 * @param trouble Why, in words that follow "it": `ended with exit code 1`.
 */
export function nodeDied(node: RuntimeNode, trouble: string, lastWords: LastWords): TmpnetError {
  const { nodeID } = node;
  const said = lastWords.fatal === undefined ? `it ${trouble}` : "it logged FATAL";
  return new TmpnetError(
    { code: "node-died", nodeID, lastWords },
    quoting(`${nodeID} did not start: ${said}`, lastWords),
    hintFor(node),
  );
}

/**
 * A node did not get as far as it should in time.
 *
 * @param lacking What it still lacks, one thing a line.
 */
export function nodeUnhealthy(
  node: RuntimeNode,
  sentence: string,
  lacking: readonly string[],
  lastWords: LastWords,
): TmpnetError {
  const { nodeID } = node;
  const facts = lacking.map((reason) => `\n  ${reason}`).join("");
  return new TmpnetError(
    { code: "unhealthy", nodeID, lastWords },
    quoting(`${nodeID} ${sentence}${facts}`, lastWords),
    hintFor(node),
  );
}

function hintFor({ dataDir }: RuntimeNode): { hint: string } {
  return { hint: `Its logs are in ${join(dataDir, "logs")}` };
}

function quoting(message: string, { fatal, tails }: LastWords): string {
  const lines = [message];
  if (fatal !== undefined) lines.push(`  ${fatal}`);
  for (const { path, lines: tail } of tails) {
    lines.push(`  the last lines of ${path}:`, ...tail.map((line) => `    ${line}`));
  }
  return lines.join("\n");
}
