import { expect, test } from "bun:test";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import { newTLSCert } from "../../../lib/core/staking/tls_cert.ts";
import { MemoryNetwork, type MemoryNode } from "../../support/memory_network.ts";

const HOUR_MS = 3_600_000;

/** Three validators that know each other. */
async function trio(): Promise<MemoryNetwork & { readonly nodes: [MemoryNode, MemoryNode, MemoryNode] }> {
  const net = new MemoryNetwork();
  const first = await net.addNode();
  for (const node of [await net.addNode(), await net.addNode()]) {
    node.network.manuallyTrack(first.network.myNodeID, first.address);
  }
  for (const { network } of net.nodes) net.makeValidator(network.myNodeID);
  await net.run(20_000);
  for (const node of net.nodes) expect(node.connectedTo()).toHaveLength(2);
  return net as MemoryNetwork & { readonly nodes: [MemoryNode, MemoryNode, MemoryNode] };
}

/** A node that knows the validators, and the first of them to begin with. */
async function join(net: MemoryNetwork, identity = newTLSCert()): Promise<MemoryNode> {
  const [first] = net.nodes as [MemoryNode];
  const node = await net.addNode({}, identity);
  for (const validator of first.validators.validators(PRIMARY_NETWORK_ID)) {
    node.validators.addStaker(PRIMARY_NETWORK_ID, validator);
  }
  node.network.manuallyTrack(first.network.myNodeID, first.address);
  return node;
}

test.each([
  ["forward", HOUR_MS],
  ["back", -HOUR_MS],
])("a clock that is set %s by an hour makes nobody silent or unhealthy", async (_way, stepMs) => {
  await using net = await trio();
  net.clock.step(net.clock.now() + stepMs);
  for (const { network } of net.nodes) expect(network.healthCheck().error).toBeUndefined();
  await net.run(120_000);
  for (const node of net.nodes) {
    expect(node.network.healthCheck().error).toBeUndefined();
    expect(node.connectedTo()).toHaveLength(2);
    const seen = node.network.peerInfo().map(({ lastReceived }) => net.clock.now() / 1000 - lastReceived);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...seen)).toBeLessThan(60);
  }
});

test("of two nodes with one identity the others keep the first, and take the second when that has gone", async () => {
  await using net = await trio();
  const [, second, third] = net.nodes;
  const identity = newTLSCert();
  const original = await join(net, identity);
  await net.run(120_000);
  expect(original.connectedTo()).toHaveLength(3);

  const twin = await join(net, identity);
  await net.run(60_000);
  expect(original.connectedTo()).toHaveLength(3);
  expect(original.network.healthCheck().error).toBeUndefined();
  expect(twin.network.healthCheck().error).toContain("not connected to a minimum of 1 peer(s)");
  expect(second.connectedTo()).toHaveLength(3);

  const gone = original.network.close();
  await net.run(1_000);
  await gone;
  await net.run(180_000);
  expect(twin.connectedTo()).toHaveLength(3);
  expect(twin.network.healthCheck().error).toBeUndefined();
  for (const node of [second, third]) expect(node.connectedTo()).toContain(identity.certificate.nodeID);
});
