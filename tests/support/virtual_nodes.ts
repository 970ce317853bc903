/**
 * Whole nodes without files and HTTP, made of flags: network, routing and health on virtual time and in memory.
 *
 * @module
 */

import { ManualClock } from "../../lib/core/clock.ts";
import { EMPTY_ID } from "../../lib/core/ids/id.ts";
import { noLog } from "../../lib/core/log.ts";
import { seededRandom } from "../../lib/core/random.ts";
import { newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import type { CheckResult } from "../../lib/node/health/check.ts";
import type { Health } from "../../lib/node/health/health.ts";
import { createNodeMetrics, type NodeMetrics } from "../../lib/node/metrics.ts";
import { createNodeHealth } from "../../lib/node/node_health.ts";
import { createNodeNetwork, type NodeNetwork } from "../../lib/node/node_network.ts";
import { MemoryNet } from "../../lib/p2p/transport/memory.ts";
import { nodeConfig } from "../node/support.ts";

/** How long a connection takes to be made, and more. */
const CONNECTING_MS = 1_000;

/** Nodes are told of each other by their tests alone. */
const QUIET = { "network-id": "88888", "network-peer-list-pull-gossip-frequency": "1h" };

/** One of the nodes. */
export interface VirtualNode extends NodeNetwork {
  readonly health: Health;
  readonly metrics: NodeMetrics;
  /** Runs a check now and gives what it found. */
  check(name: string): Promise<Pick<CheckResult, "details" | "error">>;
}

/** Nodes that share a clock and a net. */
export interface VirtualNodes extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly nodes: readonly VirtualNode[];
  /** Lets one dial another, and waits until they are connected. */
  connect(from: number, to: number): Promise<void>;
}

/**
 * Makes nodes that validate with equal stake.
 *
 * @param flags Of each node.
 * @param isValidator Whether a node is among the validators.
 */
export async function virtualNodes(
  flags: readonly Readonly<Record<string, string>>[],
  isValidator: (i: number) => boolean = () => true,
): Promise<VirtualNodes> {
  const clock = new ManualClock(Date.UTC(2026, 10, 21));
  const net = new MemoryNet(clock);
  const identities = flags.map(() => ({ tlsCert: newTLSCert(), blsSigner: newBLSSigner() }));
  const genesisValidators = identities.flatMap(({ tlsCert, blsSigner }, i) => {
    if (!isValidator(i)) return [];
    const { nodeID } = tlsCert.certificate;
    const stake = { weight: 100n, startTime: 0n, endTime: 1n << 40n, delegationShares: 0, stakeOutputs: 1 };
    return [{ nodeID, publicKey: blsSigner.publicKey, txID: EMPTY_ID, ...stake }];
  });
  const addresses: { ip: string; port: number }[] = [];
  const nodes: VirtualNode[] = [];
  for (const [i, { tlsCert, blsSigner }] of identities.entries()) {
    const config = nodeConfig({ ...QUIET, ...flags[i] });
    const metrics = createNodeMetrics();
    const parts = await createNodeNetwork(
      config,
      {
        clock,
        random: seededRandom(i + 1),
        log: noLog,
        chainLog: () => noLog,
        metrics,
        tlsCert,
        blsSigner,
        transport: net.transport(tlsCert.certificate),
      },
      {
        listenAddress: { ip: "127.0.0.1", port: 0 },
        publicAddress: { ip: "127.0.0.1", port: 0 },
        genesisValidators,
        chains: [],
        onSufficientlyConnected: () => {},
      },
    );
    const health = createNodeHealth(
      config,
      { ...parts, clock, log: noLog, metrics, blsSigner, validatorSource: undefined },
      () => {},
    );
    const check: VirtualNode["check"] = async (name) => {
      await health.health.run();
      const found = health.health.report().checks.get(name);
      if (found === undefined) throw new Error(`there is no check ${name}`);
      return { details: found.details, error: found.error };
    };
    nodes.push({ ...parts, health, metrics, check });
    addresses.push(await parts.network.start());
  }
  return {
    clock,
    nodes,
    async connect(from, to) {
      const [dialling, dialled] = [nodes[from] as VirtualNode, nodes[to] as VirtualNode];
      dialling.network.manuallyTrack(dialled.network.myNodeID, addresses[to] as { ip: string; port: number });
      await clock.runFor(CONNECTING_MS);
      const isThere = dialling.network.peerInfo([dialled.network.myNodeID]).length === 1;
      if (!isThere) throw new Error(`${from} is not connected to ${to}`);
    },
    async [Symbol.asyncDispose]() {
      const closed = Promise.all(
        nodes.map(async ({ health, network, resources, routing }) => {
          health.stop();
          resources[Symbol.dispose]();
          await routing.close();
          await network.close();
        }),
      );
      await clock.runFor(CONNECTING_MS);
      await closed;
    },
  };
}
