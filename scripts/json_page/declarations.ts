/**
 * Takes declarations of types out of source files, as a page shows them: what stands there, docstrings included,
 * without the words that mean nothing to who reads JSON.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";

/** One type, as a page shows it. */
export interface Declaration {
  readonly name: string;
  readonly text: string;
  /** Names of other types in it. */
  readonly uses: readonly string[];
}

/** A docstring, if any, and the beginning of an exported type. */
const DECLARATION = /(?:\/\*\*(?:(?!\*\/).)*\*\/\n)?export (?:interface|type) (\w+)/gs;

/** TypeScript's own. */
const BUILT_IN: ReadonlySet<string> = new Set(["Readonly", "Record"]);

/**
 * Reads the exported types of source files.
 *
 * @param files From the root.
 * @throws {Error} For a name that two of them have.
 */
export function readDeclarations(root: string, files: readonly string[]): ReadonlyMap<string, Declaration> {
  const found = new Map<string, Declaration>();
  for (const file of files) {
    const source = readFileSync(join(root, file), "utf8");
    for (const match of source.matchAll(DECLARATION)) {
      const name = match[1] ?? "";
      if (found.has(name)) throw new Error(`${file} has a type ${name}, and another file too`);
      found.set(name, declarationOf(name, source.slice(match.index, endOf(source, match.index + match[0].length))));
    }
  }
  return found;
}

function declarationOf(name: string, source: string): Declaration {
  const text = source
    .replace(/^export /m, "")
    .replace(/\breadonly /g, "")
    .replace(/\{@link (?:\w+\.)?(\w+)\}/g, "$1")
    .replace(/\bReadonly<(Record<[^<>]*>)>/g, "$1");
  const code = text.replace(/\/\*\*(?:(?!\*\/).)*\*\//gs, "").replace(/"[^"\n]*"/g, "");
  const uses = new Set(code.match(/\b[A-Z]\w*\b/g)?.filter((word) => word !== name && !BUILT_IN.has(word)));
  return { name, text: text.trimEnd(), uses: [...uses] };
}

/** Where the type ends that has its name before this place: after the brace or the semicolon that closes it. */
function endOf(source: string, from: number): number {
  const isInterface = /^[^={]*\{/.test(source.slice(from));
  let depth = 0;
  for (let at = from; at < source.length; at++) {
    if (source.startsWith("/**", at)) at = source.indexOf("*/", at) + 1;
    const sign = source[at];
    if (sign === "{") depth++;
    if (sign === "}" && --depth === 0 && isInterface) return at + 1;
    if (sign === ";" && depth === 0) return at + 1;
  }
  throw new Error(`a type does not end: ${source.slice(from - 40, from)}`);
}
