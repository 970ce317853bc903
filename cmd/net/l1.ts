/**
 * `avx net l1`: validators of L1s, as far as the P-Chain decides about them, and what their managers decide.
 *
 * @module
 */

import { disableL1Validator, increaseL1Balance } from "../../lib/tmpnet/subnets/l1.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { registerL1Messages } from "./l1_messages.ts";
import { addNetworkOptions, jsonOption, timeoutOption } from "./options.ts";
import {
  L1_ARGUMENT,
  onSubnets,
  parseAVAX,
  type SubnetCommandOptions,
  TIMEOUT_HELP,
  toJSONText,
  VALIDATOR_HELP,
} from "./subnet_options.ts";

const VALIDATOR = ["<validator>", VALIDATOR_HELP] as const;

export const registerL1: RegisterCommand = (group, context) => {
  const l1 = group
    .command("l1")
    .description("Change validators of L1s: their balances, who they are, and what they weigh.")
    .usage("<command> [options]")
    .helpCommand(false)
    .addHelpText(
      "after",
      "\nWho validates an L1, and with what weight, is decided by its validator manager:" +
        "\nthe P-Chain wants a message of that contract with the signatures of the L1's" +
        "\nvalidators. register and set-weight hand such a message in, or make it: a" +
        "\ntemporary network has its validators' keys. A contract does not hear of that.",
    );

  addNetworkOptions(
    l1
      .command("increase-balance")
      .argument(...L1_ARGUMENT)
      .argument(...VALIDATOR)
      .argument("<AVAX>", "how much more it has for its fee", parseAVAX("The amount"))
      .description("Give a validator more for its fee; one that is inactive is active again."),
  )
    .addOption(timeoutOption(TIMEOUT_HELP))
    .addOption(jsonOption("the transaction"))
    .action((subnet: string, validator: string, amount: bigint, options: SubnetCommandOptions) =>
      change(options, context, "has more for its fee", (network, control) =>
        increaseL1Balance(network, subnet, validator, amount, control),
      ),
    );

  addNetworkOptions(
    l1
      .command("disable")
      .argument(...L1_ARGUMENT)
      .argument(...VALIDATOR)
      .description("Make a validator inactive, and give its owner what is left of its balance. Its weight stays."),
  )
    .addOption(timeoutOption(TIMEOUT_HELP))
    .addOption(jsonOption("the transaction"))
    .action((subnet: string, validator: string, options: SubnetCommandOptions) =>
      change(options, context, "is inactive", (network, control) =>
        disableL1Validator(network, subnet, validator, control),
      ),
    );

  registerL1Messages(l1, context);
};

async function change(
  options: SubnetCommandOptions,
  context: CommandContext,
  what: string,
  work: Parameters<typeof onSubnets<Awaited<ReturnType<typeof increaseL1Balance>>>>[2],
): Promise<void> {
  const { result } = await onSubnets(options, context, work);
  if (options.json) return context.stdout.write(toJSONText(result));
  context.stdout.write(`Validator ${result.validationID} ${what}: transaction ${result.txID}\n`);
}
