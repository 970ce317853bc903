/**
 * Scripts by which shells complete tmpnetctl's commands and flags: `source <(tmpnetctl completion bash)`.
 *
 * @module
 */

import type { CtlCommand } from "./command.ts";
import { FlagError } from "./flags.ts";

/** Shells that have a script. */
const SHELLS = ["bash", "fish", "zsh"];

/** A command as completion knows it. */
interface Completed {
  readonly name: string;
  readonly summary: string;
  readonly flags: readonly string[];
}

/**
 * @param commands All commands, this one too; asked for when it runs.
 * @param globalFlags What all of them take.
 */
export function completionCommand(commands: () => readonly CtlCommand[], globalFlags: CtlCommand["flags"]): CtlCommand {
  return {
    name: "completion",
    summary: "Print a script by which a shell completes commands and flags: bash, fish or zsh",
    flags: () => [],
    async run(context) {
      const [shell = ""] = context.words;
      const completed = commands().map(({ name, summary, flags }): Completed => {
        const names = [...flags(context), ...globalFlags(context)].map((flag) => flag.name);
        return { name, summary, flags: [...names, "help"] };
      });
      const script = scriptFor(shell, completed);
      if (script === undefined) throw new FlagError(`completion expected one of [${SHELLS.join(" ")}], got: ${shell}`);
      context.stdout.write(script);
    },
  };
}

function scriptFor(shell: string, commands: readonly Completed[]): string | undefined {
  if (shell === "bash") return bashScript(commands);
  if (shell === "zsh") return `autoload -U +X bashcompinit && bashcompinit\n${bashScript(commands)}`;
  return shell === "fish" ? fishScript(commands) : undefined;
}

function bashScript(commands: readonly Completed[]): string {
  const names = commands.map(({ name }) => name);
  const cases = commands.map(({ name, flags }) => `    ${name}) words="${flags.map((f) => `--${f}`).join(" ")}" ;;\n`);
  return `_tmpnetctl() {
  local word command="" words="${names.join(" ")}"
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
    case "$word" in ${names.join("|")}) command="$word" ;; esac
  done
  case "$command" in
${cases.join("")}  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _tmpnetctl tmpnetctl
`;
}

function fishScript(commands: readonly Completed[]): string {
  const lines = commands.flatMap(({ name, summary, flags }) => [
    `complete -c tmpnetctl -n __fish_use_subcommand -a ${name} -d '${summary.replaceAll("'", "\\'")}'`,
    ...flags.map((flag) => `complete -c tmpnetctl -n '__fish_seen_subcommand_from ${name}' -l ${flag}`),
  ]);
  return `${lines.join("\n")}\n`;
}
