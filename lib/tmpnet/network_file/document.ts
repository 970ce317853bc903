/**
 * JSON that a person has written: with comments, with commas at the end of lists, and with places to point at.
 *
 * @module
 */

import {
  findNodeAtLocation,
  getNodeValue,
  type Node,
  type ParseError,
  parseTree,
  printParseErrorCode,
} from "jsonc-parser";
import { TmpnetError } from "../errors.ts";

/** The way to a value: names of fields and numbers of items. */
export type Path = readonly (string | number)[];

/** Something wrong at a place. */
export interface Fault {
  readonly path: Path;
  readonly message: string;
  /** Where it stands in the text, where the path does not tell. */
  readonly offset?: number;
}

/** No network needs deeper lists; a stranger's file is not to use up the stack. */
const MAX_DEPTH = 100;

/** How many faults are told at a time. */
const MAX_FAULTS = 10;

/** A document and its text. */
export class JSONDocument {
  /** Numbers as JavaScript has them: {@link jsonOf} keeps them as they are written. */
  readonly value: unknown;
  readonly #path: string;
  readonly #text: string;
  readonly #root: Node;

  /**
   * @param path What the person knows the file by.
   * @throws {TmpnetError} `bad-file`, with the place of each mistake.
   */
  constructor(path: string, text: string) {
    this.#path = path;
    this.#text = text.replace(/^\uFEFF/, "");
    const depth = deepest(this.#text);
    if (depth > MAX_DEPTH) throw this.#error([`its lists are ${depth} deep, and ${MAX_DEPTH} are the most`]);
    const errors: ParseError[] = [];
    const root = parseTree(this.#text, errors, { allowTrailingComma: true });
    if (errors.length > 0) {
      throw this.#error(
        errors.map(
          ({ error, offset }) => `${this.#place(offset)}: ${SYNTAX[printParseErrorCode(error)] ?? "it is not JSON"}`,
        ),
      );
    }
    if (root === undefined) throw this.#error(["it is empty"]);
    this.#root = root;
    const faults = [...twice(root)];
    if (faults.length > 0) throw this.fail(faults);
    this.value = getNodeValue(root);
  }

  /** An error that tells of faults, each with its place and the way to it. */
  fail(faults: readonly Fault[]): TmpnetError {
    const placed = faults.map((fault) => ({ ...fault, offset: fault.offset ?? this.#nodeAt(fault.path).offset }));
    placed.sort((a, b) => a.offset - b.offset);
    return this.#error(
      placed.map(({ path, message, offset }) => {
        const way = path.length === 0 ? "" : `${formatPath(path)}: `;
        return `${this.#place(offset)}: ${way}${message}`;
      }),
    );
  }

  /** The JSON of a value without comments, with its numbers as they are written. */
  jsonOf(path: Path): string {
    return this.#json(this.#nodeAt(path));
  }

  /** A value, or where that is not there what would hold it. */
  #nodeAt(path: Path): Node {
    for (let length = path.length; length > 0; length--) {
      const node = findNodeAtLocation(this.#root, path.slice(0, length));
      if (node !== undefined) return node;
    }
    return this.#root;
  }

  #json({ type, children = [], offset, length, value }: Node): string {
    switch (type) {
      case "object":
        return `{${children.map(({ children: [name, content] = [] }) => `${JSON.stringify(name?.value)}:${content === undefined ? "null" : this.#json(content)}`).join(",")}}`;
      case "array":
        return `[${children.map((child) => this.#json(child)).join(",")}]`;
      case "number":
        return this.#text.slice(offset, offset + length);
      default:
        return JSON.stringify(value);
    }
  }

  #place(offset: number): string {
    const before = this.#text.slice(0, offset);
    const line = before.split("\n").length;
    return `${this.#path}:${line}:${offset - before.lastIndexOf("\n")}`;
  }

  #error(lines: readonly string[]): TmpnetError {
    const shown = lines.slice(0, MAX_FAULTS);
    const more = lines.length > shown.length ? [`and ${lines.length - shown.length} more`] : [];
    const message = `Cannot read ${this.#path}:${[...shown, ...more].map((line) => `\n  ${line}`).join("")}`;
    return new TmpnetError({ code: "bad-file", path: this.#path }, message);
  }
}

/** `subnets[0].chains[1].vmName` */
export function formatPath(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}

const SYNTAX: Readonly<Record<string, string>> = {
  InvalidSymbol: "there is a word that means nothing in JSON: texts stand in quotation marks",
  InvalidNumberFormat: "this is no number",
  PropertyNameExpected: "the name of a field is missing: names stand in quotation marks",
  ValueExpected: "a value is missing",
  ColonExpected: "a colon is missing",
  CommaExpected: "a comma is missing",
  CloseBraceExpected: "a closing brace is missing",
  CloseBracketExpected: "a closing bracket is missing",
  EndOfFileExpected: "there is more after the end",
  UnexpectedEndOfComment: "a comment has no end",
  UnexpectedEndOfString: "a text has no closing quotation mark",
  UnexpectedEndOfNumber: "this is no number",
  InvalidUnicode: "this is no character: four hexadecimal digits follow \\u",
  InvalidEscapeCharacter: "a text has a backslash before a character that needs none",
  InvalidCharacter: "a text has a control character in it",
};

/** Fields that are there twice: one of them would be lost. */
function* twice(node: Node, path: Path = []): Generator<Fault> {
  if (node.type === "array") {
    for (const [i, child] of (node.children ?? []).entries()) yield* twice(child, [...path, i]);
  }
  if (node.type !== "object") return;
  const seen = new Set<string>();
  for (const { children: [name, content] = [] } of node.children ?? []) {
    const field = String(name?.value);
    if (seen.has(field))
      yield { path: [...path, field], message: "this field is there twice", offset: name?.offset ?? 0 };
    seen.add(field);
    if (content !== undefined) yield* twice(content, [...path, field]);
  }
}

/** How deep brackets go, those in texts and comments left out. */
function deepest(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [token] of text.matchAll(/"(?:\\.|[^"\\\n])*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[[\]{}]/g)) {
    if (token === "[" || token === "{") most = Math.max(most, ++depth);
    else if (token === "]" || token === "}") depth--;
  }
  return most;
}
