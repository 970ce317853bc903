/** What changes at once, for peers that are connected, when a P-Chain API tells of other validators. */

import { expect, test } from "bun:test";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { noLog } from "../../../lib/core/log.ts";
import { seededRandom } from "../../../lib/core/random.ts";
import { remotePlatformAPI } from "../../../lib/node/validators/platform_api.ts";
import { ValidatorSource } from "../../../lib/node/validators/source.ts";
import { createThrottlers } from "../../../lib/p2p/throttling/throttlers.ts";
import { NO_USAGE } from "../../../lib/p2p/throttling/tracker/resource_user.ts";
import { MemoryNetwork } from "../../support/memory_network.ts";
import { RECORDED_NETWORK_ID, startPChain } from "../../support/p_chain.ts";

const MEBIBYTE = 2 ** 20;

test("a peer that is told to validate has its share of send queues and is sampled, from then on", async () => {
  await using world = new MemoryNetwork();
  await using chain = startPChain();
  const one = await world.addNode();
  const two = await world.addNode();
  one.network.manuallyTrack(two.network.myNodeID, two.address);
  await world.run(1_000);
  const { nodeID } = one.network.peerInfo()[0]!;
  const { clock } = world;
  await using source = new ValidatorSource(
    { clock, random: seededRandom(1), log: noLog, validators: one.validators, api: remotePlatformAPI(chain.uri) },
    {
      networkID: RECORDED_NETWORK_ID,
      trackedSubnets: new Set(),
      followsAllSubnets: () => false,
      frequencyMs: 10_000,
    },
  );
  let height = 100;
  const validate = async (...weights: readonly [nodeID: string, weight: string][]) => {
    const txID = "11111111111111111111111111111111LpoYY";
    chain.state.height = String(++height);
    chain.state.current = { [PRIMARY_NETWORK_ID]: weights.map(([node, weight]) => ({ nodeID: node, weight, txID })) };
    await source.poll();
    expect(source.status.error).toBeUndefined();
  };
  const { outboundMsg } = createThrottlers({ clock, validators: one.validators, resources: NO_USAGE });
  /** How many messages of a mebibyte may wait for the peer. */
  const room = () => {
    let count = 0;
    while (outboundMsg.acquire(MEBIBYTE, nodeID, false)) count++;
    for (let i = 0; i < count; i++) outboundMsg.release(MEBIBYTE, nodeID, false);
    return count;
  };
  const gossip = one.messageBuilder.appGossip(new Uint8Array(32), new Uint8Array(1));
  const sampled = () => one.network.send(gossip, { validators: 5 }, PRIMARY_NETWORK_ID).size;
  const stranger = "NodeID-8QUdxrVfUa1yCv8CWU9iSdPLL9iMLF9sZ";

  await validate([stranger, "1"]);
  const roomOfStranger = room();
  expect([roomOfStranger, sampled()]).toEqual([2, 0]);
  expect(one.network.connectedStake(PRIMARY_NETWORK_ID).connected).toBe(0n);

  await validate([stranger, "1"], [nodeID, "1"]);
  const roomOfHalf = room();
  expect(roomOfHalf).toBeGreaterThan(roomOfStranger + 10);
  expect(sampled()).toBe(1);
  expect(one.network.connectedStake(PRIMARY_NETWORK_ID)).toMatchObject({ connected: 1n, total: 2n });

  await validate([stranger, "1"], [nodeID, "7"]);
  expect(room()).toBeGreaterThan(roomOfHalf + 5);
  await validate([stranger, "1"]);
  expect([room(), sampled()]).toEqual([roomOfStranger, 0]);
});
