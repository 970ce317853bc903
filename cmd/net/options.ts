/**
 * Options that several commands about networks share, and how their values are read.
 *
 * @module
 */

import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { parseDuration } from "../../lib/core/duration.ts";
import { quoted } from "../../lib/core/program.ts";
import { AVALANCHEGO_PATH_ENV, DEFAULT_NETWORK_TIMEOUT_MS } from "../../lib/tmpnet/defaults.ts";
import {
  findNetworkDir,
  meantNetworkDir,
  NETWORK_DIR_ENV,
  ROOT_NETWORK_DIR_ENVS,
} from "../../lib/tmpnet/disk/layout.ts";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { InstallError } from "../../lib/tmpnet/install/errors.ts";
import { installedProgram } from "../../lib/tmpnet/install/store.ts";
import { findOrphansOf, type Orphan, orphanName } from "../../lib/tmpnet/orphans.ts";
import type { CommandContext } from "../command.ts";
import { UsageError } from "../errors.ts";

/** Which network a command is about. */
export interface WhichNetwork {
  readonly networkDir?: string;
  readonly rootNetworkDir?: string;
}

const ROOT_HELP = `the directory that networks are made in (default: ${ROOT_NETWORK_DIR_ENVS.join(", ")}, or ~/.tmpnet/networks)`;

/** `--root-network-dir` */
export function rootNetworkDirOption(): Option {
  return new Option("--root-network-dir <dir>", ROOT_HELP);
}

/** Adds `--network-dir`, and the directory that the latest network is looked for in. */
export function addNetworkOptions(command: Command): Command {
  return command
    .option("--network-dir <dir>", `the network's directory (default: ${NETWORK_DIR_ENV}, or the latest network)`)
    .addOption(rootNetworkDirOption());
}

/** `--timeout` */
export function timeoutOption(help = "how long the nodes may take to be healthy, such as 30s"): Option {
  return new Option("--timeout <duration>", help).default(DEFAULT_NETWORK_TIMEOUT_MS, "2m").argParser(parseTimeout);
}

/** `--json` */
export function jsonOption(what: string): Option {
  return new Option("--json", `print ${what} as JSON`);
}

/**
 * Finds the network that is meant.
 *
 * @throws {TmpnetError} `no-network`; it says so where processes of a network that is gone still run.
 */
export function findNetwork(which: WhichNetwork, context: CommandContext): string {
  try {
    return findNetworkDir(which, context.env);
  } catch (error) {
    throw withWhatStillRuns(error, which, context);
  }
}

function withWhatStillRuns(error: unknown, which: WhichNetwork, context: CommandContext): unknown {
  if (!(error instanceof TmpnetError) || error.type.code !== "no-network") return error;
  let dir: string;
  let orphans: readonly Orphan[];
  try {
    dir = meantNetworkDir(which, context.env);
    orphans = findOrphansOf(dir);
  } catch {
    return error;
  }
  if (orphans.length === 0) return error;
  const facts = orphans.map((orphan) => `\n  process ${orphan.process.pid} runs on: ${orphanName(orphan)}`).join("");
  return new TmpnetError({ code: "no-network", path: dir }, `${error.message}${facts}`, {
    cause: error,
    hint: `End what runs with ${programOf(context)} net stop --network-dir ${quoted(dir)}`,
  });
}

/** What avx is called by, as it can be typed again. */
export function programOf(context: CommandContext): string {
  return context.calledAs ?? "avx";
}

/** The command line that means this network from the same shell, as it can be typed. */
export function commandFor(words: string, networkDir: string, context: CommandContext): string {
  const program = programOf(context);
  return isMeantAnyway(networkDir, context)
    ? `${program} ${words}`
    : `${program} ${words} --network-dir ${quoted(networkDir)}`;
}

function isMeantAnyway(networkDir: string, context: CommandContext): boolean {
  try {
    return findNetworkDir({}, context.env) === networkDir;
  } catch {
    return false;
  }
}

/** Milliseconds of a duration as Go writes it, or of a number of seconds. */
function parseTimeout(text: string): number {
  const ms = parseDuration(/^\d+(\.\d+)?$/.test(text) ? `${text}s` : text);
  if (ms !== undefined && ms > 0) return ms;
  throw new UsageError(`"${text}" is no time to wait`, { hint: "Write it as 30s, 2m or 1m30s" });
}

/**
 * Reads a whole number of at least 1.
 *
 * @throws {UsageError} For anything else.
 */
export function parseCount(option: string): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(count) && count >= 1) return count;
    throw new UsageError(`${option} must be a whole number of at least 1, not "${text}"`);
  };
}

/** How a command line names the avalanchego to run. */
export interface WhichProgram {
  readonly avalanchegoPath?: string;
  readonly avalanchegoVersion?: string;
}

/**
 * The avalanchego to run: what the command line names, else what the environment does.
 *
 * @returns `undefined` where none of them is given.
 * @throws {UsageError} As {@link namedProgram}.
 */
export function programToRun(options: WhichProgram, context: CommandContext): string | undefined {
  const path = namedProgram(options, context) ?? context.env[AVALANCHEGO_PATH_ENV];
  return path ? resolve(context.cwd, path) : undefined;
}

/**
 * The avalanchego that the command line names: a path, or a version that was installed.
 *
 * @throws {UsageError} When both are given, or a version that is none.
 * @throws {InstallError} `not-installed`.
 */
export function namedProgram(options: WhichProgram, { env, cwd }: CommandContext): string | undefined {
  const { avalanchegoPath, avalanchegoVersion } = options;
  if (avalanchegoPath && avalanchegoVersion) {
    throw new UsageError("--avalanchego-path and --avalanchego-version both name the program to run", {
      hint: "Leave one of them out",
    });
  }
  if (!avalanchegoVersion) return avalanchegoPath ? resolve(cwd, avalanchegoPath) : undefined;
  try {
    return installedProgram(avalanchegoVersion, env);
  } catch (error) {
    if (!(error instanceof InstallError) || error.type.code !== "option") throw error;
    throw new UsageError(error.message, error.hint === undefined ? {} : { hint: error.hint });
  }
}
