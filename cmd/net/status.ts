/**
 * `avx net status`: each node's process, API and peers, asked apart.
 *
 * The exit code is 0 when all nodes are well, so that scripts can ask it.
 *
 * @module
 */

import { Network } from "../../lib/tmpnet/network.ts";
import {
  type APIStatus,
  isWell,
  type NetworkStatus,
  type NodeStatus,
  networkStatus,
  type PeersStatus,
} from "../../lib/tmpnet/status.ts";
import type { CommandContext, Output, RegisterCommand } from "../command.ts";
import { AlreadyTold } from "../errors.ts";
import { addNetworkOptions, commandFor, findNetwork, jsonOption, type WhichNetwork } from "./options.ts";
import { type Cell, counted, foldingColumns, lengthOfTime, paint } from "./text.ts";

interface StatusOptions extends WhichNetwork {
  readonly json?: boolean;
}

export const registerStatus: RegisterCommand = (group, context) => {
  addNetworkOptions(
    group
      .command("status")
      .description("Ask each node's process, API and peers how they are; exit with 1 unless all are well."),
  )
    .addOption(jsonOption("the answers"))
    .action((options: StatusOptions) => status(options, context));
};

async function status(options: StatusOptions, context: CommandContext): Promise<void> {
  const { stdout } = context;
  const network = Network.read(findNetwork(options, context), { env: context.env });
  const found = await networkStatus(network, { signal: context.signal });
  if (options.json) stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else print(found, context);
  if (!found.nodes.every(isWell)) throw new AlreadyTold();
}

function print(found: NetworkStatus, context: CommandContext): void {
  const { stdout } = context;
  const stopped = found.nodes.filter(({ process }) => process.status === "stopped").length;
  stdout.write(`${found.dir}: ${summary(found.nodes, stopped, stdout)}\n`);
  const titles = ["NODE ID", "PROCESS", "API", "PEERS", "URI"].map((title): Cell => ["faint", title]);
  stdout.write(foldingColumns(stdout, [titles, ...found.nodes.map(row)]));
  for (const node of found.nodes) stdout.write(foldingColumns(stdout, faults(node), "  "));
  if (stopped > 0) stdout.write(`To start all of it again: ${commandFor("net restart", found.dir, context)}\n`);
}

function summary(nodes: readonly NodeStatus[], stopped: number, stdout: Output): string {
  const all = nodes.length;
  const [whole, are] = all === 1 ? ["the node", "is"] : [`all ${all} nodes`, "are"];
  const well = nodes.filter(isWell).length;
  if (well === all) return paint(stdout, "good", `${whole} ${are} well`);
  return stopped === all ? `${whole} ${are} stopped` : `${well} of ${counted(all, "node")} ${are} well`;
}

function row({ nodeID, process, api, peers }: NodeStatus): readonly Cell[] {
  const uri = process.status === "running" ? process.uri : "";
  return [nodeID, processCell(process), apiCell(api), peersCell(peers), uri];
}

function processCell(process: NodeStatus["process"]): Cell {
  if (process.status === "stopped") return ["faint", "stopped"];
  const age = lengthOfTime(Math.max(0, Date.now() - process.startedAt));
  return [process.status === "running" ? "good" : "wait", `${process.status} ${process.pid}, ${age}`];
}

function apiCell(api: APIStatus): Cell {
  if (api.answers) return api.healthy ? ["good", "healthy"] : ["bad", "unhealthy"];
  return "error" in api ? ["bad", "no answer"] : ["faint", "-"];
}

function peersCell(peers: PeersStatus): Cell {
  if (!peers.known) return peers.error === undefined ? ["faint", "-"] : ["bad", "no answer"];
  return peers.missing.length === 0
    ? ["good", String(peers.connected)]
    : ["bad", `${peers.connected}, ${peers.missing.length} missing`];
}

/** What is wrong with a node, one line each. */
function faults({ nodeID, process, api, peers }: NodeStatus): Cell[][] {
  const lines: Cell[][] = [];
  const say = (where: string, what: string) => lines.push([nodeID, ["bad", where], what]);
  if (process.status === "stopped") {
    for (const pid of process.unproven) say("process", `${pid} has its command line and cannot be proven to be it`);
    if (process.stalePID !== undefined)
      say("process", `${process.stalePID}, which its process.json names, has ended or is not it`);
  }
  if (api.answers) {
    for (const { check, error, since } of api.failing) {
      say("API", `${check}: ${error}${since === undefined ? "" : ` (since ${since})`}`);
    }
  } else if ("error" in api) {
    say("API", api.error);
  }
  if (!peers.known && peers.error !== undefined) say("peers", peers.error);
  if (peers.known) for (const missing of peers.missing) say("peers", `not connected to ${missing}`);
  return lines;
}
