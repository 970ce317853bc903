/**
 * `avx net list`: which networks there are.
 *
 * @module
 */

import { resolve } from "node:path";
import { rootNetworkDir } from "../../lib/tmpnet/disk/layout.ts";
import { listNetworks, type NetworkListing } from "../../lib/tmpnet/listing.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { jsonOption, programOf, rootNetworkDirOption } from "./options.ts";
import { type Cell, counted, foldingColumns, lengthOfTime, size } from "./text.ts";

/** How much of a reason is shown: `avx net status` tells it whole. */
const MAX_NOTE_LENGTH = 100;

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
    const titles = ["NETWORK", "NODES", "AGE", "SIZE", "RUN BY", ""].map((title): Cell => ["faint", title]);
    stdout.write(foldingColumns(stdout, [titles, ...networks.map(row)]));
    const dead = networks.filter(({ state }) => state === "failed" || state === "half-made").length;
    if (dead > 0) {
      stdout.write(`${counted(dead, "start")} failed; to remove what ${dead === 1 ? "it" : "they"} left: `);
      stdout.write(`${programOf(context)} net prune --failed\n`);
    }
  }
}

function row(network: NetworkListing): readonly Cell[] {
  const { name, ownNodes, program, latest, madeAt, bytes } = network;
  const age = madeAt === 0 ? "" : lengthOfTime(Math.max(0, Date.now() - madeAt));
  return [name, nodesCell(network), age, size(bytes), ownNodes ? "avx" : program, note(network, latest)];
}

function nodesCell({ state, nodeCount, runningCount }: NetworkListing): Cell {
  switch (state) {
    case "running":
      return ["good", `${runningCount} of ${nodeCount} running`];
    case "partly-running":
      return ["bad", `${runningCount} of ${nodeCount} running`];
    case "starting":
      return ["wait", `${runningCount} of ${nodeCount} starting`];
    case "failed":
      return ["bad", "failed to start"];
    case "half-made":
      return ["bad", "half made"];
    case "unreadable":
      return ["faint", "unreadable"];
    case "stopped":
      return ["faint", `${nodeCount} stopped`];
  }
}

function note({ problem, failure, state }: NetworkListing, latest: boolean): Cell {
  const why = problem ?? (state === "failed" ? failure : undefined);
  if (why !== undefined) return ["bad", (why.split("\n")[0] as string).slice(0, MAX_NOTE_LENGTH)];
  return ["strong", latest ? "latest" : ""];
}
