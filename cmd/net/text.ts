/**
 * Text for terminals and pipes: colours where they are wanted, columns, lengths of time.
 *
 * @module
 */

import { wrap } from "../../lib/core/wrap.ts";
import { harmless } from "../../lib/tmpnet/logs/entry.ts";
import type { Output } from "../command.ts";

/** What a piece of text is about. */
export type Tone = "good" | "bad" | "wait" | "faint" | "strong";

const CODES: Readonly<Record<Tone, string>> = { good: "32", bad: "31", wait: "33", faint: "2", strong: "1" };

/** Colours a text where the output shows colours. */
export function paint(output: Pick<Output, "color">, tone: Tone, text: string): string {
  return output.color && text !== "" ? `\u001b[${CODES[tone]}m${text}\u001b[0m` : text;
}

/** A cell of a table: its text, of one line whatever is in it, and its tone where it has one. */
export type Cell = string | readonly [tone: Tone, text: string];

/**
 * Lays out rows in columns, two spaces between them; the last column is as wide as it is.
 *
 * @returns One line for each row, each with its line end.
 */
export function columns(output: Pick<Output, "color">, rows: readonly (readonly Cell[])[], indent = ""): string {
  return linesOf(output, rows, indent).join("");
}

/**
 * {@link columns}; on a terminal that is too narrow for them, what a row begins with stands in a line of its own, and
 * the rest of the row below it: node IDs are long, and a terminal that breaks lines itself breaks them anywhere.
 */
export function foldingColumns(output: Output, rows: readonly (readonly Cell[])[], indent = ""): string {
  const widths = widthsOf(rows);
  const width = indent.length + widths.reduce((sum, each) => sum + each, 2 * (widths.length - 1));
  if (!output.isTTY || width <= output.columns) return columns(output, rows, indent);
  const rest = linesOf(
    output,
    rows.map((row) => row.slice(1)),
    `${indent}  `,
  );
  return rows.map((row, i) => columns(output, [row.slice(0, 1)], indent) + rest[i]).join("");
}

function linesOf(output: Pick<Output, "color">, rows: readonly (readonly Cell[])[], indent: string): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) => {
    const cells = row.map((cell, i) => {
      const text = textOf(cell);
      const padding = i === row.length - 1 ? "" : " ".repeat((widths[i] as number) - text.length);
      return (typeof cell === "string" ? text : paint(output, cell[0], text)) + padding;
    });
    return `${`${indent}${cells.join("  ")}`.trimEnd()}\n`;
  });
}

function widthsOf(rows: readonly (readonly Cell[])[]): number[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, textOf(cell).length);
  }
  return widths;
}

function textOf(cell: Cell): string {
  return oneLine(typeof cell === "string" ? cell : cell[1]);
}

/** Text of a directory that anybody may have made, fit to stand in a line of a terminal. */
export function oneLine(text: string): string {
  return harmless(text).replaceAll("\n", "\\n").replaceAll("\t", " ");
}

/**
 * A text in lines that fit a terminal, broken between words; in a pipe it stays one line.
 *
 * @param indent How many columns stand before it: further lines begin with as many spaces.
 */
export function wrapped(output: Pick<Output, "isTTY" | "columns">, text: string, indent: number): string {
  const width = output.columns - indent;
  if (!output.isTTY || width < MIN_WRAP_WIDTH) return text;
  return wrap(text, width).join(`\n${" ".repeat(indent)}`);
}

/** In less than this, in columns, lines are too short to be read. */
const MIN_WRAP_WIDTH = 20;

/** `1.4 s`, `2 min 5 s`, `3 h 20 min`, `4 d 2 h`. */
export function lengthOfTime(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 1 : 0)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  const hours = Math.floor(minutes / 60);
  return hours < 24 ? `${hours} h ${minutes % 60} min` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `812 B`, `3.4 MB`, `1.2 GB`: decimal units, as disks are sold. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  let value = bytes;
  let unit = 0;
  for (; value >= 999.5 && unit < UNITS.length - 1; unit++) value /= 1_000;
  return `${value < 9.95 ? value.toFixed(1) : Math.round(value)} ${UNITS[unit]}`;
}

const UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `1 node`, `5 nodes`. */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
