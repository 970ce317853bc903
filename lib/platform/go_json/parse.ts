/**
 * JSON read the way Go's `encoding/json` reads it: exact numbers, Go's verdicts and Go's error texts.
 *
 * Amounts in a genesis exceed 2^53, which `JSON.parse` would round. What comes out is a tree of nodes that keep what
 * was written; `decode.ts` makes values of them.
 *
 * @module
 */

import { quoteCharacter } from "../../core/quote.ts";
import { GoJSONError } from "./errors.ts";

/** A value and where it stands in the text. */
export interface JSONNode {
  readonly kind: "null" | "bool" | "number" | "string" | "array" | "object";
  /** The value as it is written. */
  readonly raw: string;
  /** What a string says. */
  readonly text?: string;
  /** What an array holds. */
  readonly items?: readonly JSONNode[];
  /** What an object holds, in its order, names repeated if they are. */
  readonly entries?: readonly (readonly [name: string, value: JSONNode])[];
}

/** Go's limit on nesting. */
const MAX_DEPTH = 10_000;

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WHITESPACE = /[ \t\r\n]*/y;
const SPACE = 0x20;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HEX_DIGIT = /[0-9a-fA-F]/;

/**
 * Reads a text.
 *
 * @throws {GoJSONError} `syntax`, with Go's text.
 */
export function parseGoJSON(text: string): JSONNode {
  const reader = new Reader(text);
  const node = reader.value();
  reader.end();
  return node;
}

/**
 * Reads the first value of a text, whatever follows it, as Go's `json.Decoder` does.
 *
 * @throws {GoJSONError} `syntax`, with the decoder's text: `EOF` where there is nothing.
 */
export function parseFirstGoJSON(text: string): JSONNode {
  if (/^[ \t\r\n]*$/.test(text)) throw new GoJSONError({ code: "syntax" }, "EOF");
  try {
    return new Reader(text).value();
  } catch (error) {
    if (!(error instanceof GoJSONError) || error.message !== END_OF_INPUT) throw error;
    throw new GoJSONError({ code: "syntax" }, "unexpected EOF");
  }
}

const END_OF_INPUT = "unexpected end of JSON input";

/** An object or array that is not finished. */
interface Container {
  readonly isObject: boolean;
  /** Where it begins. */
  readonly start: number;
  readonly items: JSONNode[];
  readonly entries: [string, JSONNode][];
  /** Of the value that comes next, in an object. */
  name: string;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  end(): void {
    this.#skipSpace();
    if (this.#at < this.#text.length) throw this.#unexpected("after top-level value");
  }

  /** One value. What is open is kept in a list, because a stranger's nesting must not use up the stack. */
  value(): JSONNode {
    const open: Container[] = [];
    for (;;) {
      this.#skipSpace();
      const next = this.#text[this.#at];
      let node = next === "{" || next === "[" ? this.#open(open, next === "{") : this.#scalar();
      // What is finished goes into what holds it, which may be finished by it.
      while (node !== undefined) {
        const container = open.at(-1);
        if (container === undefined) return node;
        node = this.#add(container, node) ? this.#close(open) : undefined;
      }
    }
  }

  /** @returns The container, where it is empty and thus finished. */
  #open(open: Container[], isObject: boolean): JSONNode | undefined {
    if (open.length === MAX_DEPTH) throw this.#unexpected("exceeded max depth");
    const container: Container = { isObject, start: this.#at++, items: [], entries: [], name: "" };
    open.push(container);
    this.#skipSpace();
    if (this.#text[this.#at] === (isObject ? "}" : "]")) {
      this.#at++;
      return this.#close(open);
    }
    if (isObject) container.name = this.#name();
    return undefined;
  }

  /** @returns Whether the container is finished. */
  #add(container: Container, node: JSONNode): boolean {
    const { isObject, items, entries, name } = container;
    if (isObject) entries.push([name, node]);
    else items.push(node);

    this.#skipSpace();
    const next = this.#text[this.#at];
    const end = isObject ? "}" : "]";
    if (next !== "," && next !== end) {
      throw this.#unexpected(isObject ? "after object key:value pair" : "after array element");
    }
    this.#at++;
    if (next === end) return true;
    if (isObject) container.name = this.#name();
    return false;
  }

