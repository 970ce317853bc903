/**
 * `avx net prune`: removes what was not used for long, and what failed to start.
 *
 * @module
 */

import { resolve } from "node:path";
import { Option } from "commander";
import { parseAge } from "../../lib/tmpnet/age.ts";
import { removeNetworks } from "../../lib/tmpnet/remove_networks.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { UsageError } from "../errors.ts";
import { jsonOption, rootNetworkDirOption } from "./options.ts";
import { printRemovals } from "./removal_text.ts";

interface PruneOptions {
  readonly rootNetworkDir?: string;
  readonly olderThan?: number;
  readonly failed?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const registerPrune: RegisterCommand = (group, context) => {
  group
    .command("prune")
    .description("Remove stopped networks that were not used for long, and all failed starts. What runs stays.")
    .addOption(rootNetworkDirOption())
    .addOption(
      new Option("--older-than <time>", "how long a stopped network was not used, such as 7d or 12h").argParser(
        parseOlder,
      ),
    )
    .option("--failed", "failed starts alone, whatever their age")
    .option("--dry-run", "say what would be removed, and remove nothing")
    .addOption(jsonOption("what was removed"))
    .action((options: PruneOptions) => prune(options, context));
};

async function prune(options: PruneOptions, context: CommandContext): Promise<void> {
  const { olderThan, failed, dryRun } = options;
  if (olderThan === undefined && !failed) {
    throw new UsageError("prune needs --older-than or --failed", { hint: "Write it as avx net prune --older-than 7d" });
  }
  const rootDir = options.rootNetworkDir ? resolve(context.cwd, options.rootNetworkDir) : undefined;
  const which = { rootDir, olderThanMs: failed ? Number.POSITIVE_INFINITY : olderThan };
  const removals = await removeNetworks(which, { dryRun, signal: context.signal }, { env: context.env });
  printRemovals(removals, options, context);
}

function parseOlder(text: string): number {
  const ms = parseAge(text);
  if (ms !== undefined) return ms;
  throw new UsageError(`--older-than "${text}" is no length of time`, { hint: "Write it as 7d, 12h or 1d12h" });
}
