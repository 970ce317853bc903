/**
 * `avx node run`: runs a node until it is told to stop.
 *
 * It takes avalanchego's flags. Under avalanchego's name, or started with a leading flag, avx does the same: tools that
 * start avalanchego can start avx.
 *
 * @module
 */

import { wrap } from "../../lib/core/wrap.ts";
import { parseCommandLine } from "../../lib/node/config/command_line.ts";
import { ConfigError, isWrongUsage } from "../../lib/node/config/errors.ts";
import { flagHelp } from "../../lib/node/config/help.ts";
import { type NodeConfig, resolveNodeConfig } from "../../lib/node/config/node_config.ts";
import { loadSettings, type Settings } from "../../lib/node/config/settings.ts";
import { logStartupFailure } from "../../lib/node/startup_failure.ts";
import { type CommandContext, EXIT_OK } from "../command.ts";
import { UsageError } from "../errors.ts";
import { COMMIT } from "../version.ts";
import { StrayErrors } from "./stray_errors.ts";
import { nodeVersion, nodeVersionJSON } from "./version.ts";

/**
 * Runs a node. It ends when the context's signal is aborted.
 *
 * @param args Flags alone.
 * @returns The exit code 0.
 * @throws {UsageError} When the command line cannot be understood; an error with what to do next when the node cannot
 *   start or cannot go on.
 */
export async function runNode(args: readonly string[], context: CommandContext): Promise<number> {
  const { stdout } = context;
  let config: NodeConfig;
  let given: ReadonlySet<string> = new Set();
  try {
    const commandLine = parseCommandLine(args);
    given = new Set(commandLine.flags.keys());
    if (commandLine.help) {
      stdout.write(help(stdout.columns));
      return EXIT_OK;
    }
    const settings = loadSettings({ commandLine, env: context.env, cwd: context.cwd });
    if (printVersion(settings, context)) return EXIT_OK;
    config = resolveNodeConfig(settings);
  } catch (error) {
    await logStartupFailure(error, { args, env: context.env, cwd: context.cwd });
    throw usageError(error, given);
  }

  const { Node } = await import("../../lib/node/node.ts");
  const show = (line: string): void => (stdout.show === undefined ? stdout.write(line) : stdout.show(line));
  const display = { write: show, colors: stdout.color };
  using stray = config.apps.length === 0 ? undefined : new StrayErrors();
  const node = await Node.start(config, { display, gitCommit: COMMIT === "source" ? "" : COMMIT });
  stray?.belongTo(node.apps);
  const stop = (): void => void node.close();
  if (context.signal.aborted) stop();
  context.signal.addEventListener("abort", stop);
  const fault = await node.ended;
  context.signal.removeEventListener("abort", stop);
  if (fault !== undefined) throw fault;
  return EXIT_OK;
}

/** @returns Whether a version was asked for. */
function printVersion(settings: Settings, { stdout }: CommandContext): boolean {
  const [plain, json] = [settings.get("version"), settings.get("version-json")];
  if (plain && json) throw new UsageError("Only one of --version and --version-json can be given");
  if (json) stdout.write(`${nodeVersionJSON()}\n`);
  else if (plain) stdout.write(`${nodeVersion()}\n`);
  return plain || json;
}

const ABOUT = [
  "Runs a node of an Avalanche network until it is told to stop.",
  "Its flags are avalanchego's: --flag=value or --flag value. Each can be set by the environment too (--http-port is \
AVAGO_HTTP_PORT), or in a JSON file that --config-file names; a flag goes before the environment, and that before the file.",
];

function help(columns: number): string {
  const about = ABOUT.map((text) => `${wrap(text, columns).join("\n")}\n`).join("\n");
  return `Usage: avx node run [flags]\n\n${about}\n${flagHelp(columns)}`;
}

/** Errors of the command line itself end with the exit code for wrong usage. */
function usageError(error: unknown, given: ReadonlySet<string>): unknown {
  if (!(error instanceof ConfigError) || !isWrongUsage(error, given)) return error;
  const { message, hint } = error;
  return new UsageError(message, { cause: error, ...(hint === undefined ? {} : { hint }) });
}
