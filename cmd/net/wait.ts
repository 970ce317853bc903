/**
 * `avx net wait`: until all nodes of a network are well.
 *
 * @module
 */

import { isWell, type NetworkStatus } from "../../lib/tmpnet/status.ts";
import { reasonsOf, waitForNetwork } from "../../lib/tmpnet/wait.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { addNetworkOptions, findNetwork, jsonOption, timeoutOption, type WhichNetwork } from "./options.ts";
import { counted, lengthOfTime } from "./text.ts";

/** A wait may have many reasons: so many are told each time that they change. */
const MAX_REASONS = 5;

interface WaitCommandOptions extends WhichNetwork {
  readonly timeout: number;
  readonly json?: boolean;
}

export const registerWait: RegisterCommand = (group, context) => {
  addNetworkOptions(
    group
      .command("wait")
      .description("Wait until all nodes of a network are healthy; exit with 1 when they are not in time."),
  )
    .option("--healthy", "what is waited for: the default, and all there is")
    .addOption(timeoutOption("how long to wait, such as 30s"))
    .addOption(jsonOption("the status of the network at the end, well or not,"))
    .action((options: WaitCommandOptions) => wait(options, context));
};

async function wait(options: WaitCommandOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr, signal, env } = context;
  const startedAt = performance.now();
  const dir = findNetwork(options, context);
  let last: NetworkStatus | undefined;
  const print = (status: NetworkStatus) => stdout.write(`${JSON.stringify(status, null, 2)}\n`);
  const onStatus = (status: NetworkStatus) => {
    last = status;
    stderr.write(progress(status));
  };
  let status: NetworkStatus;
  try {
    status = await waitForNetwork(dir, { signal, timeoutMs: options.timeout, onStatus }, { env });
  } catch (error) {
    if (options.json && last !== undefined) print(last);
    throw error;
  }
  if (options.json) return print(status);
  const { length } = status.nodes;
  stdout.write(`${counted(length, "node")} healthy after ${lengthOfTime(performance.now() - startedAt)}: ${dir}\n`);
}

function progress(status: NetworkStatus): string {
  const reasons = reasonsOf(status);
  const well = status.nodes.filter(isWell).length;
  const lines = reasons.slice(0, MAX_REASONS).map((reason) => `  ${reason}\n`);
  const more = reasons.length > MAX_REASONS ? `  and ${reasons.length - MAX_REASONS} more\n` : "";
  return `${well} of ${counted(status.nodes.length, "node")} well\n${lines.join("")}${more}`;
}
