/**
 * `avx net list`: which networks there are.
 *
 * @module
 */

import { resolve } from "node:path";
import { rootNetworkDir } from "../../lib/tmpnet/disk/layout.ts";
import { listNetworks, type NetworkListing } from "../../lib/tmpnet/listing.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { jsonOption, rootNetworkDirOption } from "./options.ts";
import { type Cell, columns } from "./text.ts";

interface ListOptions {
  readonly rootNetworkDir?: string;
  readonly json?: boolean;
}

export const registerList: RegisterCommand = (group, context) => {
  group
    .command("list")
    .description("List networks, oldest first.")
    .addOption(rootNetworkDirOption())
    .addOption(jsonOption("the list"))
    .action((options: ListOptions) => list(options, context));
};

function list(options: ListOptions, context: CommandContext): void {
  const { stdout, cwd, env } = context;
  const asked = options.rootNetworkDir ? resolve(cwd, options.rootNetworkDir) : undefined;
  const networks = listNetworks(asked, env);
  if (options.json) {
    stdout.write(`${JSON.stringify(networks, null, 2)}\n`);
  } else if (networks.length === 0) {
    stdout.write(`There is no network in ${rootNetworkDir(asked, env)}\n`);
  } else {
    const titles = ["NETWORK", "NODES", "RUN BY", ""].map((title): Cell => ["faint", title]);
    stdout.write(columns(stdout, [titles, ...networks.map(row)]));
  }
}

function row(network: NetworkListing): readonly Cell[] {
  const { name, nodeCount, runningCount, ownNodes, program, latest, problem } = network;
  const tone = runningCount === 0 ? "faint" : runningCount === nodeCount ? "good" : "bad";
  const runs: Cell = [tone, runningCount === 0 ? `${nodeCount} stopped` : `${runningCount} of ${nodeCount} running`];
  const note: Cell = problem === undefined ? ["strong", latest ? "latest" : ""] : ["bad", problem];
  return [name, runs, ownNodes ? "avx" : program, note];
}
