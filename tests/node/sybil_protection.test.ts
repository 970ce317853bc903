/** Without sybil protection: whoever is connected validates, and validates everything. */

import { expect, test } from "bun:test";
import { type ID, idFromBytes, PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import { type NodeID, nodeIDFromBytes } from "../../lib/core/ids/node_id.ts";
import { formatAddrPort } from "../../lib/core/ip.ts";
import { createLogger } from "../../lib/core/log.ts";
import { type Validator, ValidatorManager } from "../../lib/core/validators/manager.ts";
import { Node } from "../../lib/node/node.ts";
import { OverriddenValidatorManager } from "../../lib/node/overridden_validators.ts";
import { dummyTxID, PeerEvents, requiredBeacons } from "../../lib/node/peer_events.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { LOOPBACK, nodeConfig } from "./support.ts";

const node = (n: number): NodeID => nodeIDFromBytes(new Uint8Array(20).fill(n));
const SUBNET: ID = idFromBytes(new Uint8Array(32).fill(7));

function peerEvents(peerWeight: bigint | undefined, beaconIDs: readonly NodeID[] = []) {
  const validators = peerWeight === undefined ? new ValidatorManager() : new OverriddenValidatorManager();
  const beacons = new ValidatorManager();
  for (const nodeID of beaconIDs) {
    beacons.addStaker(PRIMARY_NETWORK_ID, { nodeID, publicKey: undefined, txID: dummyTxID(nodeID), weight: 1n });
  }
  const lines: string[] = [];
  const log = createLogger((level, message) => lines.push(`${level} ${message}`));
  let times = 0;
  const options = { peerWeight, onSufficientlyConnected: () => times++ };
  const events = new PeerEvents({ log, validators, beacons }, options);
  return { events, validators, lines, timesSufficient: () => times };
}

test("a connected peer has the weight that was set, once, until it is gone", () => {
  const { events, validators } = peerEvents(100n);
  events.connected(node(1), {}, PRIMARY_NETWORK_ID);
  events.connected(node(1), {}, SUBNET);
  events.connected(node(2), {}, PRIMARY_NETWORK_ID);
  expect(validators.getValidator(PRIMARY_NETWORK_ID, node(1))).toEqual({
    nodeID: node(1),
    publicKey: undefined,
    txID: idFromBytes(new Uint8Array([...new Uint8Array(20).fill(1), ...new Uint8Array(12)])),
    weight: 100n,
  });
  expect(validators.totalWeight(PRIMARY_NETWORK_ID)).toBe(200n);
  events.disconnected(node(1));
  expect([...validators.validators(PRIMARY_NETWORK_ID)].map(({ nodeID }) => nodeID)).toEqual([node(2)]);
});

test("with sybil protection peers weigh nothing", () => {
  const { events, validators } = peerEvents(undefined);
  events.connected(node(1), {}, PRIMARY_NETWORK_ID);
  events.disconnected(node(1));
  expect(validators.numValidators(PRIMARY_NETWORK_ID)).toBe(0);
});

test("a peer that cannot be counted is told of and stays", () => {
  const { events, validators, lines } = peerEvents(100n);
  validators.addStaker(PRIMARY_NETWORK_ID, { ...staker(1), weight: 5n });
  events.connected(node(1), {}, PRIMARY_NETWORK_ID);
  events.disconnected(node(1));
  events.disconnected(node(2));
  expect(lines).toEqual([
    "error failed to add validator",
    "error failed to remove validator",
    "error failed to remove validator",
  ]);
});

test.each([
  [0, 0],
  [1, 1],
  [2, 2],
  [3, 3],
  [4, 3],
  [5, 4],
  [8, 6],
])("of %d beacons %d must be connected at one time", (count, required) => {
  expect(requiredBeacons(count)).toBe(required);
  const beacons = Array.from({ length: count }, (_, n) => node(n + 1));
  const { events, timesSufficient } = peerEvents(undefined, beacons);
  for (const [i, beacon] of beacons.entries()) {
    expect(timesSufficient()).toBe(i >= required ? 1 : 0);
    events.connected(beacon, {}, PRIMARY_NETWORK_ID);
    events.connected(beacon, {}, SUBNET);
    events.connected(node(100 + i), {}, PRIMARY_NETWORK_ID);
  }
  for (const beacon of beacons) events.disconnected(beacon);
  for (const beacon of beacons) events.connected(beacon, {}, PRIMARY_NETWORK_ID);
  expect(timesSufficient()).toBe(1);
});

function staker(n: number): Validator {
  return { nodeID: node(n), publicKey: undefined, txID: dummyTxID(node(n)), weight: 1n };
}

test("every subnet's validators are the Primary Network's, whichever is named", () => {
  const manager = new OverriddenValidatorManager();
  const heard: ID[] = [];
  manager.subscribe({ onValidatorAdded: (subnetID) => heard.push(subnetID) });
  expect([...manager.subnetIDs()]).toEqual([]);
  manager.addStaker(SUBNET, staker(1));
  manager.addWeight(SUBNET, node(1), 4n);
  manager.removeWeight(SUBNET, node(1), 2n);
  expect(heard).toEqual([PRIMARY_NETWORK_ID]);
  for (const subnetID of [PRIMARY_NETWORK_ID, SUBNET]) {
    expect(manager.getWeight(subnetID, node(1))).toBe(3n);
    expect(manager.getValidator(subnetID, node(1))?.weight).toBe(3n);
    expect(manager.totalWeight(subnetID)).toBe(3n);
    expect(manager.numValidators(subnetID)).toBe(1);
    expect([...manager.validators(subnetID)]).toHaveLength(1);
  }
  expect([...manager.subnetIDs()]).toEqual([PRIMARY_NETWORK_ID]);
});

test("nodes without sybil protection weigh each other, themselves, and each on every subnet", async () => {
  using directory = temporaryDirectory();
  await using nodes = new AsyncDisposableStack();
  const off = {
    ...LOOPBACK,
    "network-id": "local",
    "sybil-protection-enabled": "false",
    "sybil-protection-disabled-weight": "9223372036854775808",
    "track-subnets": SUBNET,
    "network-inbound-connection-throttling-cooldown": "0s",
    "network-peer-list-pull-gossip-frequency": "50ms",
  };
  const start = async (name: string, ...others: Node[]) => {
    const bootstrap = {
      "bootstrap-ips": others.map(({ stakingAddress }) => formatAddrPort(stakingAddress)).join(),
      "bootstrap-ids": others.map(({ nodeID }) => nodeID).join(),
    };
    return nodes.use(await Node.start(nodeConfig({ ...off, ...bootstrap, "data-dir": directory.join(name) })));
  };
  const one = await start("one");
  const two = await start("two", one);
  // Nobody is a validator before it is connected, and so nobody is found by gossip.
  const all = [one, two, await start("three", one, two)];
  await eventually("all are connected", () => all.every((each) => each.network.peerInfo().length === 2));
  for (const { network, validators, nodeID } of all) {
    for (const subnetID of [PRIMARY_NETWORK_ID, SUBNET]) {
      expect(network.connectedStake(subnetID)).toEqual({ connected: 3n << 63n, total: 3n << 63n, disconnected: [] });
    }
    expect(validators.getValidator(PRIMARY_NETWORK_ID, nodeID)?.publicKey).toHaveLength(48);
    expect(network.nodeUptime().rewardingStakePercentage).toBeGreaterThan(0);
  }
  // Nobody began to validate, and so avalanchego refuses too.
  const answer = await fetch(`${one.uri}/ext/info`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "info.uptime" }),
  });
  expect(((await answer.json()) as { error: { message: string } }).error.message).toBe(
    "couldn't get node uptime: error while fetching local validator start time not found",
  );
});
