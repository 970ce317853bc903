/**
 * `avx net restart`: starts all nodes of a network anew, also those that were stopped.
 *
 * @module
 */

import { Network } from "../../lib/tmpnet/network.ts";
import { networkReport } from "../../lib/tmpnet/report.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { flagOption, refusedAsUsage, trustOption } from "./node_options.ts";
import { addNetworkOptions, findNetwork, jsonOption, timeoutOption, type WhichNetwork } from "./options.ts";
import { type ProgressView, progressView } from "./progress.ts";
import { printReport } from "./report_text.ts";

interface RestartOptions extends WhichNetwork {
  readonly flag: Readonly<Record<string, string>>;
  readonly trust?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

export const registerRestart: RegisterCommand = (group, context) => {
  addNetworkOptions(group.command("restart").description("Restart a network: stop what runs of it, start all of it."))
    .addOption(
      flagOption("a flag that nodes are to have from now on, unless they have it of their own; may be repeated"),
    )
    .addOption(trustOption())
    .addOption(timeoutOption())
    .addOption(jsonOption("where the network is and what it has"))
    .action((options: RestartOptions) => refusedAsUsage(() => restart(options, context)));
};

async function restart(options: RestartOptions, context: CommandContext): Promise<void> {
  const startedAt = performance.now();
  const stopped = Network.read(findNetwork(options, context), { env: context.env });
  let network: Network;
  let healthy: ProgressView["healthy"];
  {
    using view = progressView(context.stderr);
    ({ healthy } = view);
    let isBegun = false;
    network = await stopped.restart({
      signal: context.signal,
      timeoutMs: options.timeout,
      trust: options.trust,
      flags: options.flag,
      onProgress(progress) {
        // What is refused before anything is done has not been begun.
        if (!isBegun && progress.kind === "node") view.show({ kind: "created", network: stopped });
        isBegun ||= progress.kind === "node";
        view.show(progress);
      },
    });
  }
  const tookMs = performance.now() - startedAt;
  printReport(await networkReport(network), { tookMs, healthy }, options.json === true, context);
}
