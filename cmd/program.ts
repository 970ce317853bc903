/**
 * The tree of commands, on commander: help, usage errors in avx's own words, exit codes.
 *
 * @module
 */

import { Command, CommanderError } from "commander";
import { type CommandContext, EXIT_OK } from "./command.ts";
import { UsageError } from "./errors.ts";
import { COMMAND_GROUPS, type CommandGroup } from "./groups.ts";
import { versionLine } from "./version.ts";

/** Commander's endings that are no failure: it printed what was asked for. */
const FINISHED_CODES = new Set(["commander.helpDisplayed", "commander.version"]);

/**
 * Runs one command of the tree.
 *
 * @param args The command line without the program's own name.
 * @param groups For tests; avx's own by default.
 * @returns The exit code.
 * @throws {UsageError} when the command line cannot be understood; whatever the command's action throws.
 */
export async function runProgram(
  args: readonly string[],
  context: CommandContext,
  groups: readonly CommandGroup[] = COMMAND_GROUPS,
): Promise<number> {
  const program = await createProgram(args, context, groups);
  if (args.length === 0) throw new UsageError("no command was given", { hint: seeHelp(program) });
  try {
    await program.parseAsync(plainArguments(program, args), { from: "user" });
    return EXIT_OK;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (FINISHED_CODES.has(error.code)) return EXIT_OK;
    throw usageError(error, calledCommand(program, args));
  }
}

/**
 * Makes the tree. Only groups that the command line names are loaded; the others stand there for the help.
 */
async function createProgram(
  args: readonly string[],
  context: CommandContext,
  groups: readonly CommandGroup[],
): Promise<Command> {
  const program = new Command("avx");
  const calledAs = context.calledAs ?? "avx";
  program
    .description("Avalanche's networking layer in one file: a node, and temporary networks of nodes.")
    .version(versionLine(), "--version", "print the version")
    .helpOption("-h, --help", "print this help")
    .usage("<command> [options]")
    .addHelpText("after", `\nTo begin with: ${calledAs} net start\nHelp on a command: ${calledAs} net start --help`)
    .helpCommand(false)
    // Beside long names of commands there is still room for what they do, on more lines.
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride()
    .configureOutput({
      writeOut: (text) => context.stdout.write(text),
      writeErr: () => {}, // its errors come back as exceptions, and are worded below
      getOutHelpWidth: () => context.stdout.columns,
      getErrHelpWidth: () => context.stderr.columns,
      getOutHasColors: () => context.stdout.color,
      getErrHasColors: () => context.stderr.color,
    });

  for (const group of groups) {
    const command = program
      .command(group.name)
      .description(group.summary)
      .usage("<command> [options]")
      .helpCommand(false);
    if (!args.includes(group.name)) continue;
    for (const register of await group.load()) register(command, context);
  }
  return program;
}

/**
 * The arguments as commander reads them best: `help` among the command words becomes `--help` at the end, and nothing
 * follows a word that is no command, so that `avx nett start --help` is a mistake and not a question.
 */
function plainArguments(program: Command, args: readonly string[]): string[] {
  const words: string[] = [];
  const help: string[] = [];
  let command = program;
  let at = 0;
  for (; at < args.length && command.commands.length > 0; at++) {
    const word = args[at] ?? "";
    if (word.startsWith("-")) break;
    if (word === "help") {
      help.push("--help");
      continue;
    }
    words.push(word);
    const child = childNamed(command, word);
    if (child === undefined) return words;
    command = child;
  }
  return [...words, ...args.slice(at), ...help];
}

/** The deepest command that the arguments name. */
function calledCommand(program: Command, args: readonly string[]): Command {
  let command = program;
  for (const word of args) {
    if (word === "help") continue;
    const child = childNamed(command, word);
    if (child === undefined) break;
    command = child;
  }
  return command;
}

function childNamed(command: Command, name: string): Command | undefined {
  return command.commands.find((child) => child.name() === name || child.aliases().includes(name));
}

/** Commander's complaint in one plain sentence, with what to do next. */
function usageError(error: CommanderError, command: Command): UsageError {
  const hint = seeHelp(command);
  if (error.code === "commander.help") {
    return new UsageError(`${fullName(command)} needs one of its commands: ${childNames(command)}`, { hint });
  }
  const [sentence = "", suggestion] = error.message
    .replace(/^error: /, "")
    .replace(/'([^']*)'/g, '"$1"')
    .split(/\s*\n\(Did you mean (?:one of )?(.*?)\??\)/s);
  const asked = suggestion === undefined ? "" : `; did you mean ${suggestion}?`;
  return new UsageError(`${sentence.replace(/\.$/, "")}${asked}`, { hint });
}

function childNames(command: Command): string {
  return command.commands.map((child) => child.name()).join(", ");
}

function seeHelp(command: Command): string {
  return `Run ${fullName(command)} --help to see how it is used`;
}

function fullName(command: Command): string {
  return command.parent === null ? command.name() : `${fullName(command.parent)} ${command.name()}`;
}
