/**
 * Asks a node who it is and whom it knows: `/ext/info`.
 *
 * Shapes are those recorded from avalanchego; numbers that Go's API writes as text stay text.
 *
 * @module
 */

import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type CallOptions, callRPC } from "./json_rpc.ts";

/** One line of `info.peers`. */
export interface PeerReply {
  /** The remote end of the connection. */
  readonly ip: string;
  /** Where the peer says that it can be dialled. */
  readonly publicIP: string;
  readonly nodeID: NodeID;
  /** Such as `avalanchego/1.14.2`: the peer's own words. */
  readonly version: string;
  /** RFC 3339. */
  readonly lastSent: string;
  /** RFC 3339. */
  readonly lastReceived: string;
  /** Percent, as text. */
  readonly observedUptime: string;
  readonly trackedSubnets: readonly ID[];
}

/** What `info.getNodeVersion` answers. */
export interface NodeVersionReply {
  /** Such as `avalanchego/1.14.2`. */
  readonly version: string;
  readonly databaseVersion: string;
  readonly rpcProtocolVersion: string;
  readonly gitCommit: string;
  readonly vmVersions: Readonly<Record<string, string>>;
}

const PATH = "/ext/info";

/** The peers that a node is connected to. */
export async function getPeers(uri: string, options: CallOptions = {}): Promise<readonly PeerReply[]> {
  const { peers } = await callRPC<{ peers?: readonly PeerReply[] | null }>(uri, PATH, "info.peers", {}, options);
  return peers ?? [];
}

/** A node's own ID. */
export async function getNodeID(uri: string, options: CallOptions = {}): Promise<NodeID> {
  return (await callRPC<{ nodeID: NodeID }>(uri, PATH, "info.getNodeID", {}, options)).nodeID;
}

/** The number of the network that a node belongs to. */
export async function getNetworkID(uri: string, options: CallOptions = {}): Promise<number> {
  return Number((await callRPC<{ networkID: string }>(uri, PATH, "info.getNetworkID", {}, options)).networkID);
}

/** A node's versions. */
export function getNodeVersion(uri: string, options: CallOptions = {}): Promise<NodeVersionReply> {
  return callRPC<NodeVersionReply>(uri, PATH, "info.getNodeVersion", {}, options);
}

/** The IDs of the virtual machines that a node has. */
export async function getVMs(uri: string, options: CallOptions = {}): Promise<readonly string[]> {
  const { vms } = await callRPC<{ vms?: Readonly<Record<string, unknown>> | null }>(
    uri,
    PATH,
    "info.getVMs",
    {},
    options,
  );
  return Object.keys(vms ?? {});
}

/**
 * The ID of the blockchain that an alias stands for.
 *
 * @param alias Such as `C`.
 * @throws {RPCError} `method` when the node knows no chain of that name.
 */
export async function getBlockchainID(uri: string, alias: string, options: CallOptions = {}): Promise<ID> {
  const reply = await callRPC<{ blockchainID: ID }>(uri, PATH, "info.getBlockchainID", { alias }, options);
  return reply.blockchainID;
}

/**
 * Whether a chain is bootstrapped on a node.
 *
 * @param chain Its ID or an alias.
 * @throws {RPCError} `method` when the node does not run such a chain.
 */
export async function isBootstrapped(uri: string, chain: string, options: CallOptions = {}): Promise<boolean> {
  const reply = await callRPC<{ isBootstrapped?: unknown }>(uri, PATH, "info.isBootstrapped", { chain }, options);
  return reply.isBootstrapped === true;
}
