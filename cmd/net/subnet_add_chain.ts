/**
 * `avx net subnet add-chain`: another chain for a subnet that is there.
 *
 * @module
 */

import { addChains } from "../../lib/tmpnet/subnets/add_chains.ts";
import { subnetReports } from "../../lib/tmpnet/subnets/report.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { addChainOptions, type ChainOptions, chainOf, withoutVM } from "./chain_options.ts";
import { addNetworkOptions, jsonOption, timeoutOption } from "./options.ts";
import { onSubnets, type SubnetCommandOptions, TIMEOUT_HELP, toJSONText } from "./subnet_options.ts";
import { subnetText } from "./subnet_text.ts";

interface AddChainOptions extends SubnetCommandOptions, ChainOptions {}

export const registerSubnetAddChain: RegisterCommand = (group, context) => {
  const command = addNetworkOptions(
    group
      .command("add-chain")
      .argument("<subnet>", "its name or ID")
      .description(
        "Add a chain to a subnet. Its validators are restarted only where the chain has a configuration, or they have not its plugin yet.",
      ),
  );
  addChainOptions(command, "the chain's VM; its plugin must be there")
    .addOption(timeoutOption(TIMEOUT_HELP))
    .addOption(jsonOption("the subnet"))
    .action((subnet: string, options: AddChainOptions) => addChain(subnet, options, context));
};

async function addChain(subnet: string, options: AddChainOptions, context: CommandContext): Promise<void> {
  const chain = await chainOf(options, context);
  if (chain === undefined) throw withoutVM();
  const { network, result } = await onSubnets(options, context, (network, control) =>
    addChains(network, subnet, [chain], control),
  );
  const report = (await subnetReports(network)).find(({ name }) => name === result.record.name);
  if (options.json) context.stdout.write(toJSONText(report));
  else if (report !== undefined) context.stdout.write(subnetText(context.stdout, report));
}
