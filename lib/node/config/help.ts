/**
 * The flags as a page of help.
 *
 * @module
 */

import { formatDuration } from "../../core/duration.ts";
import { wrap } from "../../core/wrap.ts";
import type { FlagSpec } from "./flag.ts";
import { FLAG_NAMES, flagSpec } from "./table.ts";

/** Columns that names take at most; help of longer ones begins on the next line. */
const NAME_COLUMNS = 44;
const MIN_HELP_COLUMNS = 30;
const INDENT = "  ";

/**
 * The flags that work, under their headings, and then the names of those that are only taken.
 *
 * @param columns The width to fill.
 */
export function flagHelp(columns: number): string {
  const groups = new Map<string, FlagSpec[]>();
  const inert: string[] = [];
  for (const name of FLAG_NAMES) {
    const spec = flagSpec(name);
    if (spec.replacedBy !== undefined) continue;
    if (spec.inert === undefined) groups.set(spec.group, [...(groups.get(spec.group) ?? []), spec]);
    else inert.push(`--${name}`);
  }
  const sections = [...groups].map(
    ([heading, specs]) => `${heading}:\n${specs.map((spec) => entry(spec, columns)).join("")}`,
  );
  const names = wrap(inert.join(" "), columns - INDENT.length).map((line) => `${INDENT}${line}\n`);
  return [...sections, `Taken for avalanchego's sake, without effect:\n${names.join("")}`].join("\n");
}

function entry(spec: FlagSpec, columns: number): string {
  const name = `${INDENT}--${spec.name}${spec.type === "bool" ? "" : ` <${spec.type}>`}`;
  const width = Math.max(MIN_HELP_COLUMNS, columns - NAME_COLUMNS);
  const lines = wrap(describe(spec), width);
  const pad = " ".repeat(NAME_COLUMNS);
  const [first = "", ...rest] = lines;
  const head = name.length < NAME_COLUMNS - 1 ? name.padEnd(NAME_COLUMNS) + first : [name, pad + first].join("\n");
  return [head, ...rest.map((line) => pad + line)].map((line) => `${line}\n`).join("");
}

function describe(spec: FlagSpec): string {
  const notes: string[] = [];
  if (spec.unit !== undefined) notes.push(spec.unit);
  const shown = showDefault(spec);
  if (shown !== undefined) notes.push(`default ${shown}`);
  return notes.length === 0 ? spec.help : `${spec.help} (${notes.join("; ")})`;
}

/** A default as it would be written; `undefined` where there is nothing to show. */
export function showDefault({ kind, default: value }: FlagSpec): string | undefined {
  switch (kind) {
    case "duration":
      return formatDuration(value as number);
    case "strings":
    case "words":
      return (value as readonly string[]).join(",");
    case "bool":
      return value === true ? "true" : undefined;
    case "string":
      return value === "" ? undefined : String(value);
    case "ints":
    case "stringToString":
      return undefined;
    default:
      return String(value);
  }
}
