/**
 * A node without files and HTTP, as its flags make it: on a clock that the test moves, and on a network in memory.
 *
 * @module
 */

import type { ManualClock } from "../../lib/core/clock.ts";
import { EMPTY_ID } from "../../lib/core/ids/id.ts";
import type { AddrPort } from "../../lib/core/ip.ts";
import { noLog } from "../../lib/core/log.ts";
import { seededRandom } from "../../lib/core/random.ts";
import { type BLSSigner, newBLSSigner } from "../../lib/core/staking/bls.ts";
import type { TLSCert } from "../../lib/core/staking/tls_cert.ts";
import type { NodeConfig } from "../../lib/node/config/node_config.ts";
import { createNodeMetrics, type NodeMetrics } from "../../lib/node/metrics.ts";
import { createNodeNetwork, type NodeNetwork } from "../../lib/node/node_network.ts";
import type { Transport } from "../../lib/p2p/transport/contract.ts";
import type { GenesisValidator } from "../../lib/platform/genesis/info.ts";

/** Who a node is, and what it stands on. */
export interface ListeningNodeOptions {
  readonly clock: ManualClock;
  readonly transport: Transport;
  readonly tlsCert: TLSCert;
  /** A new one without it. */
  readonly blsSigner?: BLSSigner;
  readonly seed: number;
  readonly genesisValidators: readonly GenesisValidator[];
  /** @default {"127.0.0.1"} */
  readonly ip?: string;
}

/** A node that listens. */
export interface ListeningNode extends NodeNetwork {
  readonly address: AddrPort;
  readonly metrics: NodeMetrics;
}

/** Makes a node, and lets it listen. */
export async function listeningNode(
  config: NodeConfig,
  { clock, transport, tlsCert, seed, genesisValidators, ...options }: ListeningNodeOptions,
): Promise<ListeningNode> {
  const { blsSigner = newBLSSigner(), ip = "127.0.0.1" } = options;
  const metrics = createNodeMetrics();
  const random = seededRandom(seed);
  const node = await createNodeNetwork(
    config,
    { clock, random, log: noLog, chainLog: () => noLog, metrics, tlsCert, blsSigner, transport },
    {
      listenAddress: { ip, port: 0 },
      publicAddress: { ip, port: 0 },
      genesisValidators,
      chains: [],
      onSufficientlyConnected: () => {},
    },
  );
  return { ...node, metrics, address: await node.network.start() };
}

/** Whoever validates from the beginning, with what nothing here depends on made up. */
export function genesisValidator(
  { certificate: { nodeID } }: TLSCert,
  weight: bigint,
  publicKey?: Uint8Array,
): GenesisValidator {
  const stake = { txID: EMPTY_ID, startTime: 0n, endTime: 1n << 40n, delegationShares: 0, stakeOutputs: 1 };
  return { nodeID, weight, ...stake, ...(publicKey === undefined ? {} : { publicKey }) };
}

/** How long a node's leaving takes, and more: milliseconds of its clock. */
const LEAVING_MS = 1_000;

/** Closes nodes, and whatever else takes time on their clock. */
export async function closeNodes(
  clock: ManualClock,
  nodes: readonly Pick<NodeNetwork, "network" | "resources" | "routing">[],
  others: readonly { close(): Promise<unknown> }[] = [],
): Promise<void> {
  const closed = Promise.all([
    ...others.map((other) => other.close()),
    ...nodes.map(async ({ network, resources, routing }) => {
      resources[Symbol.dispose]();
      await routing.close();
      await network.close();
    }),
  ]);
  await clock.runFor(LEAVING_MS);
  await closed;
}
