/**
 * What a developer needs once a network runs: where its nodes are, a chain to talk to, a key with funds.
 *
 * @module
 */

import { join } from "node:path";
import type { NodeID } from "../core/ids/node_id.ts";
import { evmPath, getEVMChainID } from "../platform/rpc/evm_client.ts";
import { getBlockchainID } from "../platform/rpc/info_client.ts";
import { NETWORK_DIR_ENV, NETWORK_ENV_FILE } from "./disk/layout.ts";
import type { FundedKey, Hex } from "./funded_key.ts";
import type { Network } from "./network.ts";

/** A node that runs. */
export interface NodeReport {
  readonly nodeID: NodeID;
  readonly uri: string;
  readonly stakingAddress: string;
  readonly pid: number;
  readonly isEphemeral: boolean;
  readonly dataDir: string;
}

/** The C-Chain, by way of the network's first node. */
export interface CChainReport {
  /** Where Ethereum tools connect to. */
  readonly rpcURL: string;
  readonly websocketURL: string;
  /** What transactions are signed for. */
  readonly chainID: number;
  readonly blockchainID: string;
}

/** A key that the genesis funds. */
export interface KeyReport {
  /** With `0x`, as Ethereum tools take it. */
  readonly privateKeyHex: Hex;
  /** `PrivateKey-…`, as Avalanche's tools take it. */
  readonly privateKey: string;
  readonly xChainAddress: string;
  readonly pChainAddress: string;
  /** `0x…`, checksummed. */
  readonly cChainAddress: Hex;
}

/** All of it. */
export interface NetworkReport {
  readonly dir: string;
  readonly uuid: string;
  readonly owner: string;
  readonly networkID: number;
  readonly nodes: readonly NodeReport[];
  /** Absent where nodes run no C-Chain: avx's own do not. */
  readonly cChain?: CChainReport;
  /** The first of the network's funded keys; absent where its directory names none. */
  readonly fundedKey?: KeyReport;
  /** How many keys like it `config.json` lists. */
  readonly fundedKeyCount: number;
  /** The file to source for other commands to mean this network, and what it sets. */
  readonly envFile: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * Gathers the report; nodes that do not run are left out.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * const { nodes } = await networkReport(network);
 * for (const { nodeID, stakingAddress, uri } of nodes) console.log(nodeID, uri, stakingAddress);
 * ```
 */
export async function networkReport(
  network: Network,
  options: { readonly signal?: AbortSignal } = {},
): Promise<NetworkReport> {
  const nodes = reportNodes(network);
  const { dir, uuid, owner, networkID } = network;
  const [firstKey] = network.preFundedKeys;
  const cChain = await findCChain(nodes, options);
  return {
    dir,
    uuid,
    owner,
    networkID,
    nodes,
    ...(cChain === undefined ? {} : { cChain }),
    ...(firstKey === undefined ? {} : { fundedKey: keyReport(firstKey) }),
    fundedKeyCount: network.config.preFundedKeys.length,
    envFile: join(dir, NETWORK_ENV_FILE),
    env: { [NETWORK_DIR_ENV]: dir },
  };
}

/** Where the nodes of a network are; those that do not run are left out. */
export function reportNodes(network: Network): NodeReport[] {
  return network.nodes.flatMap((node): NodeReport[] => {
    const state = network.inspect(node);
    if (state.status !== "running") return [];
    const { nodeID, isEphemeral, dataDir } = node;
    const { uri, stakingAddress, pid } = state;
    return [{ nodeID, uri, stakingAddress, pid, isEphemeral, dataDir }];
  });
}

/** A key in all the forms that tools take, its secret among them. */
export function keyReport(key: FundedKey): KeyReport {
  const { privateKeyHex, privateKey, xChainAddress, pChainAddress, cChainAddress } = key;
  return { privateKeyHex, privateKey, xChainAddress, pChainAddress, cChainAddress };
}

/** Asks the nodes that are meant to last, one after another, until one has a C-Chain. */
async function findCChain(
  nodes: readonly NodeReport[],
  { signal }: { readonly signal?: AbortSignal },
): Promise<CChainReport | undefined> {
  for (const { uri } of nodes.filter(({ isEphemeral }) => !isEphemeral)) {
    try {
      const [chainID, blockchainID] = await Promise.all([
        getEVMChainID(uri, "C", { signal }),
        getBlockchainID(uri, "C", { signal }),
      ]);
      const rpcURL = `${uri}${evmPath("C")}`;
      const websocketURL = rpcURL.replace(/^http/, "ws").replace(/rpc$/, "ws");
      return { rpcURL, websocketURL, chainID: Number(chainID), blockchainID };
    } catch {
      // This node has no C-Chain.
    }
  }
  return undefined;
}