  #close(open: Container[]): JSONNode {
    const { isObject, start, items, entries } = open.pop() as Container;
    const raw = this.#text.slice(start, this.#at);
    return isObject ? { kind: "object", raw, entries } : { kind: "array", raw, items };
  }

  /** A name and the colon behind it. */
  #name(): string {
    this.#skipSpace();
    if (this.#text[this.#at] !== '"') throw this.#unexpected("looking for beginning of object key string");
    const name = this.#string().text as string;
    this.#skipSpace();
    if (this.#text[this.#at] !== ":") throw this.#unexpected("after object key");
    this.#at++;
    return name;
  }

  #scalar(): JSONNode {
    switch (this.#text[this.#at]) {
      case '"':
        return this.#string();
      case "t":
        return this.#word("true", "bool");
      case "f":
        return this.#word("false", "bool");
      case "n":
        return this.#word("null", "null");
      case undefined:
        throw unexpectedEnd();
      default:
        return this.#number();
    }
  }

  #string(): JSONNode {
    const start = this.#at++;
    let escaped = false;
    for (;;) {
      this.#skipPlain();
      const next = this.#text[this.#at];
      if (next === '"') break;
      if (next === undefined) throw unexpectedEnd();
      if (next !== "\\") throw this.#unexpected("in string literal");
      escaped = true;
      this.#escape();
    }
    const raw = this.#text.slice(start, ++this.#at);
    return { kind: "string", raw, text: escaped ? readEscapes(raw) : raw.slice(1, -1).toWellFormed() };
  }

  /** Passes what has no end, no escape and no control character. */
  #skipPlain(): void {
    for (; this.#at < this.#text.length; this.#at++) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE || code === BACKSLASH || code < SPACE) return;
    }
  }

  #escape(): void {
    const letter = this.#text[++this.#at];
    if (letter === undefined || !'"\\/bfnrtu'.includes(letter)) throw this.#unexpected("in string escape code", true);
    this.#at++;
    if (letter !== "u") return;
    for (let i = 0; i < 4; i++, this.#at++) {
      if (!HEX_DIGIT.test(this.#text[this.#at] ?? "")) {
        throw this.#unexpected("in \\u hexadecimal character escape", true);
      }
    }
  }

  #word(word: string, kind: "bool" | "null"): JSONNode {
    for (let i = 1; i < word.length; i++) {
      this.#at++;
      if (this.#text[this.#at] !== word[i]) throw this.#unexpected(`in literal ${word} (expecting '${word[i]}')`, true);
    }
    this.#at++;
    return { kind, raw: word };
  }

  #number(): JSONNode {
    NUMBER.lastIndex = this.#at;
    const raw = NUMBER.exec(this.#text)?.[0];
    if (raw === undefined) {
      if (this.#text[this.#at] !== "-") throw this.#unexpected("looking for beginning of value");
      this.#at++;
      throw this.#unexpected("in numeric literal", true);
    }
    this.#at += raw.length;
    this.#afterNumber(raw);
    return { kind: "number", raw };
  }

  /** A fraction or exponent that was begun must have digits. */
  #afterNumber(raw: string): void {
    const next = this.#text[this.#at];
    if (next === "." && !/[.eE]/.test(raw)) {
      this.#at++;
      throw this.#unexpected("after decimal point in numeric literal", true);
    }
    if ((next === "e" || next === "E") && !/[eE]/.test(raw)) {
      this.#at++;
      if (/[+-]/.test(this.#text[this.#at] ?? "")) this.#at++;
      throw this.#unexpected("in exponent of numeric literal", true);
    }
  }

  #skipSpace(): void {
    if (this.#text.charCodeAt(this.#at) > SPACE) return;
    WHITESPACE.lastIndex = this.#at;
    WHITESPACE.test(this.#text);
    this.#at = WHITESPACE.lastIndex;
  }

  /**
   * @param inside Whether a space would be wrong here too: Go takes the end of the text for one, and names the space.
   */
  #unexpected(context: string, inside = false): GoJSONError {
    const character = this.#text.codePointAt(this.#at);
    if (character === undefined && !inside) return unexpectedEnd();
    // Go reads bytes, so that only the first one of a character's UTF-8 is named.
    const byte = Buffer.from(String.fromCodePoint(character ?? SPACE))[0] as number;
    return new GoJSONError({ code: "syntax" }, `invalid character ${quoteByte(byte)} ${context}`);
  }
}

function quoteByte(byte: number): string {
  if (byte === 0x27) return "'\\''";
  if (byte === 0x22) return "'\"'";
  return quoteCharacter(String.fromCharCode(byte));
}

function unexpectedEnd(): GoJSONError {
  return new GoJSONError({ code: "syntax" }, END_OF_INPUT);
}

/** Halves of surrogate pairs become U+FFFD, as in Go. */
function readEscapes(raw: string): string {
  return (JSON.parse(raw) as string).toWellFormed();
}
