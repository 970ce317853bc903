/**
 * Starts the networks whose nodes are compared.
 *
 * @module
 */

import { fileURLToPath } from "node:url";
import { Network } from "../../lib/tmpnet/network.ts";

/** Two nodes are the fewest that have a peer. */
const NODE_COUNT = 2;

/** What no node serves unless it is told to. */
const SERVE_ALL = { "api-admin-enabled": "true" };

const SEATS = ["p_chain", "x_chain", "c_chain"];

/**
 * Starts nodes of avx, in which apps sit where avalanchego has chains.
 *
 * @param rootNetworkDir Where the network's directory is made.
 */
export function startAvx(rootNetworkDir: string): Promise<Network> {
  const apps = SEATS.map((name) => fileURLToPath(new URL(`./seats/${name}.ts`, import.meta.url)));
  return Network.start({ nodeCount: NODE_COUNT, rootNetworkDir, apps, defaultFlags: SERVE_ALL });
}

/** Starts nodes of avalanchego, with all that they can serve. */
export function startAvalanchego(rootNetworkDir: string, avalanchegoPath: string): Promise<Network> {
  const defaultFlags = { ...SERVE_ALL, "index-enabled": "true" };
  return Network.start({ nodeCount: NODE_COUNT, rootNetworkDir, avalanchegoPath, defaultFlags });
}
