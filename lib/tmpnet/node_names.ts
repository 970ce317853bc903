/**
 * How nodes of a network are named, wherever one is asked for: by commands, in network files and in TypeScript.
 *
 * A node's name is its node ID or the name of its directory, or the beginning of either, with or without `NodeID-`; or
 * its place in the list of nodes, from 0, as a number or in digits. Digits alone are always a place: that there is none
 * must not mean some other node whose ID happens to begin so.
 *
 * @module
 */

import { basename } from "node:path";
import type { NodeID } from "../core/ids/node_id.ts";
import { TmpnetError } from "./errors.ts";

/** What a name is compared with. */
interface Named {
  readonly nodeID: NodeID;
  readonly dataDir: string;
}

/**
 * Finds the one node that a name means.
 *
 * @throws {TmpnetError} `no-node` when there is none, or more than one.
 */
export function findNode<N extends Named>(nodes: readonly N[], name: string | number): N {
  const [only, another] = nodesMeant(nodes, name);
  if (only !== undefined && another === undefined) return only;
  throw noNode(nodes, name, only !== undefined);
}

/**
 * Finds the nodes that names mean. Nodes of one identity, in directories beside each other, are one here.
 *
 * @returns All of them where no name is given; in their own order.
 * @throws {TmpnetError} `no-node` for a name that means none, or several.
 */
export function findNodes<N extends Named>(nodes: readonly N[], names: readonly (string | number)[]): readonly N[] {
  if (names.length === 0) return nodes;
  const chosen = new Set<N>();
  for (const name of names) {
    const found = nodesMeant(nodes, name);
    if (new Set(found.map(({ nodeID }) => nodeID)).size !== 1) throw noNode(nodes, name, found.length > 0);
    for (const node of found) chosen.add(node);
  }
  return nodes.filter((node) => chosen.has(node));
}

function nodesMeant<N extends Named>(nodes: readonly N[], name: string | number): N[] {
  if (typeof name === "number" || /^\d{1,6}$/.test(name)) {
    const place = nodes[Number(name)];
    return place === undefined ? [] : [place];
  }
  if (name === "") return [];
  const full = name.startsWith("NodeID-") ? name : `NodeID-${name}`;
  const directory = nodes.filter(({ dataDir }) => basename(dataDir) === full);
  if (directory.length > 0) return directory;
  const exact = nodes.filter(({ nodeID }) => nodeID === full);
  if (exact.length > 0) return exact;
  return nodes.filter(({ dataDir, nodeID }) => basename(dataDir).startsWith(full) || nodeID.startsWith(full));
}

function noNode(nodes: readonly Named[], name: string | number, several: boolean): TmpnetError {
  const list = nodes.map(({ dataDir }, place) => `\n  ${place}  ${basename(dataDir)}`).join("");
  const what = several ? "More than one node of this network is" : "No node of this network is";
  return new TmpnetError(
    { code: "no-node", node: `${name}` },
    `${what} called "${name}"; ${list === "" ? "it has none" : `they are${list}`}`,
    { hint: "Name a node by its ID, the beginning of it, or its place in this list" },
  );
}
