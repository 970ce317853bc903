/**
 * `avx net logs`: what the nodes of a network log, as one stream.
 *
 * @module
 */

import { Option } from "commander";
import { type LineLevel, LOG_LEVELS } from "../../lib/core/log.ts";
import { parseMoment } from "../../lib/tmpnet/age.ts";
import { entryDetails, entryText, type LogEntry } from "../../lib/tmpnet/logs/entry.ts";
import { networkLogs } from "../../lib/tmpnet/logs/network_logs.ts";
import { readStoppable } from "../../lib/tmpnet/read.ts";
import type { CommandContext, Output, RegisterCommand } from "../command.ts";
import { UsageError } from "../errors.ts";
import type { LogLine } from "../json_documents.ts";
import { NODE_HELP, refusedAsUsage } from "./node_options.ts";
import { addNetworkOptions, findNetwork, type WhichNetwork } from "./options.ts";

/** How much of the past `--follow` begins with, unless it is told. */
const FOLLOW_TAIL = 20;

/** How many characters of a node's ID stand before its lines, at least. */
const LABEL_CHARACTERS = 6;

interface LogsOptions extends WhichNetwork {
  readonly node: readonly string[];
  readonly chain: readonly string[];
  readonly follow?: boolean;
  readonly grep?: RegExp;
  readonly since?: number;
  readonly level?: LineLevel;
  readonly tail?: number;
  readonly color: boolean;
  readonly json?: boolean;
}

export const registerLogs: RegisterCommand = (group, context) => {
  const many = (value: string, values: readonly string[]) => [...values, value];
  addNetworkOptions(group.command("logs").description("Show what nodes log, all together in the order of time."))
    .addOption(new Option("--node <id>", `${NODE_HELP}; may be repeated`).default([], "all nodes").argParser(many))
    .addOption(
      new Option("--chain <name>", "a chain's log, by alias or ID; main is the node's own; may be repeated")
        .default([], "all logs")
        .argParser(many),
    )
    .addOption(new Option("-f, --follow", "go on with what comes, until Ctrl-C"))
    .addOption(new Option("--grep <regex>", "only entries in which this is found").argParser(parsePattern))
    .addOption(
      new Option(
        "--since <time>",
        "nothing earlier: 5m or 7d, which is that long ago, 14:30, or 2026-11-21T14:30:00Z",
      ).argParser(parseSince),
    )
    .addOption(new Option("--level <level>", "nothing quieter: fatal, error, warn, info, …").argParser(parseLevel))
    .addOption(
      new Option(
        "-n, --tail <count>",
        `the last so many (with --follow: ${FOLLOW_TAIL}, unless --since says more)`,
      ).argParser(parseTail),
    )
    .option("--no-color", "without colours, also on a terminal")
    .addOption(new Option("--json", "print entries as JSON, one object a line"))
    .action((options: LogsOptions) => refusedAsUsage(() => logs(options, context)));
};

async function logs(options: LogsOptions, context: CommandContext): Promise<void> {
  const { stdout } = context;
  const dir = findNetwork(options, context);
  const gone = new AbortController();
  using _ = stdout.watchReader?.(() => gone.abort());
  const signal = AbortSignal.any([context.signal, gone.signal]);
  const show = options.json ? jsonLine : textLines(dir, stdout, options.color && stdout.color);
  const { node, chain, follow, grep, since, level } = options;
  const tail = options.tail ?? (follow && since === undefined ? FOLLOW_TAIL : undefined);
  const wanted = { nodes: node, chains: chain, follow, grep, since, level, tail, signal };
  for await (const entries of networkLogs(dir, wanted)) {
    stdout.write(entries.map(show).join(""));
    if ((await stdout.drained?.()) === false || signal.aborted) return;
  }
}

/** An entry as a line of JSON. */
function jsonLine(entry: LogEntry): string {
  const { time, nodeID, level = null, logger, file, log } = entry;
  const { message, fields } = entryDetails(entry);
  const at = new Date(time).toISOString();
  const line: LogLine = { time: at, node: nodeID, level, logger, file, message, fields, log };
  return `${JSON.stringify(line)}\n`;
}

