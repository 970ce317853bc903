/**
 * Yes and no as Go's tools read them.
 *
 * @module
 */

const YES = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const NO = new Set(["0", "f", "F", "FALSE", "false", "False"]);

/** Reads a text as Go's `strconv.ParseBool` does; `undefined` for what is neither. */
export function parseGoBool(text: string): boolean | undefined {
  if (YES.has(text)) return true;
  return NO.has(text) ? false : undefined;
}
