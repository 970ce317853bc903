/**
 * Text and JSON into the values of flags.
 *
 * The command line is read as Go's pflag reads it. The environment and configuration files are read as viper does,
 * where a duration without a unit is nanoseconds; what viper silently turns into zero is an error here.
 *
 * @module
 */

import { parseDuration } from "../../core/duration.ts";
import type { FlagKind } from "./flag.ts";

/** A value that was understood, or what it should have been. */
export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly expected: string };

/** What a value should look like, for the sentence that refuses another. */
const EXPECTED: Readonly<Record<FlagKind, string>> = {
  amount: "a whole number from 0 to 18446744073709551615",
  bool: "true or false",
  duration: "a duration such as 30s, 500ms or 1h30m",
  float: "a number",
  int: "a whole number",
  ints: "whole numbers, comma separated",
  string: "a text",
  stringToString: "key=value pairs, comma separated",
  strings: "texts, comma separated",
  uint: "a whole number from 0",
  words: "words between blanks",
};

const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);
const MAX_UINT64 = (1n << 64n) - 1n;
const MAX_INT64 = (1n << 63n) - 1n;
const NANOSECONDS_PER_MS = 1_000_000;

/** Reads a value as it is written after `--flag=`. */
export function parseArgument(kind: FlagKind, text: string): Parsed {
  return understood(kind, fromText(kind, text));
}

/** Reads the value of an environment variable. */
export function parseEnvironment(kind: FlagKind, text: string): Parsed {
  return understood(kind, fromLooseText(kind, text));
}

/** Reads a value of a configuration file: the JSON type that fits, or a string as the environment would have it. */
export function parseJSONValue(kind: FlagKind, value: unknown): Parsed {
  if (typeof value === "string") return understood(kind, fromLooseText(kind, value));
  return understood(kind, fromJSON(kind, value));
}

function understood(kind: FlagKind, value: unknown): Parsed {
  return value === undefined ? { ok: false, expected: EXPECTED[kind] } : { ok: true, value };
}

function fromText(kind: FlagKind, text: string): unknown {
  switch (kind) {
    case "string":
      return text;
    case "words":
      return fields(text);
    case "bool":
      return TRUE.has(text) ? true : FALSE.has(text) ? false : undefined;
    case "duration":
      return parseDuration(text);
    case "float":
      return decimal(text);
    case "int":
      return safe(integer(text, -MAX_INT64 - 1n, MAX_INT64));
    case "uint":
      return safe(integer(text, 0n, MAX_UINT64));
    case "amount":
      return integer(text, 0n, MAX_UINT64);
    case "ints":
      return allInts(text.split(","));
    case "strings":
      return text === "" ? [] : csv(text);
    case "stringToString":
      // As pflag has it: with one sign of equality all that comes after it is the value, commas too.
      return text === "" ? {} : pairs(text.split("=").length === 2 ? [text] : csv(text));
  }
}

function fromLooseText(kind: FlagKind, text: string): unknown {
  switch (kind) {
    case "duration":
      return /^[-+]?\d+$/.test(text) ? Number(text) / NANOSECONDS_PER_MS : parseDuration(text);
    case "strings":
      return fields(text.replaceAll(",", " "));
    case "ints":
      return allInts(fields(text.replaceAll(",", " ")));
    case "int":
    case "uint":
    case "amount":
      return fromText(kind, text.trim().replace(/\.0+$/, ""));
    default:
      return fromText(kind, text);
  }
}

function fromJSON(kind: FlagKind, value: unknown): unknown {
  switch (kind) {
    case "string":
      return typeof value === "number" || typeof value === "boolean" ? String(value) : undefined;
    case "bool":
      return typeof value === "boolean" ? value : typeof value === "number" ? value !== 0 : undefined;
    case "duration":
      return typeof value === "number" ? value / NANOSECONDS_PER_MS : undefined;
    case "float":
      return typeof value === "number" ? value : undefined;
    case "int":
      return Number.isSafeInteger(value) ? value : undefined;
    case "uint":
      return Number.isSafeInteger(value) && (value as number) >= 0 ? value : undefined;
    case "amount":
      return Number.isInteger(value) && (value as number) >= 0 && BigInt(value as number) <= MAX_UINT64
        ? BigInt(value as number)
        : undefined;
    case "ints":
      return listOf("int", value);
    case "strings":
    case "words":
      return listOf("string", value);
    case "stringToString": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
      const texts = listOf("string", Object.values(value));
      return texts && Object.fromEntries(Object.keys(value).map((key, i) => [key, texts[i]]));
    }
  }
}

/** A Go integer literal: decimal, or hex, octal and binary by their prefix; digits may be grouped with `_`. */
function integer(text: string, min: bigint, max: bigint): bigint | undefined {
  const match = /^([-+]?)(0[xX][\da-fA-F_]+|0[oO][0-7_]+|0[bB][01_]+|[\d_]+)$/.exec(text);
  if (match === null) return undefined;
  const [, sign = "", literal = ""] = match;
  if ((sign !== "" && min === 0n) || /^_|__|_$/.test(literal)) return undefined;
  let digits = literal.replaceAll("_", "");
  // In Go a bare leading zero means octal.
  if (/^0\d/.test(digits)) digits = `0o${digits.slice(1)}`;
  if (/^0o.*[89]/.test(digits)) return undefined;
  const value = sign === "-" ? -BigInt(digits) : BigInt(digits);
  return value < min || value > max ? undefined : value;
}

function safe(value: bigint | undefined): number | undefined {
  if (value === undefined) return undefined;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : undefined;
}

function decimal(text: string): number | undefined {
  if (!/^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}

function allInts(texts: readonly string[]): readonly number[] | undefined {
  const values = texts.map((text) => safe(integer(text, -MAX_INT64 - 1n, MAX_INT64)));
  return values.includes(undefined) ? undefined : (values as number[]);
}

function fields(text: string): readonly string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** One line of comma separated values, where quotes may enclose commas. */
function csv(line: string): readonly string[] | undefined {
  const values: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",]*))(,|$)/y;
  for (;;) {
    const match = cell.exec(line);
    if (match === null) return undefined;
    values.push(match[1]?.replaceAll('""', '"') ?? match[2] ?? "");
    if (match[3] === "") return values;
  }
}

function pairs(cells: readonly string[] | undefined): Readonly<Record<string, string>> | undefined {
  const split = cells?.map((cell) => [cell.split("=", 1)[0] as string, cell.slice(cell.indexOf("=") + 1)] as const);
  return cells?.every((cell) => cell.includes("=")) ? Object.fromEntries(split ?? []) : undefined;
}

/** Each item of a JSON list as a value of its own: numbers may be texts, and texts numbers. */
function listOf(kind: "int" | "string", value: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items = value.map((item) => parseJSONValue(kind, item));
  return items.every((item) => item.ok) ? items.map((item) => item.value) : undefined;
}
