/** Two nodes, one of which leaves queries without an answer: the other benches it, and says so. */

import { expect, test } from "bun:test";
import { ManualClock } from "../../lib/core/clock.ts";
import { EMPTY_ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import { createNodeInfo } from "../../lib/node/node_info.ts";
import type { Engine } from "../../lib/p2p/routing/engine/engine.ts";
import { ObservingEngine } from "../../lib/p2p/routing/engine/observing_engine.ts";
import type { Sender } from "../../lib/p2p/routing/sender/sender.ts";
import { MemoryNet } from "../../lib/p2p/transport/memory.ts";
import { closeNodes, genesisValidator, listeningNode } from "../support/virtual_node.ts";
import { nodeConfig } from "./support.ts";

const CHAIN = { chainID: idFromBytes(new Uint8Array(32).fill(5)), subnetID: PRIMARY_NETWORK_ID, alias: "Q" };
const CONTAINER = idFromBytes(new Uint8Array(32).fill(9));

/** Longer than any deadline. */
const LONG_ENOUGH_MS = 11_000;

/** Makes nodes that share a clock and the stake: the first has nearly all of it. */
async function nodes(flags: Readonly<Record<string, string>>) {
  const clock = new ManualClock(Date.now());
  const net = new MemoryNet(clock);
  const identities = [newTLSCert(), newTLSCert()] as const;
  const genesisValidators = identities.map((identity, i) => genesisValidator(identity, i === 0 ? 1_000n : 10n));
  const config = nodeConfig({ "network-id": "88888", ...flags });
  const make = async (tlsCert: (typeof identities)[number], seed: number) => {
    const transport = net.transport(tlsCert.certificate);
    const node = await listeningNode(config, { clock, transport, tlsCert, seed, genesisValidators });
    const chains = {
      genesisHash: EMPTY_ID,
      validators: [],
      chains: [],
      findChain: () => undefined,
      aliasOf: String,
      machineOf: () => "app",
    };
    const info = createNodeInfo(config, { ...node, nodePOP: { publicKey: "0x", proofOfPossession: "0x" }, chains }, "");
    return { ...node, info };
  };
  const [asking, silent] = [await make(identities[0], 1), await make(identities[1], 2)];
  const close = (): Promise<void> => closeNodes(clock, [asking, silent]);
  asking.network.manuallyTrack(silent.network.myNodeID, silent.address);
  await clock.runFor(2_000);
  expect(asking.network.peerInfo().length).toBe(1);
  return { asking, silent, clock, [Symbol.asyncDispose]: close };
}

/** Writes down how its queries end, and who is there. */
function asker(heard: string[]): (sender: Sender) => Engine {
  return () => ({
    chits: (_, requestID) => void heard.push(`chits ${requestID}`),
    queryFailed: (_, requestID) => void heard.push(`failed ${requestID}`),
    connected: (nodeID) => void heard.push(`+${nodeID}`),
    disconnected: (nodeID) => void heard.push(`-${nodeID}`),
  });
}

test("a peer that leaves queries without an answer is benched, is seen so, and is taken back", async () => {
  await using world = await nodes({ "benchlist-duration": "1m" });
  const { asking, clock, silent } = world;
  const heard: string[] = [];
  const { sender } = asking.addChain(CHAIN, asker(heard));
  const { handler } = silent.addChain(CHAIN, (sender) => new ObservingEngine(sender));
  const nodeID = silent.network.myNodeID;
  expect(heard.splice(0)).toContain(`+${nodeID}`);
  expect(asking.info.benched(nodeID)).toEqual([]);

  sender.sendPullQuery([nodeID], 1, CONTAINER, 0n);
  sender.sendPullQuery([nodeID], 2, CONTAINER, 0n);
  await clock.runFor(LONG_ENOUGH_MS);
  expect(heard.splice(0).sort()).toEqual([`-${nodeID}`, "failed 1", "failed 2"].sort());
  expect(handler.counts.unhandled.total).toBeGreaterThanOrEqual(2);
  expect(asking.info.benched(nodeID)).toEqual(["Q"]);
  expect(await asking.metrics.registry.metrics()).toContain('avalanche_benchlist_benched_num{chain="Q"} 1');

  // It is a peer like any other all the same; but nobody waits for it.
  expect(asking.network.peerInfo().length).toBe(1);
  sender.sendPullQuery([nodeID], 3, CONTAINER, 0n);
  await clock.runFor(1);
  expect(heard.splice(0)).toEqual(["failed 3"]);

  await clock.runFor(60_000);
  expect(asking.info.benched(nodeID)).toEqual([]);
  expect(heard).toContain(`+${nodeID}`);
});

test("time-outs of requests are those that the flags say", async () => {
  await using world = await nodes({
    "network-initial-timeout": "700ms",
    "network-minimum-timeout": "600ms",
    "network-maximum-timeout": "800ms",
  });
  const { asking, clock, silent } = world;
  const heard: string[] = [];
  const { sender } = asking.addChain(CHAIN, asker(heard));
  heard.length = 0;
  silent.addChain(CHAIN, (sender) => new ObservingEngine(sender));
  sender.sendPullQuery([silent.network.myNodeID], 1, CONTAINER, 0n);
  await clock.runFor(699);
  expect(heard).toEqual([]);
  await clock.runFor(1);
  expect(heard).toEqual(["failed 1"]);
});

test("an app request of a protocol that the peer does not have is answered with an error", async () => {
  await using world = await nodes({});
  const { asking, clock, silent } = world;
  const errors: string[] = [];
  const { sender } = asking.addChain(CHAIN, () => ({
    appRequestFailed: (_, requestID, { code, message }) => void errors.push(`${requestID} ${code} ${message}`),
  }));
  silent.addChain(CHAIN, (sender) => new ObservingEngine(sender));
  sender.sendAppRequest([silent.network.myNodeID], 7, new Uint8Array([1]));
  await clock.runFor(100);
  expect(errors).toEqual(["7 -2 unregistered handler"]);
});
