/**
 * One side of a measurement with its upper half: router, handler and a chain.
 *
 * @module
 */

import { systemClock } from "../lib/core/clock.ts";
import { idFromBytes, PRIMARY_NETWORK_ID } from "../lib/core/ids/id.ts";
import type { NodeID } from "../lib/core/ids/node_id.ts";
import { AVX_APPLICATION } from "../lib/core/version/constants.ts";
import type { NetworkHandler } from "../lib/p2p/network/network.ts";
import type { Engine } from "../lib/p2p/routing/engine/engine.ts";
import { Routing } from "../lib/p2p/routing/routing.ts";
import type { Sender } from "../lib/p2p/routing/sender/sender.ts";
import { type BenchNetwork, benchIdentity, startBenchNetwork } from "./bench_network.ts";

/** The chain that both sides run. */
export const BENCH_CHAIN = new Uint8Array(32).fill(7);

export interface BenchChain extends BenchNetwork {
  readonly sender: Sender;
  close(): Promise<void>;
}

/** How a side hears of the other. */
export interface BenchChainOptions {
  readonly onConnected?: (nodeID: NodeID) => void;
  readonly onDisconnected?: () => void;
}

/** Makes and starts one side, with as many of the chain's answers at once as there are requests. */
export async function startBenchChain(
  makeEngine: (sender: Sender) => Engine,
  { onConnected, onDisconnected }: BenchChainOptions = {},
): Promise<BenchChain> {
  const identity = benchIdentity();
  const routing = new Routing(
    { clock: systemClock, validators: identity.validators },
    {
      myNodeID: identity.tlsCert.certificate.nodeID,
      myVersion: AVX_APPLICATION,
      trackedSubnets: [],
      sybilProtectionEnabled: true,
    },
  );
  const { router } = routing;
  const handler: NetworkHandler = {
    handleInbound: (message) => router.handleInbound(message),
    connected: (nodeID, version, subnetID) => {
      router.connected(nodeID, version, subnetID);
      onConnected?.(nodeID);
    },
    disconnected: (nodeID) => {
      router.disconnected(nodeID);
      onDisconnected?.();
    },
  };
  const side = await startBenchNetwork(handler, "none", identity);
  const context = { alias: "bench", chainID: idFromBytes(BENCH_CHAIN), subnetID: PRIMARY_NETWORK_ID };
  const { sender } = routing.addChain(side, context, makeEngine);
  return {
    ...side,
    sender,
    close: async () => {
      await routing.close();
      await side.network.close();
    },
  };
}
