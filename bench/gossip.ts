/**
 * AppGossip messages a second from one process to another.
 *
 * The sender builds each message anew and sends as fast as it is let; the receiver counts those that reach its
 * handler, parsed and throttled, over a stretch of time after a warm-up.
 *
 * @module
 */

import { randomBytes } from "node:crypto";
import { PRIMARY_NETWORK_ID } from "../lib/core/ids/id.ts";
import { parseNodeID } from "../lib/core/ids/node_id.ts";
import { parseAddrPort } from "../lib/core/ip.ts";
import { Op } from "../lib/p2p/message/ops.ts";
import { startBenchNetwork } from "./bench_network.ts";
import { type Measurement, measure, sleep, WARM_UP_MS } from "./measure.ts";
import { spawnSelf } from "./self.ts";

export interface GossipCase {
  readonly name: string;
  readonly bytes: number;
  readonly compressed: boolean;
}

export const GOSSIP_CASES: readonly GossipCase[] = [
  { name: "gossip 128 B", bytes: 128, compressed: false },
  { name: "gossip 1 KiB", bytes: 1024, compressed: false },
  { name: "gossip 64 KiB", bytes: 65_536, compressed: false },
  { name: "gossip 1 KiB zstd", bytes: 1024, compressed: true },
];

const CHAIN_ID = new Uint8Array(32).fill(7);

export async function measureGossip(gossip: GossipCase, seconds: number): Promise<Measurement> {
  let received = 0;
  const { network, address } = await startBenchNetwork({
    handleInbound: (message) => {
      if (message.op === Op.AppGossip) received++;
      message.onFinishedHandling();
    },
    connected: () => {},
    disconnected: () => {},
  });
  const sender = spawnSelf([
    "gossip-sender",
    network.myNodeID,
    `${address.ip}:${address.port}`,
    String(gossip.bytes),
    String(gossip.compressed),
  ]);
  try {
    while (received === 0) await sleep(10);
    await sleep(WARM_UP_MS);
    return await measure(() => received, seconds);
  } finally {
    sender.kill();
    await network.close();
  }
}

/** The other process: sends until it is killed or its receiver is gone. */
export async function sendGossip([
  nodeIDText = "",
  address = "",
  bytes = "",
  compressed = "",
]: readonly string[]): Promise<void> {
  const nodeID = parseNodeID(nodeIDText);
  const ready = Promise.withResolvers<void>();
  const { network, messageBuilder } = await startBenchNetwork(
    {
      handleInbound: (message) => message.onFinishedHandling(),
      connected: () => ready.resolve(),
      disconnected: () => process.exit(0),
    },
    compressed === "true" ? "zstd" : "none",
  );
  network.manuallyTrack(nodeID, parseAddrPort(address));
  await ready.promise;

  const payload = samplePayload(Number(bytes), compressed === "true");
  const config = { nodeIDs: new Set([nodeID]) };
  for (;;) {
    const message = messageBuilder.appGossip(CHAIN_ID, payload);
    while (network.send(message, config, PRIMARY_NETWORK_ID).size === 0) await nextTurn();
  }
}

/** Random bytes do not compress; what is to be compressed is half random, half repeated, as transactions are. */
function samplePayload(length: number, compressible: boolean): Uint8Array {
  const payload = new Uint8Array(randomBytes(length));
  if (compressible) payload.fill(0x20, 0, length / 2);
  return payload;
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
