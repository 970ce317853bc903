/**
 * `avx net subnet convert`: makes a subnet an L1.
 *
 * @module
 */

import { type Command, Option } from "commander";
import { convertSubnet } from "../../lib/tmpnet/subnets/l1.ts";
import type { L1ValidatorSpec } from "../../lib/tmpnet/subnets/spec.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { addNetworkOptions, jsonOption, timeoutOption } from "./options.ts";
import {
  collecting,
  onSubnets,
  parseAVAX,
  parseHex,
  parseL1Validator,
  type SubnetCommandOptions,
  TIMEOUT_HELP,
  toJSONText,
} from "./subnet_options.ts";
import { foldingColumns } from "./text.ts";

interface ConvertOptions extends SubnetCommandOptions {
  readonly managerChain?: string;
  readonly managerAddress?: Uint8Array;
  readonly validator?: readonly L1ValidatorSpec[];
  readonly balance?: bigint;
}

/** `--manager-chain` and `--manager-address` */
export function managerOptions(command: Command): Command {
  return command
    .option("--manager-chain <chain>", "where the validator manager is: a chain's ID, or C (default: its first chain)")
    .addOption(
      new Option("--manager-address <hex>", "the validator manager's address (default: none)").argParser(
        parseHex("--manager-address"),
      ),
    );
}

export const registerSubnetConvert: RegisterCommand = (group, context) => {
  const command = addNetworkOptions(
    group
      .command("convert")
      .argument("<subnet>", "its name or ID")
      .description("Make a subnet an L1: its validators pay a fee each from a balance, and nobody owns it any more."),
  )
    .addOption(
      new Option(
        "--validator <node:weight:AVAX>",
        "one that it begins with; may be repeated (default: all it has)",
      ).argParser(collecting(parseL1Validator)),
    )
    .addOption(
      new Option("--balance <AVAX>", "what each validator has that names none (default: 100)").argParser(
        parseAVAX("--balance"),
      ),
    );
  managerOptions(command)
    .addOption(timeoutOption(TIMEOUT_HELP))
    .addOption(jsonOption("the L1 and its validators"))
    .action((subnet: string, options: ConvertOptions) => convert(subnet, options, context));
};

async function convert(subnet: string, options: ConvertOptions, context: CommandContext): Promise<void> {
  const { managerChain, managerAddress, validator, balance } = options;
  const spec = { managerChain, managerAddress, validators: validator, balance };
  const { result } = await onSubnets(options, context, (network, control) =>
    convertSubnet(network, subnet, spec, control),
  );
  if (options.json) return context.stdout.write(toJSONText(result));
  const { stdout } = context;
  stdout.write(`Subnet ${subnet} is an L1: ${result.subnetID}\n`);
  const rows = [...result.validationIDs].map(([nodeID, validationID]) => [nodeID, validationID]);
  stdout.write(foldingColumns(stdout, [["VALIDATOR", "VALIDATION"], ...rows]));
}
