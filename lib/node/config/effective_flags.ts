/**
 * Every flag with the value that it has, for an operator to look at: no secret is among them.
 *
 * @module
 */

import { formatDuration } from "../../core/duration.ts";
import type { GoJSONValue } from "../../platform/go_json/format.ts";
import type { Settings } from "./settings.ts";
import { FLAG_NAMES, type FlagName, flagSpec } from "./table.ts";

/** Headers are how one proves who one is. */
const HEADERS: ReadonlySet<FlagName> = new Set(["tracing-headers"]);
const HIDDEN = "(hidden)";

/**
 * The value of each flag as a configuration file would hold it: durations as `1m30s`, paths with their variables
 * replaced. What a file would hold is named by its length, headers and passwords within a URI are hidden.
 */
export function effectiveFlags(settings: Settings): Readonly<Record<string, GoJSONValue>> {
  return Object.fromEntries(FLAG_NAMES.map((name) => [name, effective(settings, name)]));
}

function effective(settings: Settings, name: FlagName): GoJSONValue {
  const value: unknown = settings.get(name);
  const { content, type } = flagSpec(name);
  if (content === true) return value === "" ? "" : `(${String(value).length} characters)`;
  if (HEADERS.has(name)) return Object.fromEntries(Object.keys(value as object).map((header) => [header, HIDDEN]));
  if (type === "duration") return formatDuration(value as number);
  if (typeof value !== "string") return value as GoJSONValue;
  return withoutPassword(value.startsWith("$") ? settings.expanded(name) : value);
}

/** `https://user:password@host` without what stands before the host. */
function withoutPassword(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${HIDDEN}@`);
}
