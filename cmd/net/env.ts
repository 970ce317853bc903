/**
 * `avx net env`: a network as environment variables.
 *
 * @module
 */

import { appendFileSync } from "node:fs";
import { resolve } from "node:path";
import { Option } from "commander";
import { unwritable } from "../../lib/tmpnet/disk/files.ts";
import { ENV_FORMATS, type EnvFormat, formatEnvironment, networkEnvironment } from "../../lib/tmpnet/environment.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { networkReport } from "../../lib/tmpnet/report.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { UsageError } from "../errors.ts";
import { addNetworkOptions, findNetwork, jsonOption, programOf, type WhichNetwork } from "./options.ts";
import { counted } from "./text.ts";

/** Where GitHub's runner takes variables for the steps that follow. */
const GITHUB_ENV = "GITHUB_ENV";

/** Other names that shells go by. */
const SHELLS: Readonly<Record<string, EnvFormat>> = {
  bash: "sh",
  zsh: "sh",
  dash: "sh",
  ksh: "sh",
  pwsh: "powershell",
};

interface EnvOptions extends WhichNetwork {
  readonly shell?: EnvFormat;
  readonly format?: EnvFormat;
  readonly json?: boolean;
}

export const registerEnv: RegisterCommand = (group, context) => {
  addNetworkOptions(
    group
      .command("env")
      .description(`Print a network as environment variables: eval "$(${programOf(context)} net env)"`),
  )
    .addOption(new Option("--shell <name>", "sh, fish or powershell (default: sh)").argParser(parseFormat("--shell")))
    .addOption(
      new Option(
        "--format <name>",
        `${ENV_FORMATS.join(", ")}; github appends to the file that ${GITHUB_ENV} names`,
      ).argParser(parseFormat("--format")),
    )
    .addOption(jsonOption("the variables"))
    .action((options: EnvOptions) => env(options, context));
};

async function env(options: EnvOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr } = context;
  const network = Network.read(findNetwork(options, context), { env: context.env });
  const report = await networkReport(network, { signal: context.signal });
  const variables = networkEnvironment(report);
  if (report.nodes.length === 0) stderr.write("No node of this network runs: what only nodes know is left out\n");
  if (options.json) {
    stdout.write(`${JSON.stringify(variables, null, 2)}\n`);
    return;
  }
  const format = options.format ?? options.shell ?? "sh";
  const text = formatEnvironment(variables, format);
  const file = format === "github" ? context.env[GITHUB_ENV] : undefined;
  if (!file) {
    stdout.write(text);
    return;
  }
  const path = resolve(context.cwd, file);
  try {
    appendFileSync(path, text);
  } catch (error) {
    throw unwritable(path, error);
  }
  stderr.write(`${counted(Object.keys(variables).length, "variable")} appended to ${path}\n`);
}

function parseFormat(option: string): (text: string) => EnvFormat {
  return (text) => {
    const format = SHELLS[text] ?? (ENV_FORMATS as readonly string[]).find((each) => each === text);
    if (format !== undefined) return format as EnvFormat;
    throw new UsageError(`${option} must be one of ${ENV_FORMATS.join(", ")}, not "${text}"`);
  };
}
