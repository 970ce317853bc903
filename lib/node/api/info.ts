/**
 * `/ext/info`: what a node tells everyone about itself (upstream `api/info/service.go`).
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";
import type { ID } from "../../core/ids/id.ts";
import { EMPTY_NODE_ID, type NodeID, parseNodeID } from "../../core/ids/node_id.ts";
import { type AddrPort, formatAddrPort } from "../../core/ip.ts";
import type { PeerInfo } from "../../p2p/peer/info.ts";
import {
  decodeArray,
  decodeObject,
  decodeString,
  type FieldDecoder,
  unmarshal,
} from "../../platform/go_json/decode.ts";
import type { GoJSONValue } from "../../platform/go_json/format.ts";
import type { JSONNode } from "../../platform/go_json/parse.ts";
import { FUJI_ID, MAINNET_ID, networkName } from "../../platform/networks.ts";
import { AVAX, MILLI_AVAX } from "../../platform/units.ts";
import { formatRFC3339 } from "../rfc3339.ts";
import { method, methodWithoutArguments, type RPCService } from "./json_rpc.ts";

/** What the API asks of the node behind it. */
export interface InfoSource {
  readonly nodeID: NodeID;
  readonly networkID: number;
  /** The client and its version, such as `avx/1.14.2`. */
  readonly version: string;
  readonly databaseVersion: string;
  readonly rpcProtocolVersion: number;
  readonly gitCommit: string;
  /** Upgrade times as the reference's JSON has them. */
  readonly upgrades: GoJSONValue;
  /** nAVAX. */
  readonly txFee: bigint;
  /** nAVAX. */
  readonly createAssetTxFee: bigint;
  /** The BLS public key and the proof that this node has its secret: hex with `0x`. */
  proofOfPossession(): { readonly publicKey: string; readonly proofOfPossession: string };
  /** Where peers are told to find this node. */
  nodeIP(): AddrPort;
  /** @param nodeIDs Only these; all where there are none. */
  peers(nodeIDs: readonly NodeID[]): readonly PeerInfo[];
  /** The chains that a node is benched on: their aliases, or IDs where there are none. */
  benched(nodeID: NodeID): readonly string[];
  /**
   * This node's uptime in its peers' eyes, percent.
   *
   * @throws When it validates nothing.
   */
  uptime(): { readonly rewardingStakePercentage: number; readonly weightedAveragePercentage: number };
  /** The chain of an alias or ID. */
  findChain(alias: string): ID | undefined;
  /** A validator's weight on the Primary Network; 0 for others. */
  weight(nodeID: NodeID): bigint;
}

export type InfoErrorType =
  | { readonly code: "no-chain-given" }
  | { readonly code: "unknown-chain"; readonly chain: string };

/** A question that has no answer. The message is what the caller reads. */
export class InfoError extends AvxError<InfoErrorType> {}

/** The methods of the service. */
export function infoService(source: InfoSource): RPCService {
  return {
    getNodeVersion: methodWithoutArguments(() => ({
      version: source.version,
      databaseVersion: source.databaseVersion,
      rpcProtocolVersion: String(source.rpcProtocolVersion),
      gitCommit: source.gitCommit,
      vmVersions: {},
    })),
    getNodeID: methodWithoutArguments(() => {
      const { publicKey, proofOfPossession } = source.proofOfPossession();
      return { nodeID: source.nodeID, nodePOP: { publicKey, proofOfPossession } };
    }),
    getNodeIP: methodWithoutArguments(() => ({ ip: formatAddrPort(source.nodeIP()) })),
    getNetworkID: methodWithoutArguments(() => ({ networkID: String(source.networkID) })),
    getNetworkName: methodWithoutArguments(() => ({ networkName: networkName(source.networkID) })),
    getBlockchainID: method(
      (args) => readText(args, "info.GetBlockchainIDArgs", "alias"),
      (alias) => ({ blockchainID: requireChain(source, alias, `there is no ID with alias: ${alias}`) }),
    ),
    peers: method(readNodeIDs, (nodeIDs) => {
      const peers = source.peers(nodeIDs).map((peer) => peerToJSON(peer, source.benched(peer.nodeID)));
      return { numPeers: String(peers.length), peers };
    }),
    isBootstrapped: method(
      (args) => readText(args, "info.IsBootstrappedArgs", "chain"),
      (chain) => {
        if (chain === "") throw new InfoError({ code: "no-chain-given" }, "argument 'chain' not given");
        requireChain(source, chain, `there is no chain with alias/ID '${chain}'`);
        // As upstream answers for a chain that the node does not run.
        return { isBootstrapped: false };
      },
    ),
    upgrades: methodWithoutArguments(() => source.upgrades),
    uptime: methodWithoutArguments(() => uptimeToJSON(source)),
    acps: methodWithoutArguments(() => ({ acps: opinions(source) })),
    getTxFee: methodWithoutArguments(() => txFees(source)),
    // There are none, which is an answer too.
    getVMs: methodWithoutArguments(() => ({ vms: {}, fxs: {} })),
  };
}

