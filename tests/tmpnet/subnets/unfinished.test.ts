/** Second tries at subnets whose making was begun and not finished, on real avalanchego nodes. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { EMPTY_ID } from "../../../lib/core/ids/id.ts";
import { formatPrivateKey, newPrivateKey } from "../../../lib/core/secp256k1/private_key.ts";
import { readOwnRecord, updateOwnRecord } from "../../../lib/tmpnet/disk/own_record.ts";
import { isCreated, writeSubnet } from "../../../lib/tmpnet/disk/subnets.ts";
import type { Network, NetworkProgress } from "../../../lib/tmpnet/network.ts";
import { subnetReports } from "../../../lib/tmpnet/subnets/report.ts";
import type { SubnetSpec } from "../../../lib/tmpnet/subnets/spec.ts";
import {
  expectChainsOnValidators,
  needsXSVM,
  pidsOf,
  startWithXSVM,
  WITHOUT_XSVM,
  xsvmChain,
} from "../../support/xsvm.ts";
import { homeForEachTest } from "../home.ts";

setDefaultTimeout(120_000);

const home = homeForEachTest();

/** Makes a subnet and gives up when a step is reached. */
async function giveUpAt(network: Network, spec: SubnetSpec, phase: string): Promise<void> {
  const controller = new AbortController();
  const onProgress = (progress: NetworkProgress) => {
    if (progress.kind === "subnet" && progress.phase === phase) controller.abort();
  };
  const made = network.addSubnets([spec], { signal: controller.signal, onProgress });
  await expect(made).rejects.toThrow();
}

/** Makes a subnet, and tells what was warned of. */
async function tryAgain(network: Network, spec: SubnetSpec) {
  const warnings: string[] = [];
  const onProgress = (progress: NetworkProgress) => {
    if (progress.kind === "warning") warnings.push(progress.message);
  };
  const [made] = await network.addSubnets([spec], { onProgress });
  return { made: made!, warnings };
}

function unfinished(network: Network): string[] {
  return Object.keys(readOwnRecord(network.dir).unfinishedSubnets ?? {});
}

test.skipIf(WITHOUT_XSVM)(
  needsXSVM("a second try goes on where the first one stopped, and makes nothing twice"),
  async () => {
    await using network = await startWithXSVM(home, { nodeCount: 3 });
    const spec: SubnetSpec = { name: "s", chains: [xsvmChain()], validators: 2 };

    // The subnet is there, and nothing of it.
    await giveUpAt(network, spec, "created");
    const [first] = network.subnets;
    expect([isCreated(first!.subnetID), isCreated(first!.chains[0]!.chainID)]).toEqual([true, false]);
    expect(unfinished(network)).toEqual(["s"]);
    const keys = network.config.preFundedKeys.length;

    // All of it is on the P-Chain, and its nodes do not know.
    await giveUpAt(network, spec, "decided");
    const [second] = network.subnets;
    expect(second!.subnetID).toBe(first!.subnetID);

    // Somebody ended it before it could write what it had made.
    const { chainIDs } = readOwnRecord(network.dir).unfinishedSubnets!["s"]!;
    writeSubnet(network.dir, { ...second!, chains: second!.chains.map((chain) => ({ ...chain, chainID: EMPTY_ID })) });

    const { made, warnings } = await tryAgain(network, spec);
    expect(warnings).toEqual(['Subnet "s" was begun before: it goes on with what is on the P-Chain']);
    expect([made.subnetID as string, made.chainIDs as readonly string[]]).toEqual([first!.subnetID, chainIDs]);
    await expectChainsOnValidators(network);
    expect(unfinished(network)).toEqual([]);
    expect(network.config.preFundedKeys).toHaveLength(keys);
    expect((await subnetReports(network))[0]!.validators).toHaveLength(2);

    const before = pidsOf(network);
    await expect(network.addSubnets([spec])).rejects.toThrow('There is a subnet "s" already');
    // One that has come to be after its maker gave up is there, too.
    updateOwnRecord(network.dir, { unfinishedSubnets: { s: { chainIDs, txIDs: [], left: [] } } });
    await expect(network.addSubnets([{ ...spec, chains: [] }])).rejects.toThrow('There is a subnet "s" already');
    expect(pidsOf(network)).toEqual(before);
  },
);

test.skipIf(WITHOUT_XSVM)(needsXSVM("a subnet takes the place of one whose chain its VM could not make"), async () => {
  await using network = await startWithXSVM(home, { nodeCount: 3 });
  const wrong = { ...xsvmChain(), genesis: new TextEncoder().encode("no genesis of xsvm") };
  const made = network.addSubnets([{ name: "s", chains: [wrong], validators: 2 }]);
  await expect(made).rejects.toThrow("failed to create chain");
  const [broken] = network.subnets;
  const keys = network.config.preFundedKeys.length;

  const { made: mended, warnings } = await tryAgain(network, { name: "s", chains: [xsvmChain()], validators: [2] });
  expect(warnings[0]).toContain("takes its place");
  expect(mended.subnetID as string).not.toBe(broken!.subnetID);
  await expectChainsOnValidators(network);
  for (const { nodeID, flags } of network.nodes) {
    expect(flags["track-subnets"] ?? "").toBe(nodeID === network.nodes[2]!.nodeID ? mended.subnetID : "");
  }
  expect(network.config.preFundedKeys).toHaveLength(keys);
  expect(unfinished(network)).toEqual([]);
  // All are well again: nobody tracks the chain that cannot be made.
  await network.restart();
  await expectChainsOnValidators(network);
});

test.skipIf(WITHOUT_XSVM)(
  needsXSVM("a second try at an L1 makes the chains that it lacks, and one that is an L1 already becomes none twice"),
  async () => {
    await using network = await startWithXSVM(home, { nodeCount: 2 });
    const spec: SubnetSpec = {
      name: "l",
      chains: [xsvmChain(), xsvmChain()],
      validators: [1],
      l1: { balance: 5_000_000_000n },
    };
    // A start that failed leaves a file, and nothing on the P-Chain.
    const owningKey = formatPrivateKey(newPrivateKey());
    const unmade = { name: "l", config: {}, subnetID: EMPTY_ID, validatorIDs: [], chains: [] };
    writeSubnet(network.dir, { ...unmade, owningKey });
    await expect(network.addSubnets([spec])).rejects.toThrow("insufficient funds");
    writeSubnet(network.dir, unmade);

    await giveUpAt(network, spec, "created");
    await giveUpAt(network, spec, "decided");
    const [decided] = network.subnets;
    const { made } = await tryAgain(network, spec);
    expect(made.chainIDs as readonly string[]).toEqual(decided!.chains.map(({ chainID }) => chainID));
    await expectChainsOnValidators(network, 2);
    const [report] = await subnetReports(network);
    expect(report).toMatchObject({ isL1: true, validators: [{ nodeID: network.nodes[1]!.nodeID, active: true }] });
  },
);
