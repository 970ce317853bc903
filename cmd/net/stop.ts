/**
 * `avx net stop`: ends what runs of a network, and nothing else.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { meantNetworkDir } from "../../lib/tmpnet/disk/layout.ts";
import { listNetworks, type NetworkListing } from "../../lib/tmpnet/listing.ts";
import { Network, type NodeStop, type StopControl } from "../../lib/tmpnet/network.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { UsageError } from "../errors.ts";
import type { StopDocument } from "../json_documents.ts";
import { addNetworkOptions, commandFor, jsonOption, type WhichNetwork } from "./options.ts";
import { noticeLine } from "./progress.ts";
import { orphanLines } from "./removal_text.ts";
import { stopAll } from "./stop_all.ts";
import { endedOrphans, refuseUnproven, stopDocument } from "./stop_text.ts";
import { counted } from "./text.ts";

interface StopOptions extends WhichNetwork {
  readonly all?: boolean;
  readonly metricsSnapshot: boolean;
  readonly json?: boolean;
}

export const registerStop: RegisterCommand = (group, context) => {
  addNetworkOptions(
    group
      .command("stop")
      .description("Stop the nodes of a network, also those whose directory was deleted; its own stays."),
  )
    .option("--all", "all networks of the root, and processes of networks that are gone")
    .option("--no-metrics-snapshot", "do not save each node's metrics first, which may take it three seconds")
    .addOption(jsonOption("what became of each node"))
    .action((options: StopOptions) => stop(options, context));
};

async function stop(options: StopOptions, context: CommandContext): Promise<void> {
  const control: StopControl = {
    metricsSnapshot: options.metricsSnapshot,
    onProgress: (progress) => {
      const isNotice = progress.kind === "warning" || progress.kind === "busy";
      if (isNotice) context.stderr.write(`${noticeLine(progress)}\n`);
    },
  };
  if (options.all) {
    if (options.networkDir) throw new UsageError("--all and --network-dir exclude each other");
    await stopAll(options, control, context);
    return;
  }
  const dir = meantNetworkDir(options, context.env);
  const stops = await Network.stop(dir, control, { env: context.env });
  if (options.json) {
    context.stdout.write(
      `${JSON.stringify({ dir, nodes: stops.map(stopDocument) } satisfies StopDocument, null, 2)}\n`,
    );
  } else {
    if (existsSync(dir)) {
      context.stdout.write(`${sentence(stops.filter(({ orphan }) => orphan === undefined))}: ${dir}\n`);
      context.stdout.write(`To start it again: ${commandFor("net restart", dir, context)}\n`);
    }
    context.stdout.write(orphanLines(endedOrphans(stops), []));
    context.stdout.write(othersThatRun(dir, options, context));
  }
  refuseUnproven(stops);
}

function sentence(stops: readonly NodeStop[]): string {
  const killed = stops.filter(({ result }) => result.how === "killed");
  const ended = stops.filter(({ result }) => result.how !== "not-running");
  if (ended.length === 0) return "No node was running";
  const forced = killed.length === 0 ? "" : ` (${killed.length} had to be killed)`;
  return `Stopped ${counted(ended.length, "node")}${forced}`;
}

/** A network beside the one that was stopped would run on unseen: "stop" means the latest. */
function othersThatRun(dir: string, { rootNetworkDir }: StopOptions, context: CommandContext): string {
  let networks: NetworkListing[];
  try {
    networks = listNetworks(rootNetworkDir, context.env);
  } catch {
    return ""; // what was asked for is done
  }
  return networks
    .filter((other) => other.runningCount > 0 && other.dir !== dir)
    .map((other) => `Still running: ${other.name}; to stop it: ${commandFor("net stop", other.dir, context)}\n`)
    .join("");
}
