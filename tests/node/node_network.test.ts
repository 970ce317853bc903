/** What a node's configuration makes of its network, before it listens or dials. */

import { expect, test } from "bun:test";
import { ManualClock } from "../../lib/core/clock.ts";
import { idFromBytes, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { nodeIDFromBytes } from "../../lib/core/ids/node_id.ts";
import { noLog } from "../../lib/core/log.ts";
import { seededRandom } from "../../lib/core/random.ts";
import { newBLSSigner } from "../../lib/core/staking/bls.ts";
import { newTLSCert } from "../../lib/core/staking/tls_cert.ts";
import { createNodeMetrics } from "../../lib/node/metrics.ts";
import { createNodeNetwork } from "../../lib/node/node_network.ts";
import { bootstrappers } from "../../lib/platform/bootstrappers.ts";
import { recentValidators } from "../../lib/platform/genesis/recent_validators.ts";
import { base64, nodeConfig } from "./support.ts";

async function networkOf(flags: Readonly<Record<string, string>>) {
  const clock = new ManualClock(Date.now());
  const { network, resources, routing, validators } = await createNodeNetwork(
    nodeConfig(flags),
    {
      clock,
      random: seededRandom(1),
      log: noLog,
      metrics: createNodeMetrics(),
      tlsCert: newTLSCert(),
      blsSigner: newBLSSigner(),
    },
    {
      listenAddress: { ip: "127.0.0.1", port: 0 },
      publicAddress: { ip: "127.0.0.1", port: 0 },
      genesisValidators: [],
      chains: [],
      onSufficientlyConnected: () => {},
    },
  );
  const close = async (): Promise<void> => {
    resources[Symbol.dispose]();
    await routing.close();
    await network.close();
  };
  return { network, validators, [Symbol.asyncDispose]: close };
}

test.each([
  ["mainnet", 1],
  ["fuji", 5],
])("on %s all built-in bootstrappers are gossiped, and who validated lately is wanted", async (name, networkID) => {
  await using world = await networkOf({ "network-id": name });
  const { ipTracker } = world.network;
  const listed = bootstrappers(networkID).map(({ id }) => id);
  const recent = await recentValidators(networkID);
  expect(listed.length).toBeGreaterThan(10);
  expect(recent.length).toBeGreaterThan(50);
  expect([...listed, ...recent].filter((nodeID) => !ipTracker.wantsConnection(nodeID))).toEqual([]);
  expect([...ipTracker.subnetIDs]).toEqual([PRIMARY_NETWORK_ID]);
  // Nobody is known to validate before the chain is asked.
  expect(world.validators.numValidators(PRIMARY_NETWORK_ID)).toBe(0);
});

test("on a network of one's own nobody is built in", async () => {
  await using world = await networkOf({ "network-id": "local" });
  expect([...world.network.ipTracker.subnetIDs]).toEqual([]);
});

test("the rules of a subnet's configuration are the network's", async () => {
  const subnetID = idFromBytes(new Uint8Array(32).fill(7));
  const [invited, stranger] = [1, 2].map((n) => nodeIDFromBytes(new Uint8Array(20).fill(n)));
  const content = { [subnetID]: { validatorOnly: true, allowedNodes: [invited] } };
  await using world = await networkOf({
    "network-id": "local",
    "track-subnets": subnetID,
    "subnet-config-content": base64(JSON.stringify(content)),
  });
  const { network } = world;
  const allower = network.allower(subnetID);
  expect([invited!, stranger!, network.myNodeID].map((nodeID) => allower(nodeID, false))).toEqual([true, false, true]);
  expect(allower(stranger!, true)).toBe(true);
  expect(network.allower(PRIMARY_NETWORK_ID)(stranger!, false)).toBe(true);
});
