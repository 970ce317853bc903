/**
 * `avx net subnet list`: which subnets a network has, and where their chains answer.
 *
 * @module
 */

import { Network } from "../../lib/tmpnet/network.ts";
import { subnetReports } from "../../lib/tmpnet/subnets/report.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { addNetworkOptions, commandFor, findNetwork, jsonOption, type WhichNetwork } from "./options.ts";
import { toJSONText } from "./subnet_options.ts";
import { subnetText } from "./subnet_text.ts";

interface ListOptions extends WhichNetwork {
  readonly json?: boolean;
}

export const registerSubnetList: RegisterCommand = (group, context) => {
  addNetworkOptions(group.command("list").description("List subnets, their chains and validators."))
    .addOption(jsonOption("the list"))
    .action((options: ListOptions) => list(options, context));
};

async function list(options: ListOptions, context: CommandContext): Promise<void> {
  const network = Network.read(findNetwork(options, context), { env: context.env });
  const reports = await subnetReports(network);
  const { stdout } = context;
  if (options.json) return stdout.write(toJSONText(reports));
  if (reports.length === 0) {
    stdout.write("The network has no subnets\n");
    return stdout.write(
      `To make one: ${commandFor("net subnet create --name <name> --vm <VM>", network.dir, context)}\n`,
    );
  }
  stdout.write(reports.map((report) => subnetText(stdout, report)).join("\n"));
}
