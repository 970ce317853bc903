/**
 * `avx net subnet`: subnets of a network, and their becoming L1s.
 *
 * @module
 */

import type { RegisterCommand } from "../command.ts";
import { registerSubnetAddChain } from "./subnet_add_chain.ts";
import { registerSubnetConvert } from "./subnet_convert.ts";
import { registerSubnetCreate } from "./subnet_create.ts";
import { registerSubnetList } from "./subnet_list.ts";

export const registerSubnet: RegisterCommand = (group, context) => {
  const subnet = group
    .command("subnet")
    .description("Make subnets of a network that runs, add chains, list them, make them L1s.")
    .usage("<command> [options]")
    .helpCommand(false);
  registerSubnetCreate(subnet, context);
  registerSubnetAddChain(subnet, context);
  registerSubnetList(subnet, context);
  registerSubnetConvert(subnet, context);
};