function requireChain(source: InfoSource, chain: string, message: string): ID {
  const found = source.findChain(chain);
  if (found === undefined) throw new InfoError({ code: "unknown-chain", chain }, message);
  return found;
}

function readText(args: JSONNode | undefined, type: string, name: string): string {
  let text = "";
  const read: FieldDecoder = (node, place) => {
    text = decodeString(node, place, text);
  };
  unmarshal((place) => args && decodeObject(args, place, type, { [name]: read }));
  return text;
}

function readNodeIDs(args: JSONNode | undefined): readonly NodeID[] {
  let nodeIDs: readonly NodeID[] = [];
  const read: FieldDecoder = (node, place) => {
    nodeIDs = decodeArray(node, place, "[]ids.NodeID").map((item) =>
      item.kind === "null" ? EMPTY_NODE_ID : parseNodeID(decodeString(item, place, "")),
    );
  };
  unmarshal((place) => args && decodeObject(args, place, "info.PeersArgs", { nodeIDs: read }));
  return nodeIDs;
}

function peerToJSON(peer: PeerInfo, benched: readonly string[]): GoJSONValue {
  return {
    ip: formatAddrPort(peer.ip),
    publicIP: formatAddrPort(peer.publicIP),
    nodeID: peer.nodeID,
    version: peer.version,
    upgradeTime: peer.upgradeTime,
    lastSent: formatRFC3339(peer.lastSent * 1_000),
    lastReceived: formatRFC3339(peer.lastReceived * 1_000),
    observedUptime: String(peer.observedUptime),
    trackedSubnets: [...peer.trackedSubnets].sort(),
    supportedACPs: [...peer.supportedACPs].sort((a, b) => a - b),
    objectedACPs: [...peer.objectedACPs].sort((a, b) => a - b),
    benched: [...benched],
  };
}

function uptimeToJSON(source: InfoSource): GoJSONValue {
  try {
    const { rewardingStakePercentage, weightedAveragePercentage } = source.uptime();
    return {
      rewardingStakePercentage: rewardingStakePercentage.toFixed(4),
      weightedAveragePercentage: weightedAveragePercentage.toFixed(4),
    };
  } catch (error) {
    throw new Error(`couldn't get node uptime: ${error instanceof Error ? error.message : error}`);
  }
}

/** What the connected validators think of proposals. */
function opinions(source: InfoSource): GoJSONValue {
  const byNumber = new Map<number, { support: Map<NodeID, bigint>; object: Map<NodeID, bigint> }>();
  const opinion = (acp: number) => {
    const found = byNumber.get(acp) ?? { support: new Map(), object: new Map() };
    byNumber.set(acp, found);
    return found;
  };
  for (const { nodeID, supportedACPs, objectedACPs } of source.peers([])) {
    const weight = source.weight(nodeID);
    if (weight === 0n) continue;
    for (const acp of supportedACPs) opinion(acp).support.set(nodeID, weight);
    for (const acp of objectedACPs) opinion(acp).object.set(nodeID, weight);
  }
  const entries = [...byNumber].map(([acp, { support, object }]): [string, GoJSONValue] => [
    String(acp),
    {
      supportWeight: sum(support).toString(),
      supporters: [...support.keys()].sort(),
      objectWeight: sum(object).toString(),
      objectors: [...object.keys()].sort(),
      // The reference counts abstentions for proposals that it knows as open, and 1.14.2 knows none.
      abstainWeight: "0",
    },
  ]);
  return Object.fromEntries(entries);
}

function sum(weights: ReadonlyMap<NodeID, bigint>): bigint {
  return [...weights.values()].reduce((total, weight) => total + weight, 0n);
}

/** The fees before dynamic ones, which tools still ask for (upstream `api/info/service.go`). */
function txFees({ networkID, txFee, createAssetTxFee }: InfoSource): GoJSONValue {
  const create = networkID === MAINNET_ID ? AVAX : 100n * MILLI_AVAX;
  const transform = networkID === MAINNET_ID ? 10n * AVAX : networkID === FUJI_ID ? AVAX : 100n * MILLI_AVAX;
  return {
    txFee: txFee.toString(),
    createAssetTxFee: createAssetTxFee.toString(),
    createSubnetTxFee: create.toString(),
    transformSubnetTxFee: transform.toString(),
    createBlockchainTxFee: create.toString(),
    addPrimaryNetworkValidatorFee: "0",
    addPrimaryNetworkDelegatorFee: "0",
    addSubnetValidatorFee: MILLI_AVAX.toString(),
    addSubnetDelegatorFee: MILLI_AVAX.toString(),
  };
}
