/**
 * JSON as tmpnet writes its files: two spaces, maps sorted by key, no line end at the end.
 *
 * @module
 */

import { formatGoJSON, type GoJSONValue } from "../../platform/go_json/format.ts";
import { type JSONNode, parseGoJSON } from "../../platform/go_json/parse.ts";

/** Upstream's `DefaultJSONMarshal`. */
export const INDENT = "  ";

/** A JSON object that Go holds as a map: its keys are written sorted. */
export type JSONMap = Readonly<Record<string, GoJSONValue>>;

/** The text of a file; objects keep the order of their fields. */
export function formatFile(value: GoJSONValue): string {
  return formatGoJSON(value, INDENT);
}

/**
 * Reads a file's text; whole numbers that JavaScript would round are bigints.
 *
 * @throws {GoJSONError} with Go's words.
 */
export function parseFile(text: string): GoJSONValue {
  return fromNode(parseGoJSON(text));
}

function fromNode({ kind, raw, text = "", items = [], entries = [] }: JSONNode): GoJSONValue {
  switch (kind) {
    case "null":
      return null;
    case "bool":
      return raw === "true";
    case "string":
      return text;
    case "number":
      return /^-?\d+$/.test(raw) && !Number.isSafeInteger(Number(raw)) ? BigInt(raw) : Number(raw);
    case "array":
      return items.map(fromNode);
    case "object":
      return Object.fromEntries(entries.map(([name, node]) => [name, fromNode(node)]));
  }
}

/**
 * A value with the keys of all its objects sorted, as Go writes maps.
 *
 * @example
 * ```ts
 * formatGoJSON(sortedMap({ b: 1, a: { d: 2, c: 3 } })); // '{"a":{"c":3,"d":2},"b":1}'
 * ```
 */
export function sortedMap(map: JSONMap): JSONMap {
  const entries = Object.entries(map).map(([key, value]) => [key, sorted(value)] as const);
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** A sorted map, or `undefined` when it is empty: a field with `omitempty`. */
export function sortedUnlessEmpty(map: JSONMap): JSONMap | undefined {
  return Object.keys(map).length === 0 ? undefined : sortedMap(map);
}

function sorted(value: GoJSONValue): GoJSONValue {
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? value.map(sorted) : sortedMap(value as JSONMap);
}
