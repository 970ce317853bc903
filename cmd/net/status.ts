/**
 * `avx net status`: each node's process, API and peers, asked apart.
 *
 * The exit code is 0 when all nodes are well, so that scripts can ask it.
 *
 * @module
 */

import type { Fault } from "../../lib/tmpnet/faults.ts";
import type { APIStatus, PeersStatus } from "../../lib/tmpnet/node_answers.ts";
import { isWell, type NetworkStatus, type NodeStatus, networkStatusAt } from "../../lib/tmpnet/status.ts";
import type { CommandContext, Output, RegisterCommand } from "../command.ts";
import { AlreadyTold } from "../errors.ts";
import { addNetworkOptions, commandFor, findNetwork, jsonOption, type WhichNetwork } from "./options.ts";
import { type Cell, counted, foldingColumns, lengthOfTime, oneLine, paint } from "./text.ts";

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
  const dir = findNetwork(options, context);
  const found = await networkStatusAt(dir, { signal: context.signal }, { env: context.env });
  if (options.json) stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  else print(found, context);
  if (!found.healthy || found.faults.some(({ code }) => code === "orphan")) throw new AlreadyTold();
}

function print(found: NetworkStatus, context: CommandContext): void {
  const { stdout } = context;
  const { dir, nodes, faults, atWork } = found;
  const stopped = nodes.filter(({ process }) => process.status === "stopped").length;
  stdout.write(`${oneLine(dir)}: ${summary(found, stopped, stdout)}\n`);
  for (const fault of faults) stdout.write(`  ${paint(stdout, "bad", fault.part)}  ${oneLine(said(fault))}\n`);
  if (nodes.length > 0) {
    const titles = ["NODE ID", "PROCESS", "API", "PEERS", "URI"].map((title): Cell => ["faint", title]);
    stdout.write(foldingColumns(stdout, [titles, ...nodes.map(row)]));
  }
  for (const node of nodes) stdout.write(foldingColumns(stdout, faultLines(node), "  "));
  if (atWork !== undefined) stdout.write(`Process ${atWork.pid} is ${atWork.purpose}\n`);
  else if (stopped > 0) stdout.write(`To start all of it again: ${commandFor("net restart", dir, context)}\n`);
}

function summary({ nodes, faults }: NetworkStatus, stopped: number, stdout: Output): string {
  const all = nodes.length;
  if (all === 0) return faults.some(({ code }) => code === "broken") ? "half made" : "no nodes";
  const [whole, are] = all === 1 ? ["the node", "is"] : [`all ${all} nodes`, "are"];
  const well = nodes.filter(isWell).length;
  if (well === all && faults.length > 0) return paint(stdout, "bad", `${whole} ${are} well, but`);
  if (well === all) return paint(stdout, "good", `${whole} ${are} well`);
  return stopped === all ? `${whole} ${are} stopped` : `${well} of ${counted(all, "node")} ${are} well`;
}

function row(node: NodeStatus): readonly Cell[] {
  const { nodeID, process, api, peers } = node;
  const uri = process.status === "running" ? process.uri : "";
  return [nodeID, processCell(node), apiCell(api), peersCell(peers), uri];
}

function processCell({ process, endedAt }: NodeStatus): Cell {
  if (process.status === "stopped") {
    const died = process.stalePID !== undefined;
    if (endedAt === undefined) return died ? ["bad", "died"] : ["faint", "never ran"];
    return [died ? "bad" : "faint", `${died ? "died" : "stopped"} ${age(endedAt)} ago`];
  }
  return [
    process.status === "running" ? "good" : "wait",
    `${process.status} ${process.pid}, ${age(process.startedAt)}`,
  ];
}

function age(since: number): string {
  return lengthOfTime(Math.max(0, Date.now() - since));
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

/** What is wrong with a node, one line each; that it is stopped stands in the table. */
function faultLines({ nodeID, faults }: NodeStatus): Cell[][] {
  return faults
    .filter(({ code }) => code !== "stopped")
    .map((fault): Cell[] => [nodeID, ["bad", fault.part === "api" ? "API" : fault.part], said(fault)]);
}

function said({ what, since }: Fault): string {
  if (since === undefined) return what;
  const ms = Date.parse(since);
  return `${what} (since ${since}${Number.isNaN(ms) ? "" : `, for ${age(ms)}`})`;
}
