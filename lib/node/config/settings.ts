/**
 * All flags with their values: command line before environment before configuration file before default.
 *
 * @module
 */

import { homedir } from "node:os";
import { basename, resolve } from "node:path";
import { errorMessage, systemErrorCode } from "../../core/errors.ts";
import { readNamedFile } from "../../core/named_file.ts";
import { nearestName } from "../../core/nearest_name.ts";
import { type CommandLine, unknownFlag } from "./command_line.ts";
import { ConfigError, type ValueSource } from "./errors.ts";
import { type Environment, expandVariables } from "./expand.ts";
import { environmentName } from "./flag.ts";
import { FLAG_NAMES, type FlagName, type FlagValue, flagSpec, isFlagName } from "./table.ts";
import { type Parsed, parseEnvironment, parseJSONValue } from "./values.ts";

/** A value that someone set. */
export interface ProvidedValue {
  readonly value: unknown;
  readonly source: Exclude<ValueSource, "default">;
}

/** Where flags are looked for. */
export interface SettingsSources {
  readonly commandLine: CommandLine;
  readonly env: Environment;
  /** What relative paths start from. */
  readonly cwd: string;
}

/** The values of all flags. */
export class Settings {
  readonly #provided: ReadonlyMap<FlagName, ProvidedValue>;
  readonly #env: Environment;
  readonly #cwd: string;
  /** What looked like a mistake and was passed over: sentences for the log. */
  readonly warnings: readonly string[];

  /** Made by {@link loadSettings}. */
  constructor(
    provided: ReadonlyMap<FlagName, ProvidedValue>,
    warnings: readonly string[],
    sources: Pick<SettingsSources, "env" | "cwd">,
  ) {
    this.#provided = provided;
    this.warnings = warnings;
    this.#env = sources.env;
    this.#cwd = sources.cwd;
  }

  /** The value of a flag: durations in milliseconds. */
  get<N extends FlagName>(name: N): FlagValue<N> {
    const provided = this.#provided.get(name);
    return (provided === undefined ? flagSpec(name).default : provided.value) as FlagValue<N>;
  }

  /** Whether someone set the flag, also to its default. */
  isSet(name: FlagName): boolean {
    return this.#provided.has(name);
  }

  /** The flags that were set, in the order of the table. */
  get provided(): ReadonlyMap<FlagName, ProvidedValue> {
    return this.#provided;
  }

  /**
   * The path that a flag holds, absolute, with its variables replaced: `$AVALANCHEGO_DATA_DIR` stands for `data-dir`
   * and others for the environment's.
   */
  path(name: FlagName): string {
    return resolve(this.#cwd, this.expanded(name));
  }

  /** Where relative paths start from. */
  get cwd(): string {
    return this.#cwd;
  }

  /** The text of a flag with its variables replaced, as the reference does for paths and a few more. */
  expanded(name: FlagName): string {
    return expandVariables(String(this.get(name)), (variable) =>
      variable === "AVALANCHEGO_DATA_DIR" ? this.#expandEnvironment(this.get("data-dir")) : this.#variable(variable),
    );
  }

  #expandEnvironment(text: string): string {
    return expandVariables(text, (variable) => this.#variable(variable));
  }

  #variable(name: string): string | undefined {
    return this.#env[name] ?? (name === "HOME" ? homedir() : undefined);
  }
}

/**
 * Gathers the flags of a node from everywhere that they can be set.
 *
 * An unknown key of a configuration file is an error, as an unknown flag is. An unknown `AVAGO_` variable only warns:
 * an environment is shared with others.
 *
 * @throws {ConfigError} When a value does not fit its flag, or the configuration file cannot be read.
 */
export function loadSettings(sources: SettingsSources): Settings {
  const provided = new Map<FlagName, ProvidedValue>();
  for (const [name, value] of sources.commandLine.flags) provided.set(name, { value, source: "flag" });
  const warnings = addEnvironment(provided, sources.env);

  const partial = new Settings(provided, [], sources);
  for (const [name, value] of readConfiguration(partial)) {
    if (!provided.has(name)) provided.set(name, { value, source: "config file" });
  }
  for (const name of provided.keys()) {
    const { replacedBy } = flagSpec(name);
    if (replacedBy !== undefined) warnings.push(`${name} is deprecated: use ${replacedBy} instead`);
  }
  const ordered = new Map(FLAG_NAMES.flatMap((name) => entry(name, provided.get(name))));
  return new Settings(ordered, warnings, sources);
}

function entry(name: FlagName, value: ProvidedValue | undefined): [FlagName, ProvidedValue][] {
  return value === undefined ? [] : [[name, value]];
}

