/**
 * Command-line arguments into flags, as Go's pflag takes them.
 *
 * @module
 */

import { nearestName } from "../../core/nearest_name.ts";
import { ConfigError } from "./errors.ts";
import { FLAG_NAMES, FLAGS, type FlagName, flagSpec, isFlagName } from "./table.ts";
import { parseArgument } from "./values.ts";

/** What a command line asks for. */
export interface CommandLine {
  /** The flags that were given, parsed. */
  readonly flags: ReadonlyMap<FlagName, unknown>;
  /** `--help` or `-h` was given. */
  readonly help: boolean;
}

/**
 * Reads the arguments of `avx node run`.
 *
 * `--flag=value` and `--flag value` are the same; a boolean flag stands alone or has `=true` or `=false`. A flag that
 * is given twice counts by its last value, and lists add up. `--` ends the flags.
 *
 * @throws {ConfigError} `unknown-flag`, `bad-syntax`, `missing-value` or `invalid-value`.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const flags = new Map<FlagName, unknown>();
  let help = false;
  for (let i = 0; i < args.length; i++) {
    const argument = args[i] as string;
    if (argument === "--") {
      if (i + 1 < args.length) throw unexpected(args[i + 1] as string);
      break;
    }
    if (argument === "-h" || argument === "--help") {
      help = true;
      continue;
    }
    const { name, inline } = splitFlag(argument);
    const { kind } = flagSpec(name);
    let text = inline;
    if (text === undefined && kind === "bool") text = "true";
    if (text === undefined) {
      text = args[++i];
      if (text === undefined) throw missingValue(name);
    }
    const parsed = parseArgument(kind, text);
    if (!parsed.ok) throw invalidArgument(name, text, parsed.expected);
    flags.set(name, isList(kind) ? joined(flags.get(name), parsed.value) : parsed.value);
  }
  return { flags, help };
}

/** The error for a flag that does not exist, with the nearest that does. */
export function unknownFlag(flag: string, where: string): ConfigError {
  const visible = FLAG_NAMES.filter((name) => flagSpec(name).replacedBy === undefined);
  const suggestion = nearestName(flag, visible);
  return new ConfigError({ code: "unknown-flag", flag, suggestion }, `unknown flag: ${where}`, {
    hint: suggestion === undefined ? SEE_HELP : `Did you mean --${suggestion}?`,
  });
}

const SEE_HELP = "avx node run --help shows all flags";

function splitFlag(argument: string): { name: FlagName; inline: string | undefined } {
  if (!argument.startsWith("-") || argument === "-") throw unexpected(argument);
  const [body = ""] = argument.replace(/^--?/, "").split("=", 1);
  if (!argument.startsWith("--")) {
    throw new ConfigError(
      { code: "bad-syntax", argument },
      `Flags begin with two dashes, and ${shown(argument)} does not`,
      {
        hint: isFlagName(body) ? `Write -${argument}` : SEE_HELP,
      },
    );
  }
  if (body === "" || body.startsWith("-")) {
    throw new ConfigError({ code: "bad-syntax", argument }, `${shown(argument)} names no flag`, {
      hint: SEE_HELP,
    });
  }
  if (!isFlagName(body)) throw unknownFlag(body, `--${body}`);
  const equals = argument.indexOf("=");
  return { name: body, inline: equals === -1 ? undefined : argument.slice(equals + 1) };
}

function unexpected(argument: string): ConfigError {
  const hint = isFlagName(argument) ? `Did you mean --${argument}?` : "Flags are written --flag=value";
  return new ConfigError({ code: "bad-syntax", argument }, `A node takes flags alone, and ${shown(argument)} is none`, {
    hint,
  });
}

function missingValue(name: FlagName): ConfigError {
  return new ConfigError({ code: "missing-value", flag: name }, `flag needs an argument: --${name}`, {
    hint: `Write --${name}=<${FLAGS[name].type}>`,
  });
}

function invalidArgument(name: FlagName, text: string, expected: string): ConfigError {
  return new ConfigError(
    { code: "invalid-value", flag: name, source: "flag" },
    `invalid argument ${flagSpec(name).content === true ? "" : `${shown(text)} `}for "--${name}" flag: it is ${expected}`,
  );
}

function isList(kind: string): boolean {
  return kind === "ints" || kind === "strings" || kind === "stringToString";
}

function joined(earlier: unknown, value: unknown): unknown {
  if (earlier === undefined) return value;
  if (Array.isArray(value)) return [...(earlier as unknown[]), ...value];
  return { ...(earlier as object), ...(value as object) };
}

/** The longest piece of an argument that an error repeats. */
const MAX_SHOWN = 80;

function shown(text: string): string {
  return JSON.stringify(text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text);
}
