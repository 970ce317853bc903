/**
 * Strangers' words made harmless: nothing that a peer says can shape a log line.
 *
 * What moves the cursor, ends the line or turns the reading direction is written as an escape, long texts are cut, and
 * the word that marks a node's death is broken: tools read `main.log` for it.
 *
 * @module
 */

/** The longest text of one field, in characters. */
export const MAX_FIELD_CHARACTERS = 2_048;

/** Terminal controls (C0, DEL, C1), line separators, and marks that change the direction of reading. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** A text on one line: harmful characters are escaped as in JSON. */
export function escapeText(text: string): string {
  return cut(text).replace(HARMFUL, (c) => SHORT_ESCAPES[c] ?? unicodeEscape(c));
}

/**
 * Breaks the word FATAL, which only a line of that level may hold. Inside a JSON string it stays the same text to
 * whoever parses it.
 */
export function breakFatal(line: string): string {
  return line.includes("FATAL") ? line.replaceAll("FATAL", "FATA\\u004c") : line;
}

/**
 * A value as JSON on one line.
 *
 * Bigints become decimal strings, errors their message, bytes hex, sets and maps arrays and objects. What cannot be
 * written becomes a text that says so.
 *
 * @param spaced Put a blank after the comma of a list of plain values, as avalanchego's console lines have it.
 */
export function toJSONText(value: unknown, spaced = false): string {
  if (spaced && Array.isArray(value) && value.every(isPlain)) {
    return `[${value.map((item) => toJSONText(item)).join(", ")}]`;
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(value, replacer);
  } catch {
    text = '"(cannot be written)"';
  }
  return (text ?? "null").replace(HARMFUL, unicodeEscape);
}

function isPlain(value: unknown): boolean {
  return typeof value !== "object" || value === null;
}

function replacer(_key: string, value: unknown): unknown {
  if (typeof value === "string") return cut(value);
  if (typeof value === "bigint") return value.toString();
  if (typeof value === "function" || typeof value === "symbol") return String(value);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return cut(value.message);
  if (value instanceof Uint8Array) return cut(`0x${Buffer.from(value).toString("hex")}`);
  if (value instanceof Set) return [...value];
  if (value instanceof Map) return Object.fromEntries(value);
  return value;
}

function cut(text: string): string {
  if (text.length <= MAX_FIELD_CHARACTERS) return text;
  return `${text.slice(0, MAX_FIELD_CHARACTERS)}… (${text.length - MAX_FIELD_CHARACTERS} more)`;
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