/** @returns Warnings about variables that name no flag. */
function addEnvironment(provided: Map<FlagName, ProvidedValue>, env: Environment): string[] {
  const warnings: string[] = [];
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith("AVAGO_") || text === undefined || text === "") continue;
    const name = variable.slice("AVAGO_".length).toLowerCase().replaceAll("_", "-");
    if (!isFlagName(name) || environmentName(name) !== variable) {
      const nearest = nearestName(name, FLAG_NAMES);
      const hint = nearest === undefined ? "" : `; did you mean ${environmentName(nearest)}?`;
      warnings.push(`The environment variable ${variable} sets no flag${hint}`);
      continue;
    }
    if (provided.has(name)) continue;
    const value = accepted(name, parseEnvironment(flagSpec(name).kind, text), "environment", variable);
    provided.set(name, { value, source: "environment" });
  }
  return warnings;
}

function readConfiguration(settings: Settings): Map<FlagName, unknown> {
  if (settings.isSet("config-file-content")) {
    const type = settings.get("config-file-content-type").toLowerCase();
    if (type !== "json") {
      throw new ConfigError(
        { code: "unsupported", flag: "config-file-content-type" },
        `avx reads configurations in JSON, and config-file-content-type is ${JSON.stringify(type)}`,
        { hint: "Write the configuration as JSON and set config-file-content-type to json" },
      );
    }
    const text = decodeContent(settings, "config-file-content").toString("utf8");
    return parseConfiguration(text, "config-file-content", undefined);
  }
  if (!settings.isSet("config-file")) return new Map();
  const path = settings.path("config-file");
  return parseConfiguration(readFlagFile(settings, "config-file").toString("utf8"), "config-file", path);
}

const BYTE_ORDER_MARK = "\ufeff";

function parseConfiguration(text: string, flag: FlagName, path: string | undefined): Map<FlagName, unknown> {
  const where = path ?? flag;
  let document: unknown;
  try {
    if (text.startsWith(BYTE_ORDER_MARK)) throw new Error("it begins with a byte order mark");
    document = JSON.parse(text);
  } catch (error) {
    const name = path === undefined ? "it" : basename(path);
    const message = `${where} is not JSON, which alone is read: ${errorMessage(error)}`;
    throw new ConfigError({ code: "bad-file", flag, path }, message, {
      cause: error,
      hint: `Write ${name} anew as one JSON object of flag names and values`,
    });
  }
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new ConfigError({ code: "bad-file", flag, path }, `${where} holds no JSON object`, {
      hint: "Configurations are one JSON object of flag names and values",
    });
  }
  const values = new Map<FlagName, unknown>();
  for (const [key, value] of Object.entries(document)) {
    const name = key.toLowerCase();
    if (!isFlagName(name)) throw unknownFlag(key, `${JSON.stringify(key)}, as ${where} has it`);
    if (value === null) continue;
    values.set(name, accepted(name, parseJSONValue(flagSpec(name).kind, value), "config file", where));
  }
  return values;
}

function accepted(name: FlagName, parsed: Parsed, source: ValueSource, where: string): unknown {
  if (parsed.ok) return parsed.value;
  throw new ConfigError(
    { code: "invalid-value", flag: name, source },
    `The value that ${where} gives ${name} does not fit: it is ${parsed.expected}`,
  );
}

/**
 * Reads the file that a flag names.
 *
 * @throws {ConfigError} `bad-file` with the reason in plain words.
 */
export function readFlagFile(settings: Settings, flag: FlagName): Buffer {
  const path = settings.path(flag);
  try {
    return readNamedFile(path);
  } catch (error) {
    throw new ConfigError({ code: "bad-file", flag, path }, `Cannot read ${path}: ${plainReason(error)}`, {
      cause: error,
      hint: `Check the path that ${flag} names`,
    });
  }
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EADDRINUSE: "the port is in use",
  EADDRNOTAVAIL: "this machine does not have the address",
  EEXIST: "a file is in the place of a directory",
  EISDIR: "it is a directory",
  ENOENT: "there is no such file",
  ENOSPC: "the disk is full",
  ENOTDIR: "a part of the path is no directory",
  EPERM: "not permitted",
  EROFS: "the file system is read-only",
};

/** Why a system call failed, in words. */
export function plainReason(error: unknown): string {
  const code = systemErrorCode(error);
  return (code === undefined ? undefined : REASONS[code]) ?? errorMessage(error);
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The bytes of a `*-content` flag.
 *
 * @throws {ConfigError} `invalid-value` where it is not base64; line breaks are passed over, as Go does.
 */
export function decodeContent(settings: Settings, flag: FlagName): Buffer {
  const text = String(settings.get(flag)).replace(/[\r\n]/g, "");
  if (!BASE64.test(text)) {
    const source = settings.provided.get(flag)?.source ?? "default";
    throw new ConfigError({ code: "invalid-value", flag, source }, `${flag} is not base64`, {
      hint: `Give the content of the file through base64, or its path in ${flag.replace(/-content$/, "")}`,
    });
  }
  return Buffer.from(text, "base64");
}
