/**
 * One entry of a node's log: a line of avalanchego's, in its plain form or as JSON, and the lines that belong to it.
 *
 * What nodes log may hold strangers' words: an entry is kept as it was read, and made fit for a terminal by
 * {@link entryText}.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import { type LineLevel, LOG_LEVELS } from "../../core/log.ts";

/** What a node said at one moment. */
export interface LogEntry {
  /** Milliseconds since 1970-01-01 UTC. */
  readonly time: number;
  readonly nodeID: NodeID;
  /** The file that it stands in, such as `main.log`, `C.log` or `stdio.log`; of one put aside, the name it had. */
  readonly log: string;
  /** Absent for what is no line of a log: what a process printed as it died. */
  readonly level?: LineLevel;
  /** Such as `C Chain`; empty for the node's own. */
  readonly logger: string;
  /** Where in the code it was said, such as `node/node.go:160`; empty where it is not told. */
  readonly file: string;
  /** The rest of its first line, fields included, and the lines that follow it, such as a stack trace. */
  readonly said: string;
}

/** A line's beginning, taken apart; its time is still text. */
export interface LineHead {
  readonly level: LineLevel;
  readonly logger: string;
  readonly file: string;
  readonly said: string;
}

/** A line of the JSON form: its time says the year and the zone. */
export interface JSONHead extends LineHead {
  readonly time: number;
}

/** `[01-02|15:04:05.000] LEVEL <logger> caller message`, colours left out. */
const PLAIN_HEAD =
  /^\[(\d\d-\d\d\|\d\d:\d\d:\d\d\.\d{3})\] (FATAL|ERROR|WARN|INFO|TRACE|DEBUG|VERBO)\b *(?:<([^>]{0,128})> )?(?:([^\s:]{1,200}:\d+) ?)?(.*)$/s;

/** The colours that avalanchego's display form has. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const COLORS = /\u001b\[[0-9;]*m/g;

/** Takes a line of the plain form apart; `undefined` for any other line. */
export function parsePlainHead(line: string): (LineHead & { readonly stamp: string }) | undefined {
  if (line.charCodeAt(0) !== 0x5b && line.charCodeAt(0) !== 0x1b) return undefined;
  const plain = line.includes("\u001b") ? line.slice(0, 256).replace(COLORS, "") + line.slice(256) : line;
  const match = PLAIN_HEAD.exec(plain);
  if (match === null) return undefined;
  const [, stamp = "", level = "", logger = "", file = "", said = ""] = match;
  return { stamp, level: level.toLowerCase() as LineLevel, logger, file, said };
}

/** Takes a line of the JSON form apart; `undefined` for any other line. */
export function parseJSONHead(line: string): JSONHead | undefined {
  if (!line.startsWith('{"')) return undefined;
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(line);
  } catch {
    return undefined;
  }
  const { level, timestamp, logger = "", caller = "", msg, stacktrace, ...fields } = json;
  const time = typeof timestamp === "string" ? parseISO(timestamp) : Number.NaN;
  if (!isLineLevel(level) || Number.isNaN(time) || typeof msg !== "string") return undefined;
  const facts = Object.keys(fields).length === 0 ? "" : ` ${JSON.stringify(fields)}`;
  const trace = typeof stacktrace === "string" ? `\n${stacktrace}` : "";
  return { time, level, logger: bare(String(logger)), file: String(caller), said: `${msg}${facts}${trace}` };
}

/** Zap writes the zone without a colon: `2026-11-21T06:17:09.123+0100`. */
function parseISO(text: string): number {
  return Date.parse(text.replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
}

function bare(logger: string): string {
  return logger.replace(/^<(.*)>$/, "$1");
}

function isLineLevel(value: unknown): value is LineLevel {
  return value !== "off" && LOG_LEVELS.includes(value as LineLevel);
}

/** An entry's message apart from its fields, as far as they can be told. */
export interface EntryDetails {
  /** Further lines included. */
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/**
 * Takes the fields off an entry's message: JSON at the end of the first line, or the C-Chain's `name=value`.
 *
 * @example
 * ```ts
 * entryDetails({ said: 'reconnected {"peers": 4}' }); // { message: "reconnected", fields: { peers: 4 } }
 * ```
 */
export function entryDetails({ said }: Pick<LogEntry, "said">): EntryDetails {
  const end = said.indexOf("\n");
  const [first, rest] = end < 0 ? [said, ""] : [said.slice(0, end), said.slice(end)];
  const json = trailingJSON(first) ?? trailingPairs(first);
  return json === undefined
    ? { message: said, fields: {} }
    : { message: `${json.message.trimEnd()}${rest}`, fields: json.fields };
}

/** How many braces may stand in a message before its fields: each is tried. */
const MAX_TRIES = 8;

function trailingJSON(line: string): EntryDetails | undefined {
  if (!line.endsWith("}")) return undefined;
  let at = line.startsWith('{"') ? 0 : line.indexOf(' {"');
  for (let tries = 0; at >= 0 && tries < MAX_TRIES; tries++, at = line.indexOf(' {"', at + 1)) {
    try {
      return { message: line.slice(0, at), fields: JSON.parse(line.slice(at)) };
    } catch {
      // That brace was the message's own.
    }
  }
  return undefined;
}

/** The C-Chain pads its message with blanks, and writes names and values as text. */
function trailingPairs(line: string): EntryDetails | undefined {
  const match = /^(.*?\S) {2,}(?=(?:"[^"=]+"|[^\s"=]+)=)(.*)$/.exec(line);
  if (match === null) return undefined;
  const [, message = "", text = ""] = match;
  const fields: Record<string, unknown> = {};
  for (const [, quoted, bareName, quotedValue, value] of text.matchAll(
    /(?:"((?:[^"\\]|\\.)*)"|([^\s"=]+))=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g,
  )) {
    fields[quoted ?? bareName ?? ""] = quotedValue === undefined ? value : quotedValue.replace(/\\(.)/g, "$1");
  }
  return { message, fields };
}

/** Terminal controls (C0, DEL, C1), line separators, and marks that change the direction of reading. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HARMFUL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * Makes a node's words fit for a terminal: its colours are taken out, and what else moves the cursor or turns the
 * direction of reading is written as an escape. Tabs and line ends stay.
 */
export function harmless(text: string): string {
  const plain = text.includes("\u001b") ? text.replace(COLORS, "") : text;
  return plain.replace(HARMFUL, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** All of an entry but its time and level, fit for a terminal; further lines included. */
export function entryText({ logger, file, said }: Pick<LogEntry, "logger" | "file" | "said">): string {
  return harmless(`${logger === "" ? "" : `<${logger}> `}${file === "" ? "" : `${file} `}${said}`);
}
