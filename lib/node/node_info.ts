/**
 * What a node says of itself by `/ext/info`.
 *
 * @module
 */

import { AvxError } from "../core/errors.ts";
import { type ID, PRIMARY_NETWORK_ID } from "../core/ids/id.ts";
import type { ProofOfPossessionJSON } from "../core/staking/proof_of_possession.ts";
import { formatApplication } from "../core/version/application.ts";
import { AVX_APPLICATION, CURRENT_DATABASE, RPC_CHAIN_VM_PROTOCOL } from "../core/version/constants.ts";
import { upgradesToJSON } from "../platform/upgrade_text.ts";
import type { InfoSource } from "./api/info.ts";
import type { ChainFacts } from "./chain_facts.ts";
import type { NodeConfig } from "./config/node_config.ts";
import type { NodeNetwork } from "./node_network.ts";

/** Without sybil protection nobody began to validate, and so there is no time to be measured. */
export class NoStartTimeError extends AvxError<{ readonly code: "no-start-time" }> {
  constructor() {
    // As upstream says it: `network/network.go`, `NodeUptime`.
    super({ code: "no-start-time" }, "error while fetching local validator start time not found");
  }
}

/** Where the answers come from. */
export interface NodeInfoModules extends Pick<NodeNetwork, "network" | "routing" | "validators"> {
  /** This node's BLS public key, and the proof that it has the secret. */
  readonly nodePOP: ProofOfPossessionJSON;
  readonly chains: Pick<ChainFacts, "findChain">;
}

/** @param gitCommit What this program was built from; empty where that is not known. */
export function createNodeInfo(config: NodeConfig, modules: NodeInfoModules, gitCommit: string): InfoSource {
  const { network, routing, validators, nodePOP, chains } = modules;
  const aliasOf = (chainID: ID) => routing.router.handler(chainID)?.context.alias ?? chainID;
  return {
    nodeID: network.myNodeID,
    networkID: config.networkID,
    version: formatApplication(AVX_APPLICATION),
    databaseVersion: CURRENT_DATABASE,
    rpcProtocolVersion: RPC_CHAIN_VM_PROTOCOL,
    gitCommit,
    upgrades: upgradesToJSON(config.upgrades),
    ...config.fees,
    proofOfPossession: () => nodePOP,
    nodeIP: () => network.publicAddress,
    peers: (nodeIDs) => network.peerInfo(nodeIDs),
    benched: (nodeID) => routing.timeouts.benchlists.getBenched(nodeID).map(aliasOf),
    uptime: () => {
      // Nobody began to validate: what peers know of this node's time is nothing.
      if (!config.staking.sybilProtectionEnabled) throw new NoStartTimeError();
      return network.nodeUptime();
    },
    findChain: (alias) => chains.findChain(alias),
    weight: (nodeID) => validators.getWeight(PRIMARY_NETWORK_ID, nodeID),
  };
}
