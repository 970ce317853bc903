/**
 * Log lines in avalanchego's three forms (upstream `utils/logging/format.go`).
 *
 * ```text
 * [11-21|06:17:09.123] INFO <P Chain> node/node.ts:40 initializing node {"nodeID": "NodeID-…"}
 * {"level":"info","timestamp":"2026-11-21T06:17:09.123Z","logger":"P Chain","caller":"node/node.ts:40","msg":"…"}
 * ```
 *
 * @module
 */

import type { LineLevel, LogFields } from "../../core/log.ts";
import { breakFatal, escapeText, toJSONText } from "./escape.ts";

/** How lines are written. */
export type LineFormat = "plain" | "colors" | "json";

/** All that a line says. */
export interface Line {
  readonly level: LineLevel;
  /** Wall time, milliseconds since 1970-01-01 UTC. */
  readonly timeMs: number;
  /** The name of the logger, such as `P Chain`; empty for the node's own. */
  readonly logger: string;
  /** Where in the code it was said, such as `node/node.ts:40`. */
  readonly caller: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** ANSI colours by level (upstream `utils/logging/color.go`). */
const COLORS: Readonly<Record<LineLevel, string>> = {
  fatal: "\u001b[0;31m",
  error: "\u001b[0;33m",
  warn: "\u001b[1;33m",
  info: "\u001b[0;0m",
  trace: "\u001b[1;35m",
  debug: "\u001b[1;34m",
  verbo: "\u001b[1;32m",
};
const RESET = "\u001b[0;0m";

/** A whole line, with its end. */
export function formatLine(line: Line, format: LineFormat): string {
  const text = format === "json" ? jsonLine(line) : consoleLine(line, format === "colors");
  return `${text}\n`;
}

function consoleLine(line: Line, colors: boolean): string {
  const level = line.level.toUpperCase();
  const head = `[${consoleTime(line.timeMs)}] ${colors ? `${COLORS[line.level]}${level}${RESET}` : level}`;
  const logger = line.logger === "" ? "" : ` <${line.logger}>`;
  const said = `${logger} ${line.caller} ${escapeText(line.message)}${consoleFields(line.fields)}`;
  return head + (line.level === "fatal" ? said : breakFatal(said));
}

function consoleFields(fields: LogFields): string {
  const parts = present(fields).map(([key, value]) => `${toJSONText(key)}: ${toJSONText(value, true)}`);
  return parts.length === 0 ? "" : ` {${parts.join(", ")}}`;
}

function jsonLine(line: Line): string {
  const parts: [string, unknown][] = [
    ["level", line.level],
    ["timestamp", isoTime(line.timeMs)],
    ...(line.logger === "" ? [] : ([["logger", line.logger]] as [string, unknown][])),
    ["caller", line.caller],
    ["msg", line.message],
    ...present(line.fields),
  ];
  const text = `{${parts.map(([key, value]) => `${toJSONText(key)}:${toJSONText(value)}`).join(",")}}`;
  return line.level === "fatal" ? text : breakFatal(text);
}

function present(fields: LogFields): [string, unknown][] {
  return Object.entries(fields).filter(([, value]) => value !== undefined);
}

/** `01-02|15:04:05.000` in local time. */
function consoleTime(timeMs: number): string {
  const t = new Date(timeMs);
  const date = `${pad(t.getMonth() + 1)}-${pad(t.getDate())}`;
  return `${date}|${pad(t.getHours())}:${pad(t.getMinutes())}:${pad(t.getSeconds())}.${pad(t.getMilliseconds(), 3)}`;
}

/** `2006-01-02T15:04:05.000Z0700` in local time. */
function isoTime(timeMs: number): string {
  const offset = -new Date(timeMs).getTimezoneOffset();
  const local = new Date(timeMs + offset * 60_000).toISOString().slice(0, -1);
  if (offset === 0) return `${local}Z`;
  const minutes = Math.abs(offset);
  return `${local}${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}${pad(minutes % 60)}`;
}

function pad(value: number, width = 2): string {
  return String(value).padStart(width, "0");
}
