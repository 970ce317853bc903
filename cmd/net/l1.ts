/**
 * `avx net l1`: validators of L1s, as far as the P-Chain decides about them, and what their managers decided.
 *
 * @module
 */

import { Option } from "commander";
import {
  deliverL1Message,
  disableL1Validator,
  increaseL1Balance,
  type L1Message,
} from "../../lib/tmpnet/subnets/l1.ts";
import { DEFAULT_L1_BALANCE } from "../../lib/tmpnet/subnets/spec.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { addNetworkOptions, jsonOption, timeoutOption } from "./options.ts";
import { onSubnets, parseAVAX, parseHex, type SubnetCommandOptions, toJSONText } from "./subnet_options.ts";

interface MessageOptions extends SubnetCommandOptions {
  readonly message: Uint8Array;
  readonly balance?: bigint;
}

const SUBNET = ["<l1>", "its name or subnet ID"] as const;
const VALIDATOR = ["<validator>", "its validation ID, or its node"] as const;

export const registerL1: RegisterCommand = (group, context) => {
  const l1 = group
    .command("l1")
    .description("Change validators of L1s: their balances, and what their validator managers signed.")
    .usage("<command> [options]")
    .helpCommand(false)
    .addHelpText(
      "after",
      "\nWho validates an L1, and with what weight, is decided by its validator manager:" +
        "\nthe P-Chain wants a message of that contract with the signatures of the L1's" +
        "\nvalidators. register and set-weight hand such a message in.",
    );

  addNetworkOptions(
    l1
      .command("increase-balance")
      .argument(...SUBNET)
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
      .argument(...SUBNET)
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

  addNetworkOptions(
    l1
      .command("register")
      .argument(...SUBNET)
      .description("Add a node of the network as a validator, by its manager's signed message."),
  )
    .addOption(messageOption())
    .addOption(
      new Option("--balance <AVAX>", "what it has for its fee (default: 100)").argParser(parseAVAX("--balance")),
    )
    .addOption(timeoutOption(TIMEOUT_HELP))
    .addOption(jsonOption("the transaction"))
    .action((subnet: string, { message, balance = DEFAULT_L1_BALANCE, ...options }: MessageOptions) =>
      deliver(subnet, { kind: "register", message, balance }, options, context),
    );

  addNetworkOptions(
    l1
      .command("set-weight")
      .argument(...SUBNET)
      .description("Change what a validator weighs, by its manager's signed message; 0 removes it."),
  )
    .addOption(messageOption())
    .addOption(timeoutOption(TIMEOUT_HELP))
    .addOption(jsonOption("the transaction"))
    .action((subnet: string, { message, ...options }: MessageOptions) =>
      deliver(subnet, { kind: "weight", message }, options, context),
    );
};

const TIMEOUT_HELP = "how long all of it may take, such as 30s";

function messageOption(): Option {
  return new Option("--message <hex>", "the warp message, with the signatures of the L1's validators")
    .argParser(parseHex("--message"))
    .makeOptionMandatory();
}

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

async function deliver(
  subnet: string,
  message: L1Message,
  options: SubnetCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { result } = await onSubnets(options, context, (network, control) =>
    deliverL1Message(network, subnet, message, control),
  );
  if (options.json) return context.stdout.write(toJSONText({ txID: result }));
  context.stdout.write(`The P-Chain took the message: transaction ${result}\n`);
}
