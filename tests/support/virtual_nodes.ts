/**
 * Whole nodes without files and HTTP, made of flags: network, routing and health on virtual time and in memory.
 *
 * @module
 */

import { ManualClock } from "../../lib/core/clock.ts";
import { noLog } from "../../lib/core/log.ts";
import { newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import type { CheckResult } from "../../lib/node/health/check.ts";
import type { Health } from "../../lib/node/health/health.ts";
import { createNodeHealth } from "../../lib/node/node_health.ts";
import { MemoryNet } from "../../lib/p2p/transport/memory.ts";
import { nodeConfig } from "../node/support.ts";
import { closeNodes, genesisValidator, type ListeningNode, listeningNode } from "./virtual_node.ts";

/** How long a connection takes to be made, and more. */
const CONNECTING_MS = 1_000;

/** Nodes are told of each other by their tests alone. */
const QUIET = { "network-id": "88888", "network-peer-list-pull-gossip-frequency": "1h" };

/** One of the nodes. */
export interface VirtualNode extends ListeningNode {
  readonly health: Health;
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
  const genesisValidators = identities.flatMap(({ tlsCert, blsSigner }, i) =>
    isValidator(i) ? [genesisValidator(tlsCert, 100n, blsSigner.publicKey)] : [],
  );
  const nodes: VirtualNode[] = [];
  for (const [i, { tlsCert, blsSigner }] of identities.entries()) {
    const config = nodeConfig({ ...QUIET, ...flags[i] });
    const transport = net.transport(tlsCert.certificate);
    const node = await listeningNode(config, { clock, transport, tlsCert, blsSigner, seed: i + 1, genesisValidators });
    const health = createNodeHealth(
      config,
      { ...node, clock, log: noLog, blsSigner, validatorSource: undefined },
      () => {},
    );
    const check: VirtualNode["check"] = async (name) => {
      await health.health.run();
      const found = health.health.report().checks.get(name);
      if (found === undefined) throw new Error(`there is no check ${name}`);
      return { details: found.details, error: found.error };
    };
    nodes.push({ ...node, health, check });
  }
  return {
    clock,
    nodes,
    async connect(from, to) {
      const [dialling, dialled] = [nodes[from] as VirtualNode, nodes[to] as VirtualNode];
      dialling.network.manuallyTrack(dialled.network.myNodeID, dialled.address);
      await clock.runFor(CONNECTING_MS);
      const isThere = dialling.network.peerInfo([dialled.network.myNodeID]).length === 1;
      if (!isThere) throw new Error(`${from} is not connected to ${to}`);
    },
    [Symbol.asyncDispose]() {
      for (const { health } of nodes) health.stop();
      return closeNodes(clock, nodes);
    },
  };
}
