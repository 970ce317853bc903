/**
 * The besieged node, alone in its process: real time, real use of the processor, throttlers with their defaults.
 *
 * @module
 */

import { tmpdir } from "node:os";
import { Registry } from "prom-client";
import { systemClock } from "../../../lib/core/clock.ts";
import { EMPTY_ID, PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { ResourceManager } from "../../../lib/p2p/throttling/tracker/resource_manager.ts";
import { startTLSNode, type TLSNode } from "../tls_node.ts";
import type { FromVictim, ToVictim, VictimOptions, VictimState } from "./contract.ts";

const KIB = 1024;
const SAMPLE_MS = 20;
const CHAIN_ID = new Uint8Array(32).fill(1);

const registry = new Registry();
let peakRSS = 0;
let longestTurnMs = 0;
let lastSample = performance.now();

function tell(message: FromVictim): void {
  process.send?.(message);
}

function sample(): void {
  const now = performance.now();
  longestTurnMs = Math.max(longestTurnMs, now - lastSample - SAMPLE_MS);
  lastSample = now;
  peakRSS = Math.max(peakRSS, process.memoryUsage.rss());
}

async function stateOf(node: TLSNode<typeof systemClock>): Promise<VictimState> {
  sample();
  const metrics: Record<string, number> = {};
  for (const line of (await registry.metrics()).split("\n")) {
    const end = line.lastIndexOf(" ");
    if (end > 0 && !line.startsWith("#")) metrics[line.slice(0, end)] = Number(line.slice(end + 1));
  }
  return {
    rss: process.memoryUsage.rss(),
    peakRSS,
    throttled: node.throttled(),
    ingressConnections: node.network.ingressConnections,
    metrics,
    longestTurnMs,
  };
}

async function start(options: VictimOptions): Promise<TLSNode<typeof systemClock>> {
  const { gossipEveryMs, handlingMs = 0, pingFrequencyMs = 250, pongTimeoutMs = 30_000, validators = [] } = options;
  const node = await startTLSNode({
    clock: systemClock,
    pingFrequencyMs,
    pongTimeoutMs,
    resources: new ResourceManager({ clock: systemClock }, { diskPath: tmpdir(), processID: process.pid }),
    metrics: new MetricsNamespace(registry, "avalanche_network"),
    handle: (message) => {
      if (handlingMs === 0) message.onFinishedHandling();
      else setTimeout(() => message.onFinishedHandling(), handlingMs);
    },
  });
  const publicKey = options.validatorsHaveKeys === true ? newBLSSigner().publicKey : undefined;
  for (const nodeID of validators) {
    node.validators.addStaker(PRIMARY_NETWORK_ID, { nodeID, publicKey, txID: EMPTY_ID, weight: 1n });
  }
  if (gossipEveryMs !== undefined) {
    const gossip = node.messageBuilder.appGossip(CHAIN_ID, crypto.getRandomValues(new Uint8Array(64 * KIB)));
    setInterval(() => node.network.send(gossip, { peers: 1_000 }, PRIMARY_NETWORK_ID), gossipEveryMs);
  }
  return node;
}

let started: Promise<TLSNode<typeof systemClock>> | undefined;
process.on("message", async (message: ToVictim) => {
  if (message.kind === "start") {
    started = start(message.options);
    const node = await started;
    setInterval(sample, SAMPLE_MS);
    tell({ kind: "ready", address: node.address, state: await stateOf(node) });
  } else if (started !== undefined) {
    tell({ kind: "state", state: await stateOf(await started) });
  }
});
process.on("disconnect", () => process.exit(0));
