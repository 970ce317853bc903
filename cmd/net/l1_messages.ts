/**
 * `avx net l1 register` and `set-weight`: who validates an L1, and with what weight. A message that the validator manager
 * signed is handed in, or made here and signed with the network's own keys.
 *
 * @module
 */

import { type Command, Option } from "commander";
import type { L1Change } from "../../lib/tmpnet/subnets/l1.ts";
import {
  deliverL1Message,
  type L1Message,
  registerL1Validator,
  setL1ValidatorWeight,
} from "../../lib/tmpnet/subnets/l1_messages.ts";
import { DEFAULT_L1_BALANCE } from "../../lib/tmpnet/subnets/spec.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { UsageError } from "../errors.ts";
import { NODE_HELP } from "./node_options.ts";
import { addNetworkOptions, jsonOption, timeoutOption } from "./options.ts";
import {
  L1_ARGUMENT,
  onSubnets,
  parseAVAX,
  parseHex,
  parseWeight,
  type SubnetCommandOptions,
  TIMEOUT_HELP,
  toJSONText,
  VALIDATOR_HELP,
} from "./subnet_options.ts";

interface SetWeightOptions extends SubnetCommandOptions {
  readonly message?: Uint8Array;
}

interface RegisterOptions extends SetWeightOptions {
  readonly weight?: bigint;
  readonly balance?: bigint;
}

/** Adds both commands. */
export const registerL1Messages: RegisterCommand = (group, context) => {
  withMessage(
    group
      .command("register")
      .argument(...L1_ARGUMENT)
      .argument("[node]", `${NODE_HELP}; left out with --message`)
      .description("Add a node of the network as a validator."),
  )
    .addOption(
      new Option("--weight <weight>", "what it weighs (default: 49463)").argParser(parseWeight).conflicts("message"),
    )
    .addOption(
      new Option("--balance <AVAX>", "what it has for its fee (default: 100)").argParser(parseAVAX("--balance")),
    )
    .action((l1: string, node: string | undefined, options: RegisterOptions) => register(l1, node, options, context));

  withMessage(
    group
      .command("set-weight")
      .argument(...L1_ARGUMENT)
      .argument("[validator]", `${VALIDATOR_HELP}; left out with --message`)
      .argument("[weight]", "what it is to weigh; 0 removes it", parseWeight)
      .description("Change what a validator weighs; 0 removes it."),
  ).action((l1: string, validator: string | undefined, weight: bigint | undefined, options: SetWeightOptions) =>
    setWeight(l1, validator, weight, options, context),
  );
};

function withMessage(command: Command): Command {
  return addNetworkOptions(command)
    .addOption(
      new Option(
        "--message <hex>",
        "the manager's warp message with its L1's signatures (default: made and signed here)",
      ).argParser(parseHex("--message")),
    )
    .addOption(timeoutOption(TIMEOUT_HELP))
    .addOption(jsonOption("the transaction"));
}

async function register(
  l1: string,
  node: string | undefined,
  options: RegisterOptions,
  context: CommandContext,
): Promise<void> {
  const { message, weight, balance = DEFAULT_L1_BALANCE } = options;
  if (message !== undefined) {
    if (node !== undefined) throw twice("which node it is");
    return await deliver(l1, { kind: "register", message, balance }, options, context);
  }
  if (node === undefined) throw neither("a node");
  const { result } = await onSubnets(options, context, (network, control) =>
    registerL1Validator(network, l1, { node, weight, balance }, control),
  );
  print(result, `Node ${node} validates ${l1}`, options, context);
}

async function setWeight(
  l1: string,
  validator: string | undefined,
  weight: bigint | undefined,
  options: SetWeightOptions,
  context: CommandContext,
): Promise<void> {
  const { message } = options;
  if (message !== undefined) {
    if (validator !== undefined) throw twice("which validator it is, and what it is to weigh");
    return await deliver(l1, { kind: "weight", message }, options, context);
  }
  if (validator === undefined || weight === undefined) throw neither("a validator and its weight");
  const { result } = await onSubnets(options, context, (network, control) =>
    setL1ValidatorWeight(network, l1, validator, weight, control),
  );
  const what = weight === 0n ? `is removed from ${l1}` : `of ${l1} weighs ${weight}`;
  print(result, `Validator ${validator} ${what}`, options, context);
}

async function deliver(
  l1: string,
  message: L1Message,
  options: SubnetCommandOptions,
  context: CommandContext,
): Promise<void> {
  const { result } = await onSubnets(options, context, (network, control) =>
    deliverL1Message(network, l1, message, control),
  );
  if (options.json) return context.stdout.write(toJSONText({ txID: result }));
  context.stdout.write(`The P-Chain took the message: transaction ${result}\n`);
}

function print(change: L1Change, what: string, { json }: SubnetCommandOptions, { stdout }: CommandContext): void {
  const text = `${what}: validation ${change.validationID}, transaction ${change.txID}\n`;
  stdout.write(json ? toJSONText(change) : text);
}

function twice(what: string): UsageError {
  return new UsageError(`A message says itself ${what}`, { hint: "Leave the words out, or --message" });
}

function neither(what: string): UsageError {
  return new UsageError(`Name ${what}, or hand in the validator manager's message`, {
    hint: "Without --message it is made here and signed with the keys of the network's nodes",
  });
}
