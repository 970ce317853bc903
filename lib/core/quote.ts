/**
 * Strings in quotes the way Go prints them, so that error texts can be compared with upstream's.
 *
 * What is not printable is escaped: a quoted text stays on its line and cannot move a terminal's cursor.
 *
 * @module
 */

const ESCAPES: Readonly<Record<string, string>> = {
  "\x07": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
  "\\": "\\\\",
};

/** Letters, marks, numbers, punctuation, symbols and the ASCII space: Go's `strconv.IsPrint`. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;

/**
 * Puts a text in quotes as Go's `strconv.Quote` does.
 *
 * @example
 * ```ts
 * quote("a\n"); // '"a\\n"' with the quotes
 * ```
 */
export function quote(text: string): string {
  return wrap(text, '"');
}

/** Puts one character in single quotes as Go's `strconv.QuoteRune` does. */
export function quoteCharacter(character: string): string {
  return wrap(character, "'");
}

function wrap(text: string, mark: string): string {
  let quoted = mark;
  for (const character of text) {
    quoted += character === mark ? `\\${mark}` : (ESCAPES[character] ?? escaped(character));
  }
  return quoted + mark;
}

function escaped(character: string): string {
  if (PRINTABLE.test(character)) return character;
  const code = character.codePointAt(0) as number;
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code < 0x1_0000 ? `\\u${code.toString(16).padStart(4, "0")}` : `\\U${code.toString(16).padStart(8, "0")}`;
}
