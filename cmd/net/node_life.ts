/**
 * `avx net node start`, `stop`, `restart` and `remove`: nodes that a network has.
 *
 * @module
 */

import { basename } from "node:path";
import type { NetworkControl, NodeStop } from "../../lib/tmpnet/network.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import type { NodeRemovalDocument, StopDocument } from "../json_documents.ts";
import { flagOption, NODE_HELP, refusedAsUsage, trustOption } from "./node_options.ts";
import { printNodes } from "./node_text.ts";
import { addNetworkOptions, findNetwork, jsonOption, timeoutOption, type WhichNetwork } from "./options.ts";
import { progressView } from "./progress.ts";
import { refuseUnproven, stopDocument } from "./stop_text.ts";
import { counted } from "./text.ts";

interface LifeOptions extends WhichNetwork {
  readonly flag?: Readonly<Record<string, string>>;
  readonly trust?: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

export const registerNodeLife: RegisterCommand = (group, context) => {
  addNetworkOptions(group.command("start").description("Start nodes that were stopped; those that run are left."))
    .argument("<nodes...>", NODE_HELP)
    .addOption(trustOption())
    .addOption(timeoutOption())
    .addOption(jsonOption("the nodes"))
    .action((nodes: string[], options: LifeOptions) => refusedAsUsage(() => start(nodes, options, context)));
  addNetworkOptions(group.command("restart").description("Restart nodes, side by side, and no others."))
    .argument("<nodes...>", NODE_HELP)
    .addOption(flagOption("a flag that these nodes are to have from now on; may be repeated"))
    .addOption(trustOption())
    .addOption(timeoutOption())
    .addOption(jsonOption("the nodes"))
    .action((nodes: string[], options: LifeOptions) => refusedAsUsage(() => restart(nodes, options, context)));
  addNetworkOptions(group.command("stop").description("Stop nodes; they stay in the network."))
    .argument("<nodes...>", NODE_HELP)
    .addOption(jsonOption("what became of each node"))
    .action((nodes: string[], options: LifeOptions) => refusedAsUsage(() => stop(nodes, options, context)));
  addNetworkOptions(group.command("remove").description("Stop a node, and remove it with all that it has."))
    .argument("<node>", NODE_HELP)
    .addOption(jsonOption("which node it was"))
    .action((node: string, options: LifeOptions) => refusedAsUsage(() => remove(node, options, context)));
};

/** What these names mean now: a command that must wait for another still means the same nodes when its turn comes. */
function directoryNames(network: Network, names: readonly string[]): string[] {
  return names.map((name) => basename(network.node(name).dataDir));
}

async function start(names: readonly string[], options: LifeOptions, context: CommandContext): Promise<void> {
  const network = Network.read(findNetwork(options, context), { env: context.env });
  const nodes = directoryNames(network, names);
  await withProgress(options, context, (control) => network.startNodes(nodes, control));
  printNodes(network, nodes, options.json === true, context);
}

async function restart(names: readonly string[], options: LifeOptions, context: CommandContext): Promise<void> {
  const network = Network.read(findNetwork(options, context), { env: context.env });
  const nodes = directoryNames(network, names);
  await withProgress(options, context, (control) => network.restartNodes(nodes, { ...control, flags: options.flag }));
  printNodes(network, nodes, options.json === true, context);
}

async function stop(names: readonly string[], options: LifeOptions, context: CommandContext): Promise<void> {
  const network = Network.read(findNetwork(options, context), { env: context.env });
  const nodes = directoryNames(network, names);
  const stops = await withProgress(options, context, (control) => network.stopNodes(nodes, control));
  printStops(network, stops, options.json === true, context);
  refuseUnproven(stops);
}

async function remove(name: string, options: LifeOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr } = context;
  const network = Network.read(findNetwork(options, context), { env: context.env });
  const { nodeID, dataDir } = network.node(name);
  const stakers = network.genesis?.initialStakers ?? [];
  await withProgress(options, context, (control) => network.removeNode(basename(dataDir), control));
  if (stakers.some((staker) => staker.nodeID === nodeID)) {
    const nodes = counted(stakers.length, "node");
    stderr.write(`Warning: it was one of the ${nodes} that stake in the genesis; the others miss it for ever\n`);
  }
  const document: NodeRemovalDocument = { dir: network.dir, removed: nodeID };
  if (options.json) stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  else stdout.write(`Removed ${nodeID}; ${counted(network.nodes.length, "node")} left: ${network.dir}\n`);
}

async function withProgress<T>(
  { timeout, trust }: LifeOptions,
  { signal, stderr }: CommandContext,
  work: (control: NetworkControl) => Promise<T>,
): Promise<T> {
  using view = progressView(stderr);
  return await work({ signal, timeoutMs: timeout, trust, onProgress: (progress) => view.show(progress) });
}

function printStops(network: Network, stops: readonly NodeStop[], json: boolean, { stdout }: CommandContext): void {
  if (json) {
    const document: StopDocument = { dir: network.dir, nodes: stops.map(stopDocument) };
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
    return;
  }
  const ended = stops.filter(({ result }) => result.how !== "not-running").length;
  stdout.write(`${ended === 0 ? "None of them was running" : `Stopped ${counted(ended, "node")}`}: ${network.dir}\n`);
}
