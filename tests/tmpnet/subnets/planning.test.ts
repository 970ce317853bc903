/** What a subnet is to be, and the transactions that make it, without any node. */

import { describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { ManualClock } from "../../../lib/core/clock.ts";
import { appendID, EMPTY_ID } from "../../../lib/core/ids/id.ts";
import { compareNodeIDs, type NodeID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { formatPrivateKey, newPrivateKey } from "../../../lib/core/secp256k1/private_key.ts";
import { genesisInfo } from "../../../lib/platform/genesis/info.ts";
import { vmIDFromName, vmNameFromID, XSVM_ID } from "../../../lib/platform/vm_ids.ts";
import { verifyTx } from "../../../lib/platform/wallet/verify.ts";
import { txGas, WalletState } from "../../../lib/platform/wallet/wallet_state.ts";
import { newTestGenesis } from "../../../lib/tmpnet/genesis/test_genesis.ts";
import { newNodeIdentity, type TmpnetNode } from "../../../lib/tmpnet/node.ts";
import type { SubnetError } from "../../../lib/tmpnet/subnets/errors.ts";
import { planNewSubnets, type SubnetPlan } from "../../../lib/tmpnet/subnets/new_network.ts";
import { planSubnet } from "../../../lib/tmpnet/subnets/plan.ts";
import { requirePlugins } from "../../../lib/tmpnet/subnets/plugins.ts";
import { DEFAULT_L1_BALANCE, resolveSubnets, type SubnetSpec, vmIDOf } from "../../../lib/tmpnet/subnets/spec.ts";
import { withTracked } from "../../../lib/tmpnet/subnets/tracking.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const NOW = 1_760_000_000n;
const clock = new ManualClock(Number(NOW) * 1_000);
const identities = Array.from({ length: 4 }, () => newNodeIdentity(clock));
const keys = Array.from({ length: 4 }, newPrivateKey);
const genesis = newTestGenesis({ networkID: 88_888, stakers: identities, keysToFund: keys, startTime: NOW });
const bytes = new Uint8Array([1, 2, 3]);

function nodes(pluginDir = ""): TmpnetNode[] {
  const runtimeConfig = { process: { avalancheGoPath: "/avalanchego", pluginDir } };
  return identities.map(({ nodeID, flags }) => ({
    nodeID,
    dataDir: nodeID,
    flags,
    isEphemeral: false,
    runtimeConfig,
  }));
}

function plan(specs: readonly SubnetSpec[], ownNodes = false): SubnetPlan {
  using directory = temporaryDirectory();
  for (const name of ["xsvm", "other"]) {
    const path = directory.join(vmIDFromName(name) as string);
    writeFileSync(path, "#!/bin/sh\n");
    chmodSync(path, 0o755);
  }
  const network = { genesis: genesisInfo(genesis), nodes: nodes(directory.path), preFundedKeys: keys, ownNodes };
  return planNewSubnets(network, specs, {});
}

const xsvm = { vmName: "xsvm", genesis: bytes };

describe("a plan", () => {
  test("knows all IDs, and its transactions are sound", () => {
    const { subnets, records, preFundedKeys } = plan([
      { name: "a", chains: [xsvm, { vmName: "other", genesis: bytes, config: "c" }], validators: 2 },
      { name: "l", chains: [xsvm], validators: 1, l1: {} },
    ]);
    expect(preFundedKeys).toEqual(keys.slice(0, 2));
    const [a, l] = subnets;
    for (const { first: made, second: rest, last } of subnets) {
      const first = made!;
      const second = [...rest, ...last];
      for (const { unsigned } of [first, ...second]) {
        const avaxAssetID = first.unsigned.inputs[0]!.assetID;
        expect(() => verifyTx(unsigned, { networkID: 88_888, avaxAssetID })).not.toThrow();
      }
      // One spends what no other spends: all of them can be in one block.
      const spent = second.flatMap(({ unsigned }) => unsigned.inputs.map(({ outputIndex }) => outputIndex));
      expect(new Set(spent).size).toBe(second.length);
      expect(second.flatMap(({ unsigned }) => unsigned.inputs).every(({ txID }) => txID === first.txID)).toBe(true);
    }
    expect(a!.subnetID).toBe(a!.first!.txID);
    expect(a!.second.map(({ unsigned }) => unsigned.type)).toEqual([
      "AddSubnetValidatorTx",
      "AddSubnetValidatorTx",
      "CreateChainTx",
      "CreateChainTx",
    ]);
    expect(l!.second.map(({ unsigned }) => unsigned.type)).toEqual(["CreateChainTx"]);
    expect([a!.last.length, ...l!.last.map(({ unsigned }) => unsigned.type)]).toEqual([0, "ConvertSubnetToL1Tx"]);
    expect(records[0]).toMatchObject({
      name: "a",
      subnetID: a!.subnetID,
      owningKey: formatPrivateKey(keys[3]!),
      validatorIDs: a!.nodeIDs,
      chains: [
        { vmID: XSVM_ID, chainID: a!.chainIDs[0]!, genesis: "AQID", config: "" },
        { chainID: a!.chainIDs[1]!, config: "c" },
      ],
    });
  });

  test("pays more for what an L1 does not take any more: blocks take that first", () => {
    const [subnet] = plan([{ name: "l", chains: [xsvm], validators: 2, l1: {} }]).subnets;
    const priceOf = (type: string) => {
      const tx = [...subnet!.second, ...subnet!.last].find(({ unsigned }) => unsigned.type === type)!;
      const sum = (items: readonly { amount: bigint }[]) => items.reduce((total, { amount }) => total + amount, 0n);
      const balances = type === "ConvertSubnetToL1Tx" ? 2n * DEFAULT_L1_BALANCE : 0n;
      return (sum(tx.unsigned.inputs) - sum(tx.unsigned.outputs) - balances) / txGas(tx);
    };
    expect(priceOf("ConvertSubnetToL1Tx")).toBe(2n);
    expect(priceOf("CreateChainTx")).toBe(3n);
  });

  test("of a subnet that was begun has what is not there", () => {
    const spec = { name: "a", chains: [xsvm, xsvm], validators: 2, owningKey: formatPrivateKey(keys[0]!) };
    const info = genesisInfo(genesis);
    const [resolved] = resolveSubnets([spec], {
      nodes: nodes(),
      subnets: [],
      cChainID: undefined,
      runsChains: () => true,
    });
    const endTimes = new Map(info.validators.map(({ nodeID, endTime }) => [nodeID, endTime] as const));
    const subnetID = vmIDFromName("a subnet")!;
    const chainID = vmIDFromName("a chain")!;
    const planned = (validators: readonly string[], chainIDs: readonly (typeof chainID | undefined)[]) => {
      const wallet = WalletState.ofGenesis(info, [keys[0]!], 1n);
      wallet.setOwner(subnetID, wallet.ownOwner);
      const facts = { wallet, endTimes, now: NOW, gasPrice: 1n };
      return planSubnet(resolved!, facts, { subnetID, validators: new Set(validators), chainIDs, isL1: false });
    };
    const [one, two] = resolved!.validators.map(({ nodeID }) => nodeID);
    const part = planned([one!], [undefined, chainID]);
    expect(part.first?.unsigned.type).toBe("BaseTx");
    expect(part.second.map(({ unsigned }) => unsigned.type)).toEqual(["AddSubnetValidatorTx", "CreateChainTx"]);
    expect(part.chainIDs).toEqual([part.second[1]!.txID, chainID]);
    expect(part.record.subnetID).toBe(subnetID);
    const nothing = planned([one!, two!], [chainID, chainID]);
    expect([nothing.first, nothing.second.length]).toEqual([undefined, 0]);
  });

  test("gives subnets to nodes in turn", () => {
    const { records } = plan([
      { name: "a", validators: 2 },
      { name: "b", validators: 2 },
      { name: "c", validators: 1 },
    ]);
    expect(new Set(records.slice(0, 2).flatMap(({ validatorIDs }) => validatorIDs)).size).toBe(4);
    expect(records[2]!.validatorIDs).toEqual([identities[0]!.nodeID]);
  });

  test("knows an L1's validations by the order of its node IDs", () => {
    const [subnet] = plan([{ name: "l", chains: [xsvm], l1: {} }]).subnets;
    const sorted = identities.map(({ nodeID }) => nodeID).sort(compareNodeIDs);
    expect([...subnet!.validationIDs]).toEqual(
      sorted.map((nodeID, i) => [nodeID, appendID(subnet!.subnetID, i)] as const),
    );
  });

  test.each<[string, SubnetSpec, string, string]>([
    ["a name that is no file's", { name: "../x" }, "spec", "name is a file's"],
    ["a chain without a VM", { name: "x", chains: [{ genesis: bytes }] }, "spec", "either by vmName or by vmID"],
    [
      "a chain with two VMs",
      { name: "x", chains: [{ ...xsvm, vmID: XSVM_ID }] },
      "spec",
      "either by vmName or by vmID",
    ],
    ["a VM ID that is none", { name: "x", chains: [{ vmID: "xsvm", genesis: bytes }] }, "spec", "no ID"],
    ["a VM name too long", { name: "x", chains: [{ vmName: "x".repeat(33), genesis: bytes }] }, "spec", "32 bytes"],
    [
      "a VM without a plugin",
      { name: "x", chains: [{ vmName: "none", genesis: bytes }] },
      "plugin",
      "no plugin for VM none",
    ],
    [
      "a genesis too long",
      { name: "x", chains: [{ ...xsvm, genesis: new Uint8Array(300_000) }] },
      "spec",
      "300000 bytes",
    ],
    ["too many validators", { name: "x", validators: 5 }, "nodes", "1 to 4"],
    ["no validators", { name: "x", validators: [] }, "spec", "at least one validator"],
    ["a part of a node", { name: "x", validators: 1.5 }, "nodes", "1.5 were asked for"],
    ["an L1 without a chain", { name: "x", l1: {} }, "spec", "needs a chain"],
    ["a manager that is no chain", { name: "x", chains: [xsvm], l1: { managerChain: "D" } }, "spec", "no ID"],
    [
      "a weight of 0",
      { name: "x", chains: [xsvm], l1: { validators: [{ node: identities[0]!.nodeID, weight: 0n }] } },
      "spec",
      "above 0",
    ],
    [
      "a validator twice",
      {
        name: "x",
        chains: [xsvm],
        l1: { validators: [{ node: identities[0]!.nodeID }, { node: identities[0]!.nodeID }] },
      },
      "spec",
      "once",
    ],
    ["a key that is none", { name: "x", owningKey: "secret" }, "spec", "key cannot be read"],
  ])("is refused for %s", (_, spec, code, text) => {
    let error: SubnetError | undefined;
    try {
      plan([spec]);
    } catch (thrown) {
      error = thrown as SubnetError;
    }
    expect(error?.type.code as string).toBe(code);
    expect(error?.message).toContain(text);
    expect(error?.message).not.toContain("secret");
  });

  test("is refused where a name is there twice, keys run out, or nodes run no chains", () => {
    expect(() => plan([{ name: "x" }, { name: "x" }])).toThrow("already");
    expect(() => plan(Array.from({ length: 5 }, (_, i) => ({ name: `s${i}` })))).toThrow("No pre-funded key is left");
    expect(() => plan([{ name: "x" }], true)).toThrow("avx's own run no chains");
  });
});

describe("the ID of a VM", () => {
  test("is its name's letters, and its name is found again", () => {
    expect(vmIDFromName("xsvm") as string).toBe("v3m4wPxaHpvGr8qfMeyK6PRW3idZrPHmYcMTt7oXdK47yurVH");
    expect(vmNameFromID(XSVM_ID)).toBe("xsvm");
    expect(vmNameFromID(EMPTY_ID)).toBeUndefined();
    expect(vmIDFromName("")).toBeUndefined();
    expect(vmIDFromName("é".repeat(17))).toBeUndefined();
  });

  test("is itself where a text is one", () => {
    expect(vmIDOf(XSVM_ID)).toBe(XSVM_ID);
    expect(vmIDOf("xsvm")).toBe(XSVM_ID);
  });
});

describe("plugins", () => {
  test("must be there, be files, and be programs", () => {
    using directory = temporaryDirectory();
    const need = () => requirePlugins([XSVM_ID], nodes(directory.path), {});
    expect(need).toThrow("is no file");
    mkdirSync(directory.join(XSVM_ID));
    expect(need).toThrow("is no file");
  });

  test("are looked for where the node's own flag says, then its runtime, then at home", () => {
    using directory = temporaryDirectory();
    const path = directory.join(XSVM_ID);
    writeFileSync(path, "");
    const [node] = nodes("/nowhere");
    const need = () => requirePlugins([XSVM_ID], [{ ...node!, flags: { "plugin-dir": directory.path } }], {});
    expect(need).toThrow("is not executable");
    chmodSync(path, 0o755);
    expect(need).not.toThrow();
    expect(() => requirePlugins([XSVM_ID], [{ flags: {}, runtimeConfig: {} }], { HOME: "/home/x" })).toThrow(
      "/home/x/.avalanchego/plugins",
    );
  });
});

test("a node goes on tracking what it tracks, and tracks what it validates", () => {
  const nodeID: NodeID = nodeIDFromBytes(new Uint8Array(20).fill(1));
  const record = (subnetID: string, validatorIDs: readonly string[]) => ({
    name: subnetID,
    config: {},
    subnetID,
    validatorIDs,
    chains: [],
  });
  const flags = { "track-subnets": "one" };
  expect(withTracked(flags, nodeID, [record("two", [nodeID]), record("three", [])])).toEqual({
    "track-subnets": "one,two",
  });
  expect(withTracked(flags, nodeID, [record("one", [nodeID])])).toBe(flags);
  expect(withTracked({}, nodeID, [record("two", [nodeID])])).toEqual({ "track-subnets": "two" });
  expect(withTracked(flags, nodeID, [record("two", [nodeID])], ["one"])).toEqual({ "track-subnets": "two" });
  expect(withTracked(flags, nodeID, [], ["one"])).toEqual({ "track-subnets": "" });
  expect(withTracked(flags, nodeID, [], ["three"])).toBe(flags);
});
