/**
 * A network as it is seen: what its directory said when it was read last, and where its nodes answer now.
 *
 * @module
 */

import type { NodeID } from "../core/ids/node_id.ts";
import { parsePrivateKey } from "../core/secp256k1/private_key.ts";
import type { GenesisConfig } from "../platform/genesis/config.ts";
import { type ChainURL, chainURLs } from "./chain_urls.ts";
import type { NetworkConfig } from "./disk/network_config.ts";
import { readOwnRecord } from "./disk/own_record.ts";
import { readSubnets, type SubnetRecord } from "./disk/subnets.ts";
import { FundedKey } from "./funded_key.ts";
import { NetworkNode, type NodeKeeper } from "./network_node.ts";
import { findNode } from "./node_names.ts";
import { type ReadNetwork, readGenesis } from "./read.ts";
import type { NodeState, RuntimeNode } from "./runtime/contract.ts";

/**
 * What can be seen of a network. Whoever changes it is a {@link Network}.
 *
 * @example
 * ```ts
 * function printNodes(network: NetworkView): void {
 *   for (const { nodeID, uri } of network.nodeUris()) console.log(network.networkID, nodeID, uri);
 * }
 * await using network = await Network.start({ nodeCount: 2 });
 * printNodes(network);
 * ```
 */
export abstract class NetworkView implements NodeKeeper {
  /** Real path. */
  readonly dir: string;
  #config: NetworkConfig;
  #nodes: readonly NetworkNode[];
  #genesis: { readonly value: GenesisConfig | undefined } | undefined;

  constructor({ dir, config, nodes }: ReadNetwork) {
    this.dir = dir;
    this.#config = config;
    this.#nodes = this.#owned(nodes);
  }

  /** Looks for a node's process. */
  abstract inspect(node: RuntimeNode): NodeState;
  abstract startNodes(...args: Parameters<NodeKeeper["startNodes"]>): Promise<void>;
  abstract stopNodes(...args: Parameters<NodeKeeper["stopNodes"]>): ReturnType<NodeKeeper["stopNodes"]>;
  abstract restartNodes(...args: Parameters<NodeKeeper["restartNodes"]>): Promise<void>;

  /** Tells networks apart in metrics. */
  get uuid(): string {
    return this.#config.uuid;
  }

  /** Who it was started for; empty where nobody said. */
  get owner(): string {
    return this.#config.owner;
  }

  /** What its `config.json` holds. */
  get config(): NetworkConfig {
    return this.#config;
  }

  /** Its nodes, sorted by directory; those that were made just now in the order of the genesis. */
  get nodes(): readonly NetworkNode[] {
    return this.#nodes;
  }

  /**
   * Its genesis; `undefined` where nodes have one built in.
   *
   * @throws {TmpnetError} `bad-file`.
   */
  get genesis(): GenesisConfig | undefined {
    this.#genesis ??= { value: readGenesis(this.dir) };
    return this.#genesis.value;
  }

  /** The number that Avalanche knows it by. */
  get networkID(): number {
    return this.genesis?.networkID || this.#config.networkID;
  }

  /** Keys funded in its genesis on the X-, P- and C-Chain, for whoever uses the network. */
  get preFundedKeys(): readonly FundedKey[] {
    const { networkID } = this;
    return this.#config.preFundedKeys.map((text) => new FundedKey(parsePrivateKey(text), networkID));
  }

  /** Whether its nodes are avx's own. */
  get hasOwnNodes(): boolean {
    return readOwnRecord(this.dir).ownNodes;
  }

  /**
   * Its subnets, also those that are not created yet.
   *
   * @throws {TmpnetError} `bad-file`.
   */
  get subnets(): readonly SubnetRecord[] {
    return readSubnets(this.dir);
  }

  /**
   * A node by its node ID, the name of its directory, or the beginning of either; or by its place, from 0.
   *
   * @throws {TmpnetError} `no-node`.
   */
  node(name: string | number): NetworkNode {
    return findNode(this.#nodes, name);
  }

  /** The API of each node that runs and is meant to last. */
  nodeUris(): { readonly nodeID: NodeID; readonly uri: string }[] {
    return this.#nodes.flatMap((node) => {
      const state = node.isEphemeral ? undefined : this.inspect(node);
      return state?.status === "running" ? [{ nodeID: node.nodeID, uri: state.uri }] : [];
    });
  }

  /**
   * Where a chain's APIs are, on each node that runs it; those that are not meant to last come last.
   *
   * @param chain `C`, `X` or `P`; a subnet's name, for its only chain, or `name/1` for its second; a blockchain ID.
   * @throws {TmpnetError} `no-chain` when there is no such chain, or no node runs that has it.
   *
   * @example
   * ```ts no-run
   * const network = Network.read("/home/me/.tmpnet/networks/latest");
   * for (const { nodeID, url } of network.chainUrls("a")) console.log(nodeID, url);
   * ```
   */
  chainUrls(chain: string): readonly [ChainURL, ...ChainURL[]] {
    return chainURLs(this, chain);
  }

  /**
   * The Ethereum API of a chain, on the first node that runs it.
   *
   * @param chain As {@link NetworkView.chainUrls} takes it.
   * @throws {TmpnetError} `no-chain`.
   *
   * @example
   * ```ts no-run
   * await using network = await Network.start({ nodeCount: 2, avalanchegoPath: "/usr/local/bin/avalanchego" });
   * const body = { jsonrpc: "2.0", id: 1, method: "eth_blockNumber", params: [] };
   * await fetch(network.chainRpcUrl("C"), { method: "POST", body: JSON.stringify(body) });
   * ```
   */
  chainRpcUrl(chain: string): string {
    const [{ url }] = chainURLs(this, chain);
    return `${url}/rpc`;
  }

  /** Shows what the directory says by now. */
  protected show({ config, nodes }: Pick<ReadNetwork, "config" | "nodes">): void {
    this.#config = config;
    this.#nodes = this.#owned(nodes);
    this.#genesis = undefined;
  }

  #owned(nodes: ReadNetwork["nodes"]): NetworkNode[] {
    return nodes.map((node) => new NetworkNode(node, this));
  }
}
