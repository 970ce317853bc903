/**
 * `avx net clean`: removes the directory of a stopped network, or of all.
 *
 * @module
 */

import { resolve } from "node:path";
import { findNetworkDir } from "../../lib/tmpnet/disk/layout.ts";
import { listNetworks } from "../../lib/tmpnet/listing.ts";
import { removeNetwork } from "../../lib/tmpnet/remove.ts";
import { type Removals, removeNetworks } from "../../lib/tmpnet/remove_networks.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { UsageError } from "../errors.ts";
import { addNetworkOptions, jsonOption, programOf, type WhichNetwork } from "./options.ts";
import { printRemovals } from "./removal_text.ts";
import { counted } from "./text.ts";

interface CleanOptions extends WhichNetwork {
  readonly all?: boolean;
  readonly stop?: boolean;
  readonly force?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

export const registerClean: RegisterCommand = (group, context) => {
  addNetworkOptions(
    group
      .command("clean")
      .description(
        "Remove a stopped network's directory, and what starts left that were cut off; with --all, those of all stopped networks.",
      ),
  )
    .option("--all", "all networks that are stopped, failed starts with them")
    .option("--stop", "networks that run, too: stop them first")
    .option("--force", "the same as --stop")
    .option("--dry-run", "say what would be removed, and remove nothing")
    .addOption(jsonOption("what was removed"))
    .action((options: CleanOptions) => clean(options, context));
};

async function clean(options: CleanOptions, context: CommandContext): Promise<void> {
  const { env, cwd, signal, stdout } = context;
  if (options.all && options.networkDir) throw new UsageError("--all and --network-dir exclude each other");
  const rootDir = options.rootNetworkDir ? resolve(cwd, options.rootNetworkDir) : undefined;
  const how = { stop: options.stop === true || options.force === true, dryRun: options.dryRun, signal };
  if (options.all) {
    const removals = await removeNetworks({ rootDir }, how, { env });
    printRemovals(removals, options, context);
    const running = removals.kept.filter(({ runningCount }) => runningCount > 0).length;
    if (running > 0 && !options.json) {
      stdout.write(`${counted(running, "network")} left alone that run; to remove those, too: --stop\n`);
    }
    return;
  }
  const removals = await removeOne(options, rootDir, how, context);
  printRemovals(removals, options, context);
  if (!options.json) stdout.write(othersThatCould(rootDir, removals, context));
}

/** Removes the network that is meant, and, where none is named, what starts left that were cut off. */
async function removeOne(
  { networkDir, rootNetworkDir }: CleanOptions,
  rootDir: string | undefined,
  how: Parameters<typeof removeNetwork>[1],
  { env, cwd }: CommandContext,
): Promise<Removals> {
  const one = async (dir: string): Promise<Removals> => ({
    removed: [await removeNetwork(dir, how, { env })],
    failed: [],
    kept: [],
  });
  // Named by the user, a link is told apart from the directory that it leads to.
  if (networkDir) return await one(resolve(cwd, networkDir));
  // Which one is the latest is asked first: once it is gone, the one before is.
  const latest = attempt(() => findNetworkDir({ rootNetworkDir }, env));
  const halfMade = await removeNetworks({ rootDir, halfMade: true }, how, { env });
  if ("error" in latest) {
    if (halfMade.removed.length === 0) throw latest.error;
    return { ...halfMade, kept: [] };
  }
  if (halfMade.removed.some(({ dir }) => dir === latest.value)) return { ...halfMade, kept: [] };
  const { removed } = await one(latest.value);
  return { removed: [...removed, ...halfMade.removed], failed: halfMade.failed, kept: [] };
}

function attempt<T>(work: () => T): { readonly value: T } | { readonly error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { error };
  }
}

/** "clean" means one network; whoever meant all is told how. */
function othersThatCould(rootDir: string | undefined, { removed }: Removals, context: CommandContext): string {
  const gone = new Set(removed.map(({ dir }) => dir));
  try {
    const others = listNetworks(rootDir, context.env).filter(
      ({ dir, state }) => !gone.has(dir) && (state === "stopped" || state === "failed" || state === "half-made"),
    );
    if (others.length === 0) return "";
    return `${counted(others.length, "stopped network")} more; to remove all: ${programOf(context)} net clean --all\n`;
  } catch {
    return ""; // what was asked for is done
  }
}
