/**
 * avx called through a file named `tmpnetctl`: its commands, its flags, and what scripts read of what it prints.
 *
 * What nobody reads by machine, such as the help of a flag, is in avx's own words.
 *
 * @module
 */

import { AvxError, errorMessage } from "../../lib/core/errors.ts";
import { nearestName } from "../../lib/core/nearest_name.ts";
import { NETWORK_DIR_ENV } from "../../lib/tmpnet/disk/layout.ts";
import { type CommandContext, EXIT_FAILED, EXIT_OK } from "../command.ts";
import { presentableText } from "../errors.ts";
import { COLLECTOR_COMMANDS } from "./collectors.ts";
import type { CtlCommand } from "./command.ts";
import { completionCommand } from "./completion.ts";
import { commandAt, type Flag, FlagError, flagLines, parseFlags } from "./flags.ts";
import { START_KIND_CLUSTER } from "./kube.ts";
import { logFor } from "./log.ts";
import { NETWORK_COMMANDS } from "./networks.ts";

/** The version of tmpnetctl whose habits these are (upstream `cliVersion`). */
const CLI_VERSION = "0.0.1";

const VERSION: CtlCommand = {
  name: "version",
  summary: "Print the version",
  flags: () => [],
  async run({ stdout }) {
    stdout.write(`${CLI_VERSION}\n`);
  },
};

/** Asked for before any command is looked for. */
const HELP: CtlCommand = {
  name: "help",
  summary: "Print the help of a command",
  flags: () => [],
  async run() {},
};

const COMMANDS: readonly CtlCommand[] = [
  ...NETWORK_COMMANDS,
  ...COLLECTOR_COMMANDS,
  START_KIND_CLUSTER,
  VERSION,
  completionCommand(() => COMMANDS, globalFlags),
  HELP,
].sort((a, b) => (a.name < b.name ? -1 : 1));

/**
 * Runs a command line of tmpnetctl.
 *
 * @param args Without the program's own name.
 * @returns The exit code: 0 or 1.
 */
export async function runTmpnetctl(args: readonly string[], context: CommandContext): Promise<number> {
  const at = commandAt(args);
  const word = at < 0 ? undefined : args[at];
  const rest = args.filter((_, i) => i !== at);
  if (word === undefined) return await run(undefined, args, context);
  if (word === HELP.name) {
    const topic = rest[commandAt(rest)];
    const command = COMMANDS.find(({ name }) => name === topic);
    if (topic !== undefined && command === undefined) context.stderr.write(`Unknown help topic "${topic}"\n`);
    context.stdout.write(helpText(command, context));
    return EXIT_OK;
  }
  const command = COMMANDS.find(({ name }) => name === word);
  if (command !== undefined) return await run(command, rest, context);
  const message = unknownCommand(word);
  context.stderr.write(`Error: ${message}\nRun 'tmpnetctl --help' for usage.\ntmpnetctl failed: ${message}\n`);
  return EXIT_FAILED;
}

async function run(command: CtlCommand | undefined, args: readonly string[], context: CommandContext): Promise<number> {
  try {
    const { values, words, help } = parseFlags([...globalFlags(context), ...(command?.flags(context) ?? [])], args);
    if (command === undefined || help) {
      context.stdout.write(helpText(command, context));
      return EXIT_OK;
    }
    await command.run({
      ...context,
      flags: values,
      words,
      log: () => logFor(values["log-format"] ?? "", context.stdout),
    });
    return EXIT_OK;
  } catch (error) {
    const message = presentableText(wholeMessage(error));
    context.stderr.write(`Error: ${message}\n${usageText(command, context)}\ntmpnetctl failed: ${message}\n`);
    return EXIT_FAILED;
  }
}

function wholeMessage(error: unknown): string {
  const hint = error instanceof AvxError && !(error instanceof FlagError) ? error.hint : undefined;
  return hint === undefined ? errorMessage(error) : `${errorMessage(error)}\n${hint}`;
}

function globalFlags({ env }: CommandContext): readonly Flag[] {
  return [
    { name: "log-format", type: "string", help: "how lines are written: auto, plain, colors or json", default: "auto" },
    {
      name: "network-dir",
      type: "string",
      help: `the network's directory; also by ${NETWORK_DIR_ENV}`,
      default: env[NETWORK_DIR_ENV] ?? "",
    },
  ];
}

function helpText(command: CtlCommand | undefined, context: CommandContext): string {
  const summary = command?.summary ?? "Temporary networks, as upstream's tmpnetctl runs them. See also: avx net --help";
  return `${summary}\n\n${usageText(command, context)}`;
}

function usageText(command: CtlCommand | undefined, context: CommandContext): string {
  const global = flagLines(globalFlags(context));
  if (command !== undefined) {
    const own = flagLines(command.flags(context), command.name);
    return `Usage:\n  tmpnetctl ${command.name} [flags]\n\nFlags:\n${own}\nGlobal Flags:\n${global}`;
  }
  const width = Math.max(...COMMANDS.map(({ name }) => name.length));
  const list = COMMANDS.map(({ name, summary }) => `  ${name.padEnd(width)} ${summary}\n`).join("");
  return `Usage:
  tmpnetctl [command]

Available Commands:
${list}
Flags:
${flagLines(globalFlags(context), "tmpnetctl")}
Use "tmpnetctl [command] --help" for more information about a command.
`;
}

function unknownCommand(word: string): string {
  const said = presentableText(`unknown command ${JSON.stringify(word)} for "tmpnetctl"`);
  const near = nearestName(
    word,
    COMMANDS.map(({ name }) => name),
  );
  return near === undefined ? said : `${said}\n\nDid you mean this?\n\t${near}\n`;
}
