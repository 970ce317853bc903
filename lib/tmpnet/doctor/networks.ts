/**
 * What is wrong with the networks of a root that can be seen without asking their nodes.
 *
 * @module
 */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { quoted } from "../../core/program.ts";
import { type Env, readLink } from "../disk/layout.ts";
import { LOCK_FILE, lockHolder } from "../disk/lock.ts";
import { isLatestLink } from "../disk/network_dirs.ts";
import type { NetworkListing } from "../listing.ts";
import { type Orphan, orphanName } from "../orphans.ts";
import { isFree, listenerOf } from "../ports.ts";
import { readStoppable } from "../read.ts";
import type { RuntimeNode } from "../runtime/contract.ts";
import { nodeProcesses } from "../runtime/node_processes.ts";
import { ProcessRuntime } from "../runtime/process_runtime.ts";
import { type Finding, ok, problem, warning } from "./finding.ts";

/** Flags that name a port. */
const PORT_FLAGS = ["http-port", "staking-port"];

/** Where an avalanchego listens that nobody tells otherwise. */
const USUAL_PORTS = [9650, 9651];

/** Looks at one network. */
export async function checkNetwork(network: NetworkListing, env: Env): Promise<Finding[]> {
  const { dir, name, state, program, failure, problem: unreadable } = network;
  if (state === "unreadable") {
    return [warning("network", `${name} belongs to another user, who alone may look into it`, "Leave it, or ask them")];
  }
  const findings: Finding[] = [];
  if (state === "half-made" || state === "failed") {
    const why =
      state === "half-made"
        ? "was never made to the end"
        : `failed to start${failure === undefined ? "" : `: ${failure.split("\n")[0]}`}`;
    return [warning("network", `${name} ${why}`, "Remove it: avx net prune --failed")];
  }
  if (unreadable !== undefined) {
    findings.push(
      problem("network", `${name}: ${unreadable}`, `Mend the file, or remove the network: rm -r ${quoted(dir)}`),
    );
    return findings;
  }
  if (program !== "" && !existsSync(program)) {
    const what = `${name} runs ${program}, which is not there any more: it cannot be restarted`;
    findings.push(problem("network", what, "Put it back, or name another in defaultRuntimeConfig of its config.json"));
  }
  return [...findings, ...lockFindings(network), ...(await nodeFindings(network, env))];
}

function lockFindings({ dir, name }: NetworkListing): Finding[] {
  try {
    if (readLink(join(dir, LOCK_FILE)) === undefined || lockHolder(dir) !== undefined) return [];
    const what = `${name} has the lock of a command that was killed`;
    return [warning("network", what, "Nothing: the next command takes it away")];
  } catch (error) {
    return [problem("network", `${name}: ${errorMessage(error)}`, `Remove ${quoted(join(dir, LOCK_FILE))}`)];
  }
}

async function nodeFindings({ dir, name }: NetworkListing, env: Env): Promise<Finding[]> {
  const findings: Finding[] = [];
  let nodes: readonly RuntimeNode[] = [];
  try {
    nodes = readStoppable(dir).nodes;
  } catch (error) {
    return [problem("network", errorMessage(error), "Mend it, or remove the network")];
  }
  const runtime = new ProcessRuntime({ clock: systemClock, table: nodeProcesses() }, { env });
  for (const node of nodes) {
    const state = runtime.inspect(node);
    if (state.status !== "stopped") continue;
    const who = `${node.nodeID} of ${name}`;
    if (state.stalePID !== undefined) {
      const what = `${who} has ended without a word: its process.json names process ${state.stalePID}, which is not it`;
      findings.push(
        warning("network", what, `avx net stop --network-dir ${quoted(dir)} clears it away, avx net restart starts it`),
      );
    }
    for (const pid of state.unproven) {
      const what = `Process ${pid} has the command line of ${who}, and cannot be proven to be it`;
      findings.push(problem("orphans", what, `If it is, end it with kill ${pid}`));
    }
    findings.push(...(await portFindings(node, who)));
  }
  return findings;
}

/** Ports that a stopped node will ask for. */
async function portFindings(node: RuntimeNode, who: string): Promise<Finding[]> {
  const flags = "flags" in node ? (node.flags as Readonly<Record<string, string>>) : {};
  const findings: Finding[] = [];
  for (const flag of PORT_FLAGS) {
    const port = Number(flags[flag] ?? 0);
    if (!Number.isInteger(port) || port < 1 || port > 65_535 || (await isFree(port))) continue;
    findings.push(
      problem(
        "ports",
        `${who} is to have port ${port} as its ${flag}, and ${holderOf(port)} has it`,
        "End that, or change the flag in the node's config.json",
      ),
    );
  }
  return findings;
}

/** The ports of an avalanchego that nobody tells otherwise. */
export async function checkUsualPorts(): Promise<Finding> {
  const taken: string[] = [];
  for (const port of USUAL_PORTS) if (!(await isFree(port))) taken.push(`${port} (${holderOf(port)})`);
  if (taken.length === 0)
    return ok("ports", `Ports ${USUAL_PORTS.join(" and ")} are free; networks choose free ones anyway`);
  return ok("ports", `Taken: ${taken.join(", ")}; networks choose free ports unless --base-port says otherwise`);
}

function holderOf(port: number): string {
  const pid = listenerOf(port);
  return pid === undefined ? "another process" : `process ${pid}`;
}

/** Links to the last network that lead nowhere. */
export function checkLinks(root: string): Finding[] {
  let names: string[] = [];
  try {
    names = readdirSync(root);
  } catch {
    return [];
  }
  return names
    .filter((name) => isLatestLink(name) && readLink(join(root, name)) !== undefined && !existsSync(join(root, name)))
    .map((name) => {
      const what = `The link ${join(root, name)} leads to ${readLink(join(root, name))}, which is not there`;
      return warning("links", what, "The next start, or avx net clean --all, sets it right");
    });
}

/** Processes that nobody looks after. */
export function orphanFindings(orphans: readonly Orphan[]): Finding[] {
  if (orphans.length === 0) return [ok("orphans", "No process has run away from its network")];
  return orphans.map((orphan) => {
    const { pid } = orphan.process;
    const { proven } = orphan;
    const what = `Process ${pid} is ${orphanName(orphan)}`;
    const doubt = proven ? "" : "; it cannot be proven to be ours";
    return problem(
      "orphans",
      `${what}${doubt}`,
      proven ? "End it: avx net stop --all" : `If it is, end it with kill ${pid}`,
    );
  });
}
