/**
 * `avx net node`: single nodes of a network.
 *
 * @module
 */

import type { RegisterCommand } from "../command.ts";
import { registerNodeAdd } from "./node_add.ts";
import { registerNodeLife } from "./node_life.ts";

export const registerNode: RegisterCommand = (group, context) => {
  const node = group
    .command("node")
    .description("Add, remove, start, stop and restart single nodes of a network.")
    .usage("<command> [options]")
    .helpCommand(false);
  registerNodeAdd(node, context);
  registerNodeLife(node, context);
};
