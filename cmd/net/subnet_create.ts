/**
 * `avx net subnet create`: makes a subnet with a chain on a network that runs.
 *
 * @module
 */

import { resolve } from "node:path";
import { Option } from "commander";
import { errorMessage } from "../../lib/core/errors.ts";
import type { JSONMap } from "../../lib/tmpnet/disk/json.ts";
import { createSubnets } from "../../lib/tmpnet/subnets/create.ts";
import { subnetReports } from "../../lib/tmpnet/subnets/report.ts";
import type { L1Spec, L1ValidatorSpec, SubnetSpec } from "../../lib/tmpnet/subnets/spec.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { UsageError } from "../errors.ts";
import { addChainOptions, type ChainOptions, chainOf, textFile } from "./chain_options.ts";
import { collect, NODE_HELP } from "./node_options.ts";
import { addNetworkOptions, jsonOption, parseCount, timeoutOption } from "./options.ts";
import { managerOptions } from "./subnet_convert.ts";
import {
  collecting,
  onSubnets,
  parseAVAX,
  parseL1Validator,
  type SubnetCommandOptions,
  TIMEOUT_HELP,
  toJSONText,
} from "./subnet_options.ts";
import { subnetText } from "./subnet_text.ts";

interface CreateOptions extends SubnetCommandOptions, ChainOptions {
  readonly name: string;
  readonly subnetConfig?: string;
  readonly owningKey?: string;
  readonly validators?: number;
  readonly validator?: readonly string[];
  readonly l1?: boolean;
  readonly l1Validator?: readonly L1ValidatorSpec[];
  readonly balance?: bigint;
  readonly managerChain?: string;
  readonly managerAddress?: Uint8Array;
}

export const registerSubnetCreate: RegisterCommand = (group, context) => {
  const command = addNetworkOptions(
    group
      .command("create")
      .description("Make a subnet with a chain, and restart the nodes that are to run it: those, and no others."),
  ).requiredOption("--name <name>", "what it is called: a file is called so");
  addChainOptions(command, "the VM of its chain; its plugin must be there (default: no chain)")
    .option("--subnet-config <file>", "the subnet's configuration, JSON")
    .option("--owning-key <key>", "who owns the subnet (default: one of the network's pre-funded keys)")
    .addOption(
      new Option("--validators <count>", "how many nodes validate it (default: all)")
        .argParser(parseCount("--validators"))
        .conflicts("validator"),
    )
    .addOption(
      new Option("--validator <node>", `one that validates it: ${NODE_HELP}; may be repeated`).argParser(collect),
    )
    .option("--l1", "make it an L1 at once; its validators are the L1's")
    .addOption(
      new Option(
        "--l1-validator <node:weight:AVAX>",
        "one of the L1's validators, the node as above; may be repeated",
      ).argParser(collecting(parseL1Validator)),
    )
    .addOption(
      new Option("--balance <AVAX>", "what each of the L1's validators has for its fee (default: 100)").argParser(
        parseAVAX("--balance"),
      ),
    );
  managerOptions(command)
    .addOption(timeoutOption(TIMEOUT_HELP))
    .addOption(jsonOption("the subnet"))
    .action((options: CreateOptions) => create(options, context));
};

async function create(options: CreateOptions, context: CommandContext): Promise<void> {
  const spec = await specOf(options, context);
  const { network } = await onSubnets(options, context, (network, control) => createSubnets(network, [spec], control));
  const report = (await subnetReports(network)).find(({ name }) => name === spec.name);
  if (options.json) context.stdout.write(toJSONText(report));
  else if (report !== undefined) context.stdout.write(subnetText(context.stdout, report));
}

async function specOf(options: CreateOptions, context: CommandContext): Promise<SubnetSpec> {
  const { name, validators, validator, owningKey, subnetConfig } = options;
  const l1 = l1Of(options);
  const chain = await chainOf(options, context);
  return {
    name,
    chains: chain === undefined ? [] : [chain],
    validators: validator ?? validators,
    owningKey,
    ...(subnetConfig === undefined ? {} : { config: jsonFile(resolve(context.cwd, subnetConfig)) }),
    ...(l1 === undefined ? {} : { l1 }),
  };
}

function l1Of(options: CreateOptions): L1Spec | undefined {
  const { l1, l1Validator, balance, managerChain, managerAddress } = options;
  const asked = [l1Validator, balance, managerChain, managerAddress].some((option) => option !== undefined);
  if (!l1) {
    if (!asked) return undefined;
    throw new UsageError("Validators with balances and a validator manager are an L1's", { hint: "Add --l1" });
  }
  return {
    ...(managerChain === undefined ? {} : { managerChain }),
    ...(managerAddress === undefined ? {} : { managerAddress }),
    ...(l1Validator === undefined ? {} : { validators: l1Validator }),
    ...(balance === undefined ? {} : { balance }),
  };
}

function jsonFile(path: string): JSONMap {
  const text = textFile(path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${path} is no JSON: ${errorMessage(error)}`);
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JSONMap;
  throw new UsageError(`${path} holds no JSON object`);
}
