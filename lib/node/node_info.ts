/**
 * What a node says of itself by `/ext/info`.
 *
 * @module
 */

import { type ID, PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import type { BLSSigner } from "../core/staking/bls.ts";
import { newProofOfPossession, proofOfPossessionToJSON } from "../core/staking/proof_of_possession.ts";
import { formatApplication } from "../core/version/application.ts";
import { AVX_APPLICATION, CURRENT_DATABASE, RPC_CHAIN_VM_PROTOCOL } from "../core/version/constants.ts";
import { upgradesToJSON } from "../platform/upgrade_text.ts";
import type { InfoSource } from "./api/info.ts";
import type { ChainFacts } from "./chain_facts.ts";
import type { NodeConfig } from "./config/node_config.ts";
import type { NodeNetwork } from "./node_network.ts";

/** Where the answers come from. */
export interface NodeInfoModules extends Pick<NodeNetwork, "network" | "routing" | "validators"> {
  readonly blsSigner: BLSSigner;
  readonly chains: Pick<ChainFacts, "findChain">;
}

/** @param gitCommit What this program was built from; empty where that is not known. */
export function createNodeInfo(config: NodeConfig, modules: NodeInfoModules, gitCommit: string): InfoSource {
  const { network, routing, validators, blsSigner, chains } = modules;
  const aliasOf = (chainID: ID) => routing.router.handler(chainID)?.context.alias ?? chainID;
  let proof: ReturnType<InfoSource["proofOfPossession"]> | undefined;
  return {
    nodeID: network.myNodeID,
    networkID: config.networkID,
    version: formatApplication(AVX_APPLICATION),
    databaseVersion: CURRENT_DATABASE,
    rpcProtocolVersion: RPC_CHAIN_VM_PROTOCOL,
    gitCommit,
    upgrades: upgradesToJSON(config.upgrades),
    ...config.fees,
    // The proof costs milliseconds, and many nodes are never asked for it.
    proofOfPossession: () => {
      proof ??= proofOfPossessionToJSON(newProofOfPossession(blsSigner));
      return proof;
    },
    nodeIP: () => network.publicAddress,
    peers: (nodeIDs) => network.peerInfo(nodeIDs),
    benched: (nodeID) => routing.timeouts.benchlists.getBenched(nodeID).map(aliasOf),
    uptime: () => network.nodeUptime(),
    findChain: (alias) => chains.findChain(alias),
    weight: (nodeID) => validators.getWeight(PRIMARY_NETWORK_ID, nodeID),
  };
}
