/**
 * How it is said that a node failed: its name, its own words, where to read on.
 *
 * @module
 */

import { join } from "node:path";
import { type LastWords, TmpnetError } from "./errors.ts";
import type { RuntimeNode } from "./runtime/contract.ts";
import { nodeArguments } from "./runtime/proof.ts";

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
    hintFor(node, lastWords),
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
    hintFor(node, lastWords),
  );
}

function hintFor({ dataDir, runtimeConfig }: RuntimeNode, { tails }: LastWords): { hint: string } {
  if (tails.length > 0) return { hint: `Its logs are in ${join(dataDir, "logs")}` };
  const program = runtimeConfig.process?.avalancheGoPath ?? "the program";
  return { hint: `It said nothing. To see for yourself, run ${program} ${nodeArguments(dataDir).join(" ")}` };
}

function quoting(message: string, { fatal, tails }: LastWords): string {
  const lines = [message];
  if (fatal !== undefined) lines.push(`  ${fatal}`);
  for (const { path, lines: all } of tails) {
    const tail = all.some((line) => isSaidBy(line, fatal)) ? [] : all.filter((line) => !isPartOf(line, fatal));
    if (tail.length > 0) lines.push(`  the last lines of ${path}:`, ...tail.map((line) => `    ${line}`));
  }
  return lines.join("\n");
}

/** Whether a quoted line says no more than the FATAL line above it. */
function isPartOf(line: string, fatal: string | undefined): boolean {
  return fatal?.startsWith(line.replace(/…$/, "")) === true;
}

/** Whether a node printed as it ended what its FATAL line says, too. */
function isSaidBy(line: string, fatal: string | undefined): boolean {
  const words = line.replace(/^avx: /, "");
  return line.startsWith("avx: ") && fatal?.replaceAll('\\"', '"').includes(words) === true;
}
