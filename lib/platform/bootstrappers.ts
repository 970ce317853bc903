/**
 * The nodes that a node of a public network dials first (upstream `genesis/bootstrappers.go`).
 *
 * @module
 */

import { type NodeID, parseNodeID } from "../core/ids/node_id.ts";
import { type AddrPort, parseAddrPort } from "../core/ip.ts";
import { type Random, shuffled } from "../core/random.ts";
import data from "./genesis/data/bootstrappers.json" with { type: "json" };
import { networkName } from "./networks.ts";

/** A node and where it listens. */
export interface Bootstrapper {
  readonly id: NodeID;
  readonly ip: AddrPort;
}

/** The built-in bootstrappers of a network; none for networks other than mainnet and fuji. */
export function bootstrappers(networkID: number): Bootstrapper[] {
  const listed: Readonly<Record<string, readonly { readonly id: string; readonly ip: string }[]>> = data;
  return (listed[networkName(networkID)] ?? []).map(({ id, ip }) => ({ id: parseNodeID(id), ip: parseAddrPort(ip) }));
}

/** `count` of them by chance, or all where there are fewer. */
export function sampleBootstrappers(networkID: number, count: number, random: Random): Bootstrapper[] {
  return [...shuffled(random, bootstrappers(networkID))].slice(0, count);
}
