/** A node that is told its validators by a P-Chain API. */

import { expect, test } from "bun:test";
import { PRIMARY_NETWORK_ID } from "../../../lib/core/ids/id.ts";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import { formatAddrPort } from "../../../lib/core/ip.ts";
import { Node } from "../../../lib/node/node.ts";
import { eventually } from "../../support/eventually.ts";
import { RECORDED, RECORDED_L1, RECORDED_SUBNET, startPChain } from "../../support/p_chain.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { nodeConfig, testNetwork } from "../support.ts";

interface HealthReply {
  readonly checks: Readonly<Record<string, { readonly message?: Record<string, unknown>; readonly error?: string }>>;
}

async function health(node: Node): Promise<HealthReply> {
  return (await fetch(`${node.uri}/ext/health`)).json() as Promise<HealthReply>;
}

const permissioned = (nodeID: string, weight: string) => ({
  txID: "11111111111111111111111111111111LpoYY",
  startTime: "1",
  endTime: "2",
  weight,
  nodeID,
});

test("it takes those of the Primary Network, its subnets and L1s, shows how that goes, and keeps them", async () => {
  using directory = temporaryDirectory();
  const network = testNetwork(1);
  const chain = startPChain();
  await using node = await Node.start(
    nodeConfig({
      ...network.flags,
      ...network.stakers[0]!.flags,
      "data-dir": directory.join("node"),
      "track-subnets": `${RECORDED_SUBNET},${RECORDED_L1}`,
      "validators-uri": chain.uri,
      "validators-frequency": "20ms",
      "log-level": "debug",
    }),
  );
  const stake = (subnetID = PRIMARY_NETWORK_ID) => node.network.connectedStake(subnetID);
  const recordedStake = (subnetID: keyof typeof RECORDED.at) =>
    Object.values(RECORDED.at[subnetID]!).reduce((sum, { weight }) => sum + BigInt(weight), 0n);
  await eventually("it knows them", () => stake().disconnected.length === 2);
  for (const subnetID of [PRIMARY_NETWORK_ID, RECORDED_SUBNET, RECORDED_L1]) {
    expect(stake(subnetID).total).toBe(recordedStake(subnetID));
  }
  await eventually("health shows it", async () => {
    const { checks } = await health(node);
    return checks["validatorSource"]?.message?.["height"] === RECORDED.height;
  });

  await chain[Symbol.asyncDispose]();
  await eventually("health shows that it is away", async () => {
    const { checks } = await health(node);
    return checks["validatorSource"]?.error?.includes("Cannot reach") === true;
  });
  expect(stake().total).toBe(recordedStake(PRIMARY_NETWORK_ID));
  const metrics = await (await fetch(`${node.uri}/ext/metrics`)).text();
  expect(metrics.match(/^avalanche_validator_source_height .*$/m)?.[0]).toEndWith(` ${RECORDED.height}`);
  expect(metrics.match(/^avalanche_validator_source_failures.*$/m)?.[0]).toMatch(/\{reason="unreachable"\} [1-9]/);

  await using again = startPChain(Number(new URL(chain.uri).port));
  again.state.height = "8";
  const [first] = RECORDED.current[PRIMARY_NETWORK_ID]!;
  again.state.current[PRIMARY_NETWORK_ID] = [{ ...first, weight: "5", delegatorWeight: "2" }];
  await eventually("it takes what is new", () => stake().total === 7n);
});

test("who becomes a validator is told to others and dialled by them, and is dropped when it is one no more", async () => {
  using directory = temporaryDirectory();
  const network = testNetwork(1);
  await using chain = startPChain();
  let height = Number(chain.state.height);
  const validators = (...nodeIDs: NodeID[]) => {
    chain.state.current = { [PRIMARY_NETWORK_ID]: nodeIDs.map((nodeID) => permissioned(nodeID, "2")) };
    chain.state.height = String(++height);
  };
  validators(network.stakers[0]!.nodeID as NodeID);

  await using nodes = new AsyncDisposableStack();
  const start = async (name: string, flags: Readonly<Record<string, string>>) => {
    const config = nodeConfig({
      ...network.flags,
      "data-dir": directory.join(name),
      "validators-uri": chain.uri,
      "validators-frequency": "20ms",
      "network-require-validator-to-connect": "true",
      "network-ping-frequency": "100ms",
      ...flags,
    });
    return nodes.use(await Node.start(config));
  };
  const first = await start("first", network.stakers[0]!.flags);
  const joining = {
    "staking-ephemeral-cert-enabled": "true",
    "staking-ephemeral-signer-enabled": "true",
    "bootstrap-ips": formatAddrPort(first.stakingAddress),
    "bootstrap-ids": first.nodeID,
  };
  const second = await start("second", joining);
  const third = await start("third", joining);
  const peers = (node: Node) => node.network.peerInfo().length;
  await eventually("both are connected to the first", () => peers(first) === 2);
  await Bun.sleep(150);
  expect([peers(second), peers(third)]).toEqual([1, 1]);
  expect(() => second.network.nodeUptime()).toThrow("node is not a validator");

  validators(first.nodeID, second.nodeID, third.nodeID);
  await eventually("they have found each other", () => peers(second) === 2 && peers(third) === 2);
  expect(second.network.connectedStake(PRIMARY_NETWORK_ID)).toMatchObject({ connected: 6n, total: 6n });
  expect(second.network.nodeUptime()).toBeDefined();

  validators(first.nodeID);
  await eventually("they have parted", () => peers(second) === 1 && peers(third) === 1);
  expect(second.network.connectedStake(PRIMARY_NETWORK_ID)).toMatchObject({ connected: 2n, total: 2n });
});
