/**
 * JSON written the way Go's `encoding/json` writes it, byte for byte.
 *
 * @module
 */

/**
 * A value as `json.Marshal` or `json.MarshalIndent` writes it: bigints as exact numbers; `<`, `>`, `&` and the two line
 * separators escaped.
 *
 * @param indent What each level is indented by; where it is empty, all is on one line.
 */
export function formatGoJSON(value: GoJSONValue, indent = ""): string {
  return format(value, indent, indent === "" ? "" : "\n");
}

/** What can be written. */
export type GoJSONValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly GoJSONValue[]
  | { readonly [name: string]: GoJSONValue | undefined };

function format(value: GoJSONValue, indent: string, line: string): string {
  if (typeof value === "string") return formatString(value);
  if (typeof value !== "object" || value === null) return String(value);
  const inner = line === "" ? "" : line + indent;
  const isArray = Array.isArray(value);
  const parts = isArray
    ? value.map((item) => format(item, indent, inner))
    : Object.entries(value as Readonly<Record<string, GoJSONValue | undefined>>).flatMap(([name, field]) =>
        field === undefined ? [] : [`${formatString(name)}:${line === "" ? "" : " "}${format(field, indent, inner)}`],
      );
  const [open, close] = isArray ? "[]" : "{}";
  if (parts.length === 0) return `${open}${close}`;
  return `${open}${inner}${parts.join(`,${inner}`)}${line}${close}`;
}

const HTML: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

function formatString(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(/[<>&\u2028\u2029]/g, (character) => HTML[character] as string);
}
