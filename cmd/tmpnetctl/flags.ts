/**
 * Flags as tmpnetctl reads and shows them: the manner of Go's pflag.
 *
 * @module
 */

import { AvxError } from "../../lib/core/errors.ts";
import { parseGoBool } from "../go_bool.ts";

/** A flag of tmpnetctl. */
export interface Flag {
  readonly name: string;
  readonly type: "string" | "bool" | "int" | "uint";
  readonly help: string;
  /** As it would be written; empty for none. */
  readonly default?: string;
}

/** What flags were given or default to, as text, by name. */
export type FlagValues = Readonly<Record<string, string>>;

/** A command line with its flags read. */
export interface ParsedFlags {
  readonly values: FlagValues;
  /** What is neither a flag nor a flag's value. */
  readonly words: readonly string[];
  /** Whether help was asked for. */
  readonly help: boolean;
}

/** A command line that cannot be understood, in the words of tmpnetctl. */
export class FlagError extends AvxError<{ code: "flag" }> {
  constructor(message: string) {
    super({ code: "flag" }, message);
  }
}

/**
 * Reads flags, wherever they stand.
 *
 * @throws {FlagError}
 */
export function parseFlags(flags: readonly Flag[], args: readonly string[]): ParsedFlags {
  const known = new Map(flags.map((flag) => [flag.name, flag]));
  const values: Record<string, string> = Object.fromEntries(flags.map((flag) => [flag.name, flag.default ?? ""]));
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === "--") {
      words.push(...args.slice(i + 1));
      break;
    }
    if (!isFlag(word)) {
      words.push(word);
      continue;
    }
    if (!word.startsWith("--")) {
      if (word.startsWith("-h")) return { values, words, help: true };
      throw new FlagError(`unknown shorthand flag: '${word[1]}' in ${word}`);
    }
    const [name, inline] = splitFlag(word);
    const flag = known.get(name);
    if (flag === undefined) {
      if (name === "help") return { values, words, help: true };
      throw new FlagError(`unknown flag: --${name}`);
    }
    const value = inline ?? (flag.type === "bool" ? "true" : args[++i]);
    if (value === undefined) throw new FlagError(`flag needs an argument: --${name}`);
    values[name] = checked(flag, value);
  }
  return { values, words, help: false };
}

/**
 * The first word that is no flag and no flag's value: the command. A flag whose kind is not known is taken to have a
 * value, as tmpnetctl does before it knows the command.
 *
 * @returns Its place; -1 when there is none.
 */
export function commandAt(args: readonly string[]): number {
  for (let i = 0; i < args.length; i++) {
    const word = args[i] as string;
    if (word === "--") return -1;
    if (!isFlag(word)) return word === "" ? -1 : i;
    const isAlone = word.includes("=") || word === "--help" || word === "-h" || /^-[^-]./.test(word);
    if (!isAlone) i++;
  }
  return -1;
}

/** Lines of help for flags, sorted by name. */
export function flagLines(flags: readonly Flag[], helpOf?: string): string {
  const lines = flags.map((flag): [name: string, head: string, help: string] => [
    flag.name,
    `      --${flag.name}${flag.type === "bool" ? "" : ` ${flag.type}`}`,
    `${flag.help}${defaultText(flag)}`,
  ]);
  if (helpOf !== undefined) lines.push(["help", "  -h, --help", `help for ${helpOf}`]);
  const width = Math.max(...lines.map(([, head]) => head.length));
  return lines
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, head, help]) => `${head.padEnd(width)}   ${help}\n`)
    .join("");
}

function isFlag(word: string): boolean {
  return word.startsWith("-") && word !== "-";
}

function splitFlag(word: string): [name: string, value: string | undefined] {
  const at = word.indexOf("=");
  return at < 0 ? [word.slice(2), undefined] : [word.slice(2, at), word.slice(at + 1)];
}

const PARSERS = { bool: "ParseBool", int: "ParseInt", uint: "ParseUint" } as const;

function checked({ name, type }: Flag, value: string): string {
  if (type === "string") return value;
  const isFit =
    type === "bool" ? parseGoBool(value) !== undefined : (type === "int" ? /^[+-]?\d+$/ : /^\d+$/).test(value);
  if (isFit) return value;
  const reason = `strconv.${PARSERS[type]}: parsing ${JSON.stringify(value)}: invalid syntax`;
  throw new FlagError(`invalid argument ${JSON.stringify(value)} for "--${name}" flag: ${reason}`);
}

function defaultText({ type, default: value = "" }: Flag): string {
  if (value === "" || value === "false" || value === "0") return "";
  return ` (default ${type === "string" ? JSON.stringify(value) : value})`;
}
