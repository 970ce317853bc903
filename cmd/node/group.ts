/**
 * The commands of `avx node`, in the order of its `--help`.
 *
 * @module
 */

import type { RegisterCommand } from "../command.ts";

/**
 * Stands in the help for `avx node run`, which is reached before the tree of commands is made: its flags are
 * avalanchego's, and are not commander's to read. Only `avx help node run` comes here.
 */
const registerRun: RegisterCommand = (group, context) => {
  group
    .command("run")
    .usage("[flags]")
    .description("Run a node until it is told to stop. It takes avalanchego's flags.")
    .helpOption(false)
    .allowUnknownOption()
    .allowExcessArguments()
    .action(async () => {
      const { runNode } = await import("./run.ts");
      await runNode(["--help"], context);
    });
};

/** For `avx net start`, which hands over many nodes this way. */
const registerHost: RegisterCommand = (group, context) => {
  group
    .command("host", { hidden: true })
    .description("Run many nodes in one process, as stdin names them: a JSON object a line.")
    .action(async () => {
      const { runHost } = await import("./host.ts");
      await runHost(context);
    });
};

export const NODE_COMMANDS: readonly RegisterCommand[] = [registerRun, registerHost];
