/**
 * `avx net check-metrics` and `avx net check-logs`: whether what was collected of a network has arrived.
 *
 * @module
 */

import { type Command, Option } from "commander";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { waitForCollected, whereToAsk } from "../../lib/tmpnet/monitoring/check.ts";
import { type Collector, LOGS_COLLECTOR, METRICS_COLLECTOR } from "../../lib/tmpnet/monitoring/collectors.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import type { CollectedDocument } from "../json_documents.ts";
import { addNetworkOptions, findNetwork, jsonOption, timeoutOption, type WhichNetwork } from "./options.ts";

interface CheckOptions extends WhichNetwork {
  readonly networkUuid?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

export const registerCheckMetrics: RegisterCommand = (group, context) => {
  checkCommand(group, METRICS_COLLECTOR, context);
};

export const registerCheckLogs: RegisterCommand = (group, context) => {
  checkCommand(group, LOGS_COLLECTOR, context);
};

function checkCommand(group: Command, collector: Collector, context: CommandContext): void {
  const { collects, envPrefix } = collector;
  const local = collects === "metrics" ? ", or the local collector" : "";
  addNetworkOptions(
    group
      .command(`check-${collects}`)
      .description(`Ask whether ${collects} of a network have arrived; exit with 1 unless they have.`),
  )
    .addOption(new Option("--network-uuid <uuid>", "the network's UUID, where its directory is not here"))
    .addOption(timeoutOption(`how long to ask again until there are ${collects}, such as 30s`))
    .addOption(jsonOption("what was found"))
    .addHelpText(
      "after",
      `\nWhere to ask: ${envPrefix}_URL${local};\nas whom: ${envPrefix}_USERNAME, ${envPrefix}_PASSWORD`,
    )
    .action((options: CheckOptions) => check(collector, options, context));
}

async function check(collector: Collector, options: CheckOptions, context: CommandContext): Promise<void> {
  const { env, signal, stdout, stderr } = context;
  const uuid = options.networkUuid || Network.read(findNetwork(options, context), { env }).uuid;
  const found = await waitForCollected(
    collector,
    askable(collector, context),
    { network_uuid: uuid },
    { timeoutMs: options.timeout, signal, onProblem: (problem) => stderr.write(`Asking again: ${problem}\n`) },
  );
  if (options.json) {
    const document: CollectedDocument = { networkUUID: uuid, ...found };
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    const what = collector.collects === "metrics" ? "series of metrics" : "lines of logs in the last hour";
    stdout.write(`${found.count} ${what} of network ${uuid} are at ${found.url}\n`);
  }
}

function askable(collector: Collector, { env }: CommandContext) {
  try {
    return whereToAsk(collector, { env });
  } catch (error) {
    if (!(error instanceof TmpnetError) || error.type.code !== "missing-variable") throw error;
    const local = collector.collects === "metrics" ? ", or collect them here with start-metrics-collector --local" : "";
    const message = `It is not known where the ${collector.collects} are: ${error.message}`;
    throw new TmpnetError(error.type, message, { cause: error, hint: `Set ${collector.envPrefix}_URL${local}` });
  }
}