/** Bright enough on black and on white. */
const NODE_COLORS = ["36", "35", "34", "32", "33", "96", "95", "94", "92", "93"];

const LEVEL_COLORS: Readonly<Record<LineLevel, string>> = {
  fatal: "1;31",
  error: "31",
  warn: "33",
  info: "32",
  trace: "2",
  debug: "2",
  verbo: "2",
};

/** How much of a line a terminal shows, in characters: a node logs its whole configuration in one of 50,000. */
const MAX_TERMINAL_LINE = 1_000;

/** Entries as avalanchego writes them; where there are several nodes, each line begins with whose it is. */
function textLines(dir: string, { isTTY }: Output, color: boolean): (entry: LogEntry) => string {
  const { nodes } = readStoppable(dir);
  const labels = new Map<string, string>();
  const width = labelWidth(nodes.map(({ nodeID }) => bareID(nodeID)));
  const paint = (code: string, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  const labelOf = (nodeID: string) => {
    let label = labels.get(nodeID);
    if (label === undefined) {
      const text = bareID(nodeID).slice(0, width);
      label = nodes.length < 2 ? "" : `${paint(NODE_COLORS[labels.size % NODE_COLORS.length] as string, text)} `;
      labels.set(nodeID, label);
    }
    return label;
  };
  for (const { nodeID } of nodes) labelOf(nodeID);
  return (entry) => {
    const label = labelOf(entry.nodeID);
    const { level } = entry;
    const kind = level === undefined ? paint("31", entry.log) : paint(LEVEL_COLORS[level], level.toUpperCase());
    const lines = entryText(entry).split("\n");
    const [first = "", ...more] = isTTY ? lines.map(cutLine) : lines;
    const quiet = color && (level === "debug" || level === "verbo" || level === "trace");
    const rest = more.map((line) => `${label}  ${line}\n`).join("");
    return `${label}${paint("2", `[${stamp(entry.time)}]`)} ${kind} ${quiet ? paint("2", first) : first}\n${rest}`;
  };
}

function cutLine(line: string): string {
  if (line.length <= MAX_TERMINAL_LINE) return line;
  return `${line.slice(0, MAX_TERMINAL_LINE)}… (${line.length - MAX_TERMINAL_LINE} more characters; a pipe shows them)`;
}

function bareID(nodeID: string): string {
  return nodeID.replace(/^NodeID-/, "");
}

/** As many characters as tell all nodes apart. */
function labelWidth(ids: readonly string[]): number {
  const all = new Set(ids).size;
  for (let width = LABEL_CHARACTERS; width < 40; width++) {
    if (new Set(ids.map((id) => id.slice(0, width))).size === all) return width;
  }
  return 40;
}

function stamp(ms: number): string {
  const t = new Date(ms);
  const two = (n: number) => String(n).padStart(2, "0");
  const time = `${two(t.getHours())}:${two(t.getMinutes())}:${two(t.getSeconds())}`;
  return `${two(t.getMonth() + 1)}-${two(t.getDate())}|${time}.${String(t.getMilliseconds()).padStart(3, "0")}`;
}

function parsePattern(text: string): RegExp {
  try {
    return new RegExp(text, "u");
  } catch {
    try {
      return new RegExp(text);
    } catch (cause) {
      throw new UsageError(`--grep "${text}" is no regular expression`, { cause });
    }
  }
}

function parseSince(text: string): number {
  const moment = parseMoment(text, Date.now());
  if (moment !== undefined) return moment;
  throw new UsageError(`--since "${text}" is no time`, {
    hint: "Write it as 5m, 2h, 7d, 14:30 or 2026-11-21T14:30:00Z",
  });
}

function parseLevel(text: string): LineLevel {
  const level = text.toLowerCase();
  const levels = LOG_LEVELS.filter((each) => each !== "off");
  if ((levels as readonly string[]).includes(level)) return level as LineLevel;
  throw new UsageError(`--level must be one of ${levels.join(", ")}, not "${text}"`);
}

function parseTail(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new UsageError(`--tail must be a whole number, not "${text}"`);
}
