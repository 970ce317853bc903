/**
 * Where a chain's APIs are: on the nodes that run it, and on no others.
 *
 * @module
 */

import { parseID } from "../core/ids/id.ts";
import type { NodeID } from "../core/ids/node_id.ts";
import { isCreated, readSubnets, type SubnetRecord } from "./disk/subnets.ts";
import { TmpnetError } from "./errors.ts";
import { type ChainHost, runsChains } from "./subnets/host.ts";
import { TRACK_SUBNETS_FLAG } from "./subnets/tracking.ts";

/** A chain on one node. */
export interface ChainURL {
  readonly nodeID: NodeID;
  /** Such as `http://127.0.0.1:9650/ext/bc/C`: what its VM serves lies below, an EVM's at `/rpc` and `/ws`. */
  readonly url: string;
}

/** The Primary Network's chains, which all nodes run. */
const PRIMARY_CHAINS = ["P", "X", "C"];

/**
 * The nodes that run a chain and can be reached; those that are not meant to last come last.
 *
 * @param chain `C`, `X` or `P`; a subnet's name, for its only chain, or `name/1` for its second; a blockchain ID.
 * @throws {TmpnetError} `no-chain` when there is no such chain, or no node that runs it.
 */
export function chainURLs(host: ChainHost, chain: string): readonly [ChainURL, ...ChainURL[]] {
  const subnets = readSubnets(host.dir);
  const known = findChain(chain, subnets);
  const chainRunners = host.nodes.filter(runsChains(host.dir));
  const able = chainRunners
    .filter(({ nodeID, flags }) => {
      if (known.subnet === undefined) return true;
      const tracked = flags[TRACK_SUBNETS_FLAG]?.split(",") ?? [];
      return known.subnet.validatorIDs.includes(nodeID) || tracked.includes(known.subnet.subnetID);
    })
    .toSorted((a, b) => Number(a.isEphemeral) - Number(b.isEphemeral));
  const [first, ...others] = able.flatMap((node): ChainURL[] => {
    const state = host.inspect(node);
    return state.status === "running" ? [{ nodeID: node.nodeID, url: `${state.uri}/ext/bc/${known.id}` }] : [];
  });
  if (first !== undefined) return [first, ...others];
  if (able.length > 0) throw noChain(chain, `No node runs that has chain ${chain}`, "Start the network again");
  if (chainRunners.length > 0)
    throw noChain(chain, `No node of the network validates or tracks the subnet of ${chain}`);
  const hint = "Chains need avalanchego: name one by avalanchegoPath, or by --avalanchego-path";
  throw noChain(chain, `No node of the network has chain ${chain}: avx's own nodes run no chains`, hint);
}

interface KnownChain {
  /** What it is called in paths: an ID, or an alias. */
  readonly id: string;
  /** Absent for the Primary Network's. */
  readonly subnet?: SubnetRecord;
}

function findChain(chain: string, subnets: readonly SubnetRecord[]): KnownChain {
  if (PRIMARY_CHAINS.includes(chain)) return { id: chain };
  const [, name = chain, number] = /^(.+)\/(\d+)$/.exec(chain) ?? [];
  const named = subnets.find((subnet) => subnet.name === name);
  if (named !== undefined) return { id: chainOf(named, number), subnet: named };

  const subnet = subnets.find(({ chains }) => chains.some(({ chainID: id }) => id === chain && isCreated(id)));
  if (subnet !== undefined) return { id: chain, subnet };
  // A chain of the Primary Network, or one that somebody else has made.
  if (isID(chain)) return { id: chain };
  const names = [...PRIMARY_CHAINS, ...subnets.map(({ name }) => name)].join(", ");
  throw noChain(chain, `The network has no chain "${chain}"`, `There are ${names}; any other is called by its ID`);
}

function chainOf({ name, chains }: SubnetRecord, number: string | undefined): string {
  if (number === undefined && chains.length > 1) {
    const names = chains.map((_, i) => `${name}/${i}`).join(", ");
    throw noChain(name, `Subnet "${name}" has ${chains.length} chains`, `Say which: ${names}`);
  }
  const id = chains[Number(number ?? 0)]?.chainID ?? "";
  if (isCreated(id)) return id;
  throw noChain(name, `Subnet "${name}" has no chain${number === undefined ? "" : ` number ${number}`}`);
}

function isID(text: string): boolean {
  try {
    parseID(text);
    return true;
  } catch {
    return false;
  }
}

function noChain(chain: string, message: string, hint?: string): TmpnetError {
  return new TmpnetError({ code: "no-chain", chain }, message, hint === undefined ? {} : { hint });
}
