/** Subnets and L1s of xsvm on real avalanchego nodes, and tmpnetctl on the same directories. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseID } from "../../../lib/core/ids/id.ts";
import { getL1Validator } from "../../../lib/platform/rpc/platform_wallet_client.ts";
import type { Network } from "../../../lib/tmpnet/network.ts";
import { SubnetError } from "../../../lib/tmpnet/subnets/errors.ts";
import { convertSubnet, disableL1Validator, increaseL1Balance } from "../../../lib/tmpnet/subnets/l1.ts";
import { subnetReports } from "../../../lib/tmpnet/subnets/report.ts";
import type { SubnetSpec } from "../../../lib/tmpnet/subnets/spec.ts";
import { needsTmpnetctl, runTmpnetctl, TMPNETCTL } from "../../support/tmpnetctl.ts";
import {
  expectChainsOnValidators,
  needsXSVM,
  pidsOf,
  startWithXSVM,
  WITHOUT_XSVM,
  xsvmChain,
} from "../../support/xsvm.ts";
import { homeForEachTest } from "../home.ts";
import { readJSON } from "../support.ts";

setDefaultTimeout(120_000);

const home = homeForEachTest();

function start(nodeCount: number, subnets: readonly SubnetSpec[] = []): Promise<Network> {
  return startWithXSVM(home, { nodeCount, subnets });
}

const chain = () => ({ ...xsvmChain(), versionArgs: ["version-json"] });

test.skipIf(WITHOUT_XSVM)(
  needsXSVM("a network begins with two subnets and an L1, without a restart, and keeps them"),
  async () => {
    const subnets: SubnetSpec[] = [
      { name: "a", chains: [chain()], validators: 2 },
      { name: "b", chains: [{ ...chain(), config: "{}" }], validators: 2, config: { proposerMinBlockDelay: 0 } },
      { name: "l1", chains: [chain()], validators: 1, l1: { balance: 3_000_000_000n } },
    ];
    const started: string[] = [];
    await using network = await startWithXSVM(
      home,
      { nodeCount: 5, subnets },
      {
        onProgress: (progress) =>
          progress.kind === "node" && progress.phase === "started" && started.push(progress.nodeID),
      },
    );
    expect(started.sort()).toEqual(network.nodes.map(({ nodeID }) => nodeID as string).sort());
    await expectChainsOnValidators(network);
    // Nodes are given subnets in turn: those with the fewest come first.
    expect(new Set(network.subnets.flatMap(({ validatorIDs }) => validatorIDs)).size).toBe(5);
    const reports = await subnetReports(network);
    expect(reports.map(({ name, isL1 }) => [name, isL1])).toEqual([
      ["a", false],
      ["b", false],
      ["l1", true],
    ]);
    expect(reports[2]!.validators).toMatchObject([{ nodeID: network.subnets[2]!.validatorIDs[0]!, active: true }]);
    expect(network.preFundedKeys).toHaveLength(47);

    const before = network.subnets;
    await network.stop();
    await (await home.read(network.dir).restart()).stop();
    const again = await home.read(network.dir).restart();
    expect(again.subnets).toEqual(before);
    await expectChainsOnValidators(again);
  },
);

test.skipIf(WITHOUT_XSVM)(
  needsXSVM("a subnet is made on a network that runs; its validators are restarted, and no others"),
  async () => {
    await using network = await start(3);
    const before = pidsOf(network);
    const [made] = await network.addSubnets([{ name: "late", chains: [chain()], validators: 2 }]);
    const after = pidsOf(network);
    const restarted = network.nodes.filter(({ nodeID }) => before.get(nodeID) !== after.get(nodeID));
    expect(restarted.map(({ nodeID }) => nodeID).sort()).toEqual([...made!.nodeIDs].sort());
    await expectChainsOnValidators(network);
    for (const node of restarted) expect(node.flags["track-subnets"]).toBe(made!.subnetID);
    expect(readJSON(join(network.dir, "subnets", "late.json"))).toMatchObject({
      Name: "late",
      SubnetID: made!.subnetID,
      ValidatorIDs: made!.nodeIDs,
      Chains: [{ ChainID: made!.chainIDs[0], VersionArgs: ["version-json"], PreFundedKey: null }],
    });

    const refused = (spec: SubnetSpec) => network.addSubnets([spec]).catch((error: SubnetError) => error.type);
    expect(await refused({ name: "late" })).toMatchObject({ code: "exists" });
    expect(await refused({ name: "x", chains: [{ vmName: "none", genesis: new Uint8Array(1) }] })).toMatchObject({
      code: "plugin",
    });
    expect(network.subnets).toHaveLength(1);
    expect(pidsOf(network)).toEqual(after);
  },
);

test.skipIf(WITHOUT_XSVM)(
  needsXSVM("a chain that its VM cannot make is told with the VM's reason, long before the time is over"),
  async () => {
    await using network = await start(2);
    const genesis = new TextEncoder().encode("no genesis of xsvm");
    const error = await network
      .addSubnets([{ name: "broken", chains: [{ vmName: "xsvm", genesis }], validators: 1 }], { timeoutMs: 110_000 })
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SubnetError);
    expect((error as SubnetError).type.code).toBe("chain");
    expect((error as SubnetError).message).toContain("genesis");
    // The subnet is there, and so are its nodes, to be looked at.
    expect(network.subnets.map(({ name }) => name)).toEqual(["broken"]);
    expect([...pidsOf(network).values()].every((pid) => pid > 0)).toBe(true);
  },
);

test.skipIf(WITHOUT_XSVM)(
  needsXSVM("a subnet becomes an L1, whose validators are given more, disabled, and brought back"),
  async () => {
    await using network = await start(3, [{ name: "s", chains: [chain()], validators: 1 }]);
    const [first, second] = network.nodes.map(({ nodeID }) => nodeID as string) as [string, string];
    const { validationIDs } = await convertSubnet(network, "s", {
      managerAddress: new Uint8Array([1, 2, 3]),
      validators: [
        { node: first, weight: 5n, balance: 1_000_000_000n },
        { node: second, weight: 7n },
      ],
    });
    await expectChainsOnValidators(network);
    const { uri } = network.nodeUris()[0]!;
    const validation = (nodeID: string) => [...validationIDs].find(([id]) => id === nodeID)![1];
    const ofSecond = () => getL1Validator(uri, parseID(validation(second)));
    expect(await ofSecond()).toMatchObject({ nodeID: second, weight: 7n });

    await disableL1Validator(network, "s", second);
    expect((await ofSecond()).balance).toBe(0n);
    await increaseL1Balance(network, "s", validation(second), 2_000_000_000n);
    const { balance } = await ofSecond();
    expect(balance).toBeGreaterThan(1_990_000_000n);
    expect(balance).toBeLessThanOrEqual(2_000_000_000n);

    const again = await convertSubnet(network, "s").catch((error: SubnetError) => error.type);
    expect(again).toMatchObject({ code: "conversion" });
    const [report] = await subnetReports(network);
    expect(report).toMatchObject({ isL1: true, managerAddress: "0x010203" });
    expect(report!.validators).toHaveLength(2);
  },
);

test.skipIf(WITHOUT_XSVM || TMPNETCTL === undefined)(
  needsTmpnetctl("tmpnetctl restarts and stops a network with subnets, which keeps them"),
  async () => {
    await using network = await start(2, [{ name: "kept", chains: [chain()], validators: 1 }]);
    const file = readFileSync(join(network.dir, "subnets", "kept.json"), "utf8");
    for (const command of ["restart-network", "stop-network"]) {
      const { code, stderr } = await runTmpnetctl([command, `--network-dir=${network.dir}`], home.env);
      expect([command, code, stderr.includes("panic")]).toEqual([command, 0, false]);
      if (command === "restart-network") await expectChainsOnValidators(home.read(network.dir));
    }
    expect(readFileSync(join(network.dir, "subnets", "kept.json"), "utf8")).toBe(file);
    await using again = await home.read(network.dir).restart();
    await expectChainsOnValidators(again);
  },
);
