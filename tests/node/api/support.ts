/**
 * An API over a source that says what the recorded node said.
 *
 * @module
 */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Hono } from "hono";
import { Registry } from "prom-client";
import { ManualClock } from "../../../lib/core/clock.ts";
import { type ID, PLATFORM_CHAIN_ID, PRIMARY_NETWORK_ID, parseID } from "../../../lib/core/ids/id.ts";
import { type NodeID, parseNodeID } from "../../../lib/core/ids/node_id.ts";
import { parseAddrPort } from "../../../lib/core/ip.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { type APIOptions, createAPI } from "../../../lib/node/api/app.ts";
import { callMetrics } from "../../../lib/node/api/call_metrics.ts";
import type { HealthSource } from "../../../lib/node/api/health.ts";
import type { InfoSource } from "../../../lib/node/api/info.ts";
import type { CheckResult } from "../../../lib/node/health/check.ts";
import type { PeerInfo } from "../../../lib/p2p/peer/info.ts";

/** A recorded file. */
export function recorded(name: string): string {
  return readFileSync(join(import.meta.dirname, "../../fixtures/api", name), "utf8");
}

/** The recorded result of a JSON-RPC call. */
export function recordedResult<T = Record<string, unknown>>(name: string): T {
  return (JSON.parse(recorded(`${name}.json`)) as { result: T }).result;
}

/** A recorded answer: status, headers by lower-case name, body. */
export function recordedAnswer(name: string): { status: number; headers: Record<string, string>; body: string } {
  const [head = "", ...rest] = recorded(`${name}.http`).replaceAll("\r", "").split("\n\n");
  const [statusLine = "", ...headerLines] = head.split("\n");
  const headers = headerLines.map((line) => {
    const colon = line.indexOf(": ");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 2)] as const;
  });
  return { status: Number(statusLine.split(" ")[1]), headers: Object.fromEntries(headers), body: rest.join("\n\n") };
}

interface RecordedPeer {
  ip: string;
  publicIP: string;
  nodeID: string;
  version: string;
  upgradeTime: number;
  lastSent: string;
  lastReceived: string;
  observedUptime: string;
  trackedSubnets: string[];
}

/** The peers that the recorded node had. */
export const PEERS: readonly PeerInfo[] = recordedResult<{ peers: RecordedPeer[] }>("info.peers").peers.map((peer) => ({
  nodeID: parseNodeID(peer.nodeID),
  ip: parseAddrPort(peer.ip),
  publicIP: parseAddrPort(peer.publicIP),
  version: peer.version,
  upgradeTime: BigInt(peer.upgradeTime),
  lastSent: Date.parse(peer.lastSent) / 1_000,
  lastReceived: Date.parse(peer.lastReceived) / 1_000,
  observedUptime: Number(peer.observedUptime),
  trackedSubnets: peer.trackedSubnets.map((id) => parseID(id)),
  supportedACPs: [],
  objectedACPs: [],
  isIngress: false,
}));

const identity = recordedResult<{ nodeID: string; nodePOP: { publicKey: string; proofOfPossession: string } }>(
  "info.getNodeID",
);
const chains: Readonly<Record<string, ID>> = {
  P: PLATFORM_CHAIN_ID,
  C: parseID(recordedResult<{ blockchainID: string }>("info.getBlockchainID").blockchainID),
};

/** What the recorded node would say. */
export function infoSource(changes: Partial<InfoSource> = {}): InfoSource {
  return {
    nodeID: parseNodeID(identity.nodeID),
    networkID: 88_888,
    version: "avalanchego/1.14.2",
    databaseVersion: "v1.4.5",
    rpcProtocolVersion: 45,
    gitCommit: "",
    upgrades: recordedResult("info.upgrades") as Record<string, string>,
    txFee: 1_000_000n,
    createAssetTxFee: 1_000_000n,
    proofOfPossession: () => identity.nodePOP,
    nodeIP: () => parseAddrPort("127.0.0.1:43773"),
    peers: (nodeIDs: readonly NodeID[]) =>
      nodeIDs.length === 0 ? PEERS : PEERS.filter(({ nodeID }) => nodeIDs.includes(nodeID)),
    benched: () => [],
    uptime: () => ({ rewardingStakePercentage: 100, weightedAveragePercentage: 100 }),
    findChain: (alias) => chains[alias] ?? (alias === PRIMARY_NETWORK_ID ? PLATFORM_CHAIN_ID : undefined),
    weight: () => 1n,
    ...changes,
  };
}

interface RecordedCheck {
  message?: unknown;
  timestamp: string;
  duration: number;
}

/** The recorded findings: a report for whatever tags. */
export function healthSource(changes: Partial<Record<keyof HealthSource, boolean>> = {}): HealthSource {
  const worker = (name: keyof HealthSource) => {
    const { checks } = recordedResult<{ checks: Record<string, RecordedCheck> }>(`health.${name}`);
    const results = Object.entries(checks).map(([check, found]): [string, CheckResult] => [
      check,
      {
        ...(found.message === undefined ? {} : { details: found.message }),
        timeMs: Date.parse(found.timestamp),
        durationMs: found.duration / 1e6,
        contiguousFailures: 0,
        firstFailureMs: undefined,
      },
    ]);
    return { report: () => ({ checks: new Map(results), healthy: changes[name] ?? true }) };
  };
  return { readiness: worker("readiness"), health: worker("health"), liveness: worker("liveness") };
}

/** An application over these sources. */
export function api(
  changes: { info?: Partial<InfoSource>; health?: Partial<Record<keyof HealthSource, boolean>> } = {},
  options: Partial<APIOptions> = {},
): { readonly app: Hono; readonly registry: Registry } {
  const registry = new Registry();
  const calls = callMetrics(new MetricsNamespace(registry, "avalanche_api"), new ManualClock(), [
    "health",
    "info",
    "metrics",
  ]);
  const app = createAPI(
    { info: infoSource(changes.info), health: healthSource(changes.health), metrics: registry },
    {
      nodeID: parseNodeID(identity.nodeID),
      allowedHosts: ["localhost"],
      allowedOrigins: ["*"],
      readTimeoutMs: 0,
      ...options,
    },
    calls,
  );
  return { app, registry };
}

/** Posts a body as JSON. */
export async function post(app: Hono, path: string, body: string): Promise<{ response: Response; text: string }> {
  const response = await app.request(path, { method: "POST", headers: { "content-type": "application/json" }, body });
  return { response, text: await response.text() };
}

/** Calls a method and gives the whole answer. */
export async function call(app: Hono, method: string, params?: unknown): Promise<Record<string, unknown>> {
  const path = `/ext/${method.split(".")[0]}`;
  const { text } = await post(app, path, JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }));
  return JSON.parse(text) as Record<string, unknown>;
}
