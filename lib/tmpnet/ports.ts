/**
 * Ports of nodes: kept from one start to the next, or counted from a first one.
 *
 * @module
 */

import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { createServer } from "node:net";
import { systemErrorCode } from "../core/errors.ts";
import { readableNamesIn } from "./disk/files.ts";
import { TmpnetError } from "./errors.ts";
import { type FlagsMap, withDefaults } from "./flags_map.ts";
import { type TmpnetNode, writeNode } from "./node.ts";
import type { NodeState } from "./runtime/contract.ts";

export const HTTP_PORT_FLAG = "http-port";
export const STAKING_PORT_FLAG = "staking-port";

/** Where nodes listen, unless a flag says otherwise. */
const HOST = "127.0.0.1";

/**
 * Notes the API port that a node has now as the one to ask for at its next start, where its runtime says so.
 *
 * @returns The node with the port among its flags; the same node where nothing is to be kept.
 * @throws {TmpnetError} `unwritable`.
 */
export function keepAPIPort(node: TmpnetNode, state: NodeState): TmpnetNode {
  if (!node.runtimeConfig.process?.reuseDynamicPorts || state.status !== "running") return node;
  const { port } = new URL(state.uri);
  if (node.flags[HTTP_PORT_FLAG] === port) return node;
  const kept: TmpnetNode = { ...node, flags: withDefaults({ [HTTP_PORT_FLAG]: port }, node.flags) };
  writeNode(kept);
  return kept;
}

/**
 * Gives up a port that was kept where another process has it by now.
 *
 * @param node One that does not run.
 * @returns The node; without the port where it is taken.
 * @throws {TmpnetError} `unwritable`.
 */
export async function releaseTakenPort(node: TmpnetNode): Promise<TmpnetNode> {
  const port = keptAPIPort(node);
  return port === undefined || (await isFree(port)) ? node : releasePort(node);
}

/** The API port that a node was noted to ask for again; `undefined` where it is the user's own choice, or there is none. */
export function keptAPIPort({ flags, runtimeConfig }: TmpnetNode): number | undefined {
  const port = Number(flags[HTTP_PORT_FLAG] ?? 0);
  const isKept = runtimeConfig.process?.reuseDynamicPorts === true && flags[STAKING_PORT_FLAG] === undefined;
  return isKept && port !== 0 ? port : undefined;
}

/**
 * Has a node take any API port at its next start.
 *
 * @throws {TmpnetError} `unwritable`.
 */
export function releasePort(node: TmpnetNode): TmpnetNode {
  const { [HTTP_PORT_FLAG]: _, ...flags } = node.flags;
  const released: TmpnetNode = { ...node, flags };
  writeNode(released);
  return released;
}

/** The flags of the `index`th node of a network whose ports begin at `basePort`: first the API, then peers. */
export function portFlags(basePort: number, index: number): FlagsMap {
  return { [HTTP_PORT_FLAG]: String(basePort + 2 * index), [STAKING_PORT_FLAG]: String(basePort + 2 * index + 1) };
}

/**
 * Checks the ports that nodes will ask for, before anything is made for them.
 *
 * @throws {TmpnetError} `option` for ports that there are not, `port-taken` for one that somebody has.
 */
export async function checkPorts(basePort: number, nodeCount: number): Promise<void> {
  const last = basePort + 2 * nodeCount - 1;
  if (!Number.isInteger(basePort) || basePort < 1 || last > 65_535) {
    const message = `${nodeCount} nodes have ${2 * nodeCount} ports: from ${basePort} they end at ${last}, and ports at 65535`;
    throw new TmpnetError({ code: "option", option: "basePort" }, message);
  }
  for (let port = basePort; port <= last; port++) {
    if (await isFree(port)) continue;
    const pid = listenerOf(port);
    const holder = pid === undefined ? "another process" : `process ${pid}`;
    const facts = pid === undefined ? { port } : { port, pid };
    throw new TmpnetError({ code: "port-taken", ...facts }, `Port ${port} is taken: ${holder} listens on it`, {
      hint: `Choose another base port, or end ${holder}`,
    });
  }
}

/** The first pair of ports at or after a base that none of these nodes has. */
export function nextPortFlags(basePort: number, nodes: readonly Pick<TmpnetNode, "flags">[]): FlagsMap {
  const taken = new Set(nodes.flatMap(({ flags }) => [flags[HTTP_PORT_FLAG], flags[STAKING_PORT_FLAG]]));
  for (let index = 0; ; index++) {
    const flags = portFlags(basePort, index);
    if (!Object.values(flags).some((port) => taken.has(port))) return flags;
  }
}

/** The first port of nodes that have theirs from flags; `undefined` where nodes choose for themselves. */
export function basePortOf(nodes: readonly Pick<TmpnetNode, "flags">[]): number | undefined {
  const fixed = nodes.filter(({ flags }) => Number(flags[HTTP_PORT_FLAG] ?? 0) > 0 && flags[STAKING_PORT_FLAG]);
  return fixed.length === 0 ? undefined : Math.min(...fixed.map(({ flags }) => Number(flags[HTTP_PORT_FLAG])));
}

/** Whether a port can be listened on. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (error) => {
      const code = systemErrorCode(error);
      if (code === "EADDRINUSE" || code === "EACCES") resolve(false);
      else reject(error);
    });
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** State of a listening socket in `/proc/net/tcp`. */
const LISTEN = "0A";

/** Who listens on a port, where Linux tells it; a process of another user is not told. */
export function listenerOf(port: number): number | undefined {
  try {
    const hex = port.toString(16).toUpperCase().padStart(4, "0");
    const inodes = ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) =>
      readFileSync(path, "utf8")
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local = "", , state]) => local.endsWith(`:${hex}`) && state === LISTEN)
        .map((fields) => `socket:[${fields[9]}]`),
    );
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    const owner = pids.find((pid) => socketsOf(pid).some((socket) => inodes.includes(socket)));
    return owner === undefined ? undefined : Number(owner);
  } catch {
    return undefined;
  }
}

/** None of a process that has ended, or is another user's. */
function socketsOf(pid: string): string[] {
  const dir = `/proc/${pid}/fd`;
  return readableNamesIn(dir).flatMap((fd) => {
    try {
      return [readlinkSync(`${dir}/${fd}`)];
    } catch {
      return []; // it was closed meanwhile
    }
  });
}
