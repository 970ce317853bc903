/**
 * AppRequests that another process answers, and AppGossip, through router and handler on both sides.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { type NodeID, parseNodeID } from "../lib/core/ids/node_id.ts";
import { formatAddrPort, parseAddrPort } from "../lib/core/ip.ts";
import { startBenchChain } from "./bench_chain.ts";
import { type Measurement, measure, sleep, WARM_UP_MS } from "./measure.ts";
import { spawnSelf } from "./self.ts";

export interface ChainCase {
  readonly name: string;
  /** Bytes of a request, of its answer, and of a gossip. */
  readonly bytes: number;
  /** Requests that are under way at one time; 0 for gossip. */
  readonly inFlight: number;
}

export const CHAIN_CASES: readonly ChainCase[] = [
  { name: "request, 1 in flight", bytes: 128, inFlight: 1 },
  { name: "request, 1,000 in flight", bytes: 128, inFlight: 1_000 },
  { name: "handled gossip 1 KiB", bytes: 1_024, inFlight: 0 },
];

/** @returns Answered requests, or gossip messages handled, a second. */
export async function measureChain({ bytes, inFlight }: ChainCase, seconds: number): Promise<Measurement> {
  let handled = 0;
  const side = await startBenchChain((sender) => ({
    appRequest: (nodeID, requestID, _deadlineMs, request) => {
      handled++;
      sender.sendAppResponse(nodeID, requestID, request);
    },
    appGossip: () => {
      handled++;
    },
  }));
  const { address, network } = side;
  const asker = spawnSelf(["chain-asker", network.myNodeID, formatAddrPort(address), String(bytes), String(inFlight)]);
  try {
    while (handled === 0) await sleep(10);
    await sleep(WARM_UP_MS);
    return await measure(() => handled, seconds);
  } finally {
    asker.kill();
    await side.close();
  }
}

/** The other process: asks until it is killed or nobody answers. */
export async function askChain([
  nodeIDText = "",
  address = "",
  bytes = "",
  inFlight = "",
]: readonly string[]): Promise<void> {
  const nodeID = parseNodeID(nodeIDText);
  const payload = new Uint8Array(randomBytes(Number(bytes)));
  const connected = Promise.withResolvers<NodeID>();
  let nextRequestID = 1;
  const side = await startBenchChain(
    (sender) => {
      const ask = (): void => sender.sendAppRequest([nodeID], nextRequestID++, payload);
      connected.promise.then(() => {
        for (let asked = 0; asked < Number(inFlight); asked++) ask();
      });
      return { appResponse: ask, appRequestFailed: () => process.exit(1) };
    },
    { onConnected: connected.resolve, onDisconnected: () => process.exit(0) },
  );
  side.network.manuallyTrack(nodeID, parseAddrPort(address));
  await connected.promise;
  const to = { nodeIDs: new Set([nodeID]) };
  while (Number(inFlight) === 0) {
    while (side.sender.sendAppGossip(to, payload).size === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}
