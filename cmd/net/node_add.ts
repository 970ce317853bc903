/**
 * `avx net node add`: one more node, bootstrapped from those that run.
 *
 * @module
 */

import { resolve } from "node:path";
import { Option } from "commander";
import { Network } from "../../lib/tmpnet/network.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { flagOption, refusedAsUsage, trustOption } from "./node_options.ts";
import { printNodes } from "./node_text.ts";
import {
  addNetworkOptions,
  findNetwork,
  jsonOption,
  namedProgram,
  parseCount,
  timeoutOption,
  type WhichNetwork,
} from "./options.ts";
import { progressView } from "./progress.ts";

interface AddOptions extends WhichNetwork {
  readonly count: number;
  readonly light?: boolean;
  readonly ephemeral: boolean;
  readonly avalanchegoPath?: string;
  readonly avalanchegoVersion?: string;
  readonly pluginDir?: string;
  readonly flag: Readonly<Record<string, string>>;
  readonly start: boolean;
  readonly trust?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

export const registerNodeAdd: RegisterCommand = (group, context) => {
  addNetworkOptions(
    group.command("add").description("Add a node to a network and wait until it is healthy. It stakes nothing."),
  )
    .addOption(new Option("--count <n>", "how many nodes").default(1).argParser(parseCount("--count")))
    .option("--light", "avx's own node, in a network of avalanchego's")
    .option("--no-ephemeral", "one that is meant to last: others bootstrap from it")
    .option("--avalanchego-path <path>", "the program to run (default: the network's)")
    .option("--avalanchego-version <version>", "the avalanchego to run, as avx install has installed it")
    .option("--plugin-dir <dir>", "where its VM plugins are (default: the network's)")
    .addOption(flagOption("a flag of this node; may be repeated, and wins over the network's"))
    .option("--no-start", "do not start it")
    .addOption(trustOption())
    .addOption(timeoutOption())
    .addOption(jsonOption("the nodes"))
    .action((options: AddOptions) => refusedAsUsage(() => add(options, context)));
};

async function add(options: AddOptions, context: CommandContext): Promise<void> {
  const fromHere = (path: string | undefined) => (path ? resolve(context.cwd, path) : undefined);
  const network = Network.read(findNetwork(options, context), { env: context.env });
  const added: string[] = [];
  {
    using view = progressView(context.stderr);
    for (let i = 0; i < options.count; i++) {
      const node = await network.addNode(
        {
          light: options.light,
          isEphemeral: options.ephemeral,
          avalanchegoPath: namedProgram(options, context),
          pluginDir: fromHere(options.pluginDir),
          flags: options.flag,
          start: options.start,
        },
        {
          signal: context.signal,
          timeoutMs: options.timeout,
          trust: options.trust,
          onProgress: (progress) => view.show(progress),
        },
      );
      added.push(node.nodeID);
    }
  }
  printNodes(network, added, options.json === true, context);
}
