/** Chains that are added to a subnet which runs, on real avalanchego nodes. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { Network } from "../../../lib/tmpnet/network.ts";
import { addChains } from "../../../lib/tmpnet/subnets/add_chains.ts";
import type { SubnetError } from "../../../lib/tmpnet/subnets/errors.ts";
import { subnetReports } from "../../../lib/tmpnet/subnets/report.ts";
import { runTmpnetctl, TMPNETCTL } from "../../support/tmpnetctl.ts";
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

test.skipIf(WITHOUT_XSVM)(
  needsXSVM("a chain is added to a subnet, answers on its validators alone, and survives restarts"),
  async () => {
    await using network = await startWithXSVM(home, {
      nodeCount: 3,
      subnets: [
        { name: "s", chains: [xsvmChain()], validators: 2 },
        { name: "t", chains: [xsvmChain(), xsvmChain()], validators: 1, l1: {} },
      ],
    });
    const t = network.subnets[1]!;
    const before = pidsOf(network);
    const { chainIDs, record } = await addChains(network, "s", [xsvmChain()]);
    expect(pidsOf(network)).toEqual(before);
    await expectChainsOnValidators(network, 2);
    expect(network.chainUrls("s/1").map(({ url }) => url.endsWith(chainIDs[0] as string))).toEqual([true, true]);
    expect(readJSON(join(network.dir, "subnets", "s.json")).Chains).toMatchObject([
      { ChainID: record.chains[0]!.chainID },
      { ChainID: chainIDs[0], VMID: record.chains[0]!.vmID, Config: "", PreFundedKey: null },
    ]);

    const refused = (subnet: string, vmName = "xsvm") =>
      addChains(network, subnet, [{ ...xsvmChain(), vmName }]).catch((error: SubnetError) => error.type.code);
    expect(await refused("t")).toBe("conversion");
    expect(await refused("none")).toBe("no-subnet");
    expect(await refused("s", "other")).toBe("plugin");
    expect(network.subnets).toEqual([record, t]);

    // What nodes read at their start alone.
    await addChains(network, record.subnetID, [{ ...xsvmChain(), config: "{}" }]);
    const restarted = [...pidsOf(network)].filter(([nodeID, pid]) => before.get(nodeID) !== pid);
    expect(restarted.map(([nodeID]) => nodeID).sort()).toEqual([...record.validatorIDs].sort());

    if (TMPNETCTL !== undefined) {
      const { code } = await runTmpnetctl(["restart-network", `--network-dir=${network.dir}`], home.env);
      expect(code).toBe(0);
    }
    const again = await Network.read(network.dir, { env: home.env }).restart();
    const [s] = await subnetReports(again);
    expect(s!.chains.map(({ endpoints }) => endpoints.map(({ ready }) => ready))).toEqual(
      Array.from({ length: 3 }, () => [true, true]),
    );

    // One that its VM cannot make spoils the subnet, whose place another takes.
    const genesis = new TextEncoder().encode("no genesis of xsvm");
    const error = await addChains(again, "s", [{ vmName: "xsvm", genesis }]).catch((thrown: SubnetError) => thrown);
    expect((error as SubnetError).type.code).toBe("chain");
    expect((error as SubnetError).hint).toContain("avx net subnet create --name s");
    const [made] = await again.addSubnets([{ name: "s", chains: [xsvmChain()], validators: 2 }]);
    expect(again.subnets[0]!.subnetID as string).toBe(made!.subnetID);
    expect((await subnetReports(again))[0]!.chains.map(({ endpoints }) => endpoints.map(({ ready }) => ready))).toEqual(
      [[true, true]],
    );
  },
);
