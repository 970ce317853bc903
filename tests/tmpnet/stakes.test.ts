import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { systemClock } from "../../lib/core/clock.ts";
import { PRIMARY_NETWORK_ID } from "../../lib/core/ids/id.ts";
import type { NodeID } from "../../lib/core/ids/node_id.ts";
import { newPrivateKey } from "../../lib/core/secp256k1/private_key.ts";
import { genesisInfo } from "../../lib/platform/genesis/info.ts";
import { getValidators } from "../../lib/platform/rpc/platform_wallet_client.ts";
import { updateOwnRecord } from "../../lib/tmpnet/disk/own_record.ts";
import { newTestGenesis } from "../../lib/tmpnet/genesis/test_genesis.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { exportNetwork } from "../../lib/tmpnet/network_file/export.ts";
import { readNetworkFile } from "../../lib/tmpnet/network_file/network_file.ts";
import type { NetworkOptions } from "../../lib/tmpnet/network_options.ts";
import { newNodeIdentity } from "../../lib/tmpnet/node.ts";
import { planStakes } from "../../lib/tmpnet/stakes.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { endLeftovers, fakeNodeProgram } from "./support.ts";

const AVAX = 1_000_000_000n;

describe("a plan", () => {
  const keys = [newPrivateKey(), newPrivateKey()];
  const genesis = newTestGenesis({
    networkID: 88_888,
    stakers: [newNodeIdentity(systemClock)],
    keysToFund: keys,
    startTime: BigInt(Math.floor(Date.now() / 1_000)),
  });
  const info = genesisInfo(genesis);
  const stakers = (...stakes: bigint[]) => stakes.map((stake) => ({ ...newNodeIdentity(systemClock), stake }));

  test("has a transaction for each node, good until those of the genesis end", () => {
    const [one, two] = stakers(2_000n * AVAX, 3_000_000n * AVAX);
    const plan = planStakes(info, [one!, two!], keys, {});
    expect(new Set(plan.txs.map(({ txID }) => txID)).size).toBe(2);
    expect([...plan.endTimes.keys()]).toEqual([one!.nodeID, two!.nodeID]);
  });

  test.each([
    [2_000n * AVAX - 1n, {}, "A node may stake 2000 to 3000000 AVAX, and 1999.999999999 were asked for"],
    [3_000_000n * AVAX + 1n, {}, "and 3000000.000000001 were asked for"],
    [4n, { "min-validator-stake": "5", "max-validator-stake": "6" }, "0.000000005 to 0.000000006 AVAX"],
  ])("refuses %p nAVAX with the flags %j", (stake, flags, message) => {
    expect(() => planStakes(info, stakers(stake), keys, flags)).toThrow(message);
  });

  test("needs a key for each node", () => {
    const stake = 2_000n * AVAX;
    expect(() => planStakes(info, stakers(stake, stake, stake), keys, {})).toThrow("there are 2");
  });
});

test.each([
  [{ nodes: [{}, { stake: 5_000n * AVAX }] }, "avx's own nodes know of the genesis only"],
  [
    { avalanchegoPath: "fake", nodeCount: 1, nodes: [{ stake: 5_000n * AVAX }] },
    "begins with a node that has its share",
  ],
  [{ avalanchegoPath: "fake", nodes: [{}, { stake: 5n, isEphemeral: true }] }, "is not meant to last stakes nothing"],
  [
    { avalanchegoPath: "fake", networkID: 5, nodes: [{}, { stake: 5_000n * AVAX }] },
    "genesis that is made for the network",
  ],
])("a stake that cannot be is refused before anything is made: %#", async (options: NetworkOptions, message) => {
  using directory = temporaryDirectory();
  const { avalanchegoPath } = options;
  const program = avalanchegoPath === undefined ? {} : { avalanchegoPath: fakeNodeProgram(directory.path) };
  const start = Network.start({ ...options, ...program, rootNetworkDir: directory.join("networks") });
  await expect(start).rejects.toThrow(message);
  expect(await Array.fromAsync(new Bun.Glob("networks/**").scan(directory.path))).toEqual([]);
});

test("a network's file has the stakes that avx has kept, and nothing else that is called so", async () => {
  using directory = temporaryDirectory();
  const rootNetworkDir = directory.join("networks");
  const network = await Network.start({ avalanchegoPath: fakeNodeProgram(directory.path), rootNetworkDir });
  await network.stop();
  const second = network.nodes[1]?.nodeID as NodeID;
  const exported = async (stakes: unknown) => {
    updateOwnRecord(network.dir, { stakes: stakes as Record<string, string> });
    const path = directory.join("network.json");
    writeFileSync(path, await exportNetwork(network));
    return (await readNetworkFile(path)).nodes?.map(({ stake }) => stake);
  };
  expect(await exported({ [second]: "18446744073709551615" })).toEqual([undefined, 2n ** 64n - 1n]);
  for (const stakes of [{ [second]: 5 }, { [second]: "much" }, ["1"], "1", null]) {
    expect(await exported(stakes)).toBeUndefined();
  }
});

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("nodes stake what they were asked to, keep it over a restart, and pass it on by a file"),
  async () => {
    using directory = temporaryDirectory();
    const env = { ...process.env, HOME: directory.path, TMPNET_ROOT_NETWORK_DIR: directory.join("networks") };
    try {
      const nodes = [{}, { stake: 2_000n * AVAX }, { stake: 3_000_000n * AVAX }];
      await using network = await Network.start({ nodes, avalanchegoPath: AVALANCHEGO }, {}, { env });
      expect(network.preFundedKeys).toHaveLength(48);
      const wanted = [1_000_000n * AVAX, 2_000n * AVAX, 3_000_000n * AVAX];
      const expected = new Map(network.nodes.map(({ nodeID }, i) => [nodeID, wanted[i] as bigint]));
      for (const again of [false, true]) {
        if (again) await network.restart();
        const validators = await getValidators(network.nodeUris()[0]?.uri as string, PRIMARY_NETWORK_ID);
        expect(new Map(validators.map(({ nodeID, weight }) => [nodeID, weight]))).toEqual(expected);
      }

      await network.stop();
      const file = directory.join("network.json");
      writeFileSync(file, await exportNetwork(network));
      await using other = await Network.start(await readNetworkFile(file, { env }), {}, { env });
      const validators = await getValidators(other.nodeUris()[0]?.uri as string, PRIMARY_NETWORK_ID);
      const sorted = (stakes: readonly bigint[]) => stakes.toSorted((a, b) => (a < b ? -1 : 1));
      expect(sorted(validators.map(({ weight }) => weight))).toEqual(sorted(wanted));
      expect(validators.some(({ nodeID }) => expected.has(nodeID as NodeID))).toBe(false);
    } finally {
      endLeftovers(directory.join("networks"));
    }
  },
  120_000,
);
