/** `avx net subnet` and `avx net l1` as they are typed: what is refused everywhere, and a subnet's life with xsvm. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, writeFileSync } from "node:fs";
import { parseAVAX, parseHex, parseL1Validator } from "../../../cmd/net/subnet_options.ts";
import { AVALANCHEGO } from "../../support/avalanchego.ts";
import { type AvxResult, runAvx } from "../../support/cli.ts";
import { needsXSVM, WITHOUT_XSVM, XSVM, xsvmGenesis, xsvmPlugins } from "../../support/xsvm.ts";
import { homeForEachTest } from "../../tmpnet/home.ts";
import { fakeNodeProgram } from "../../tmpnet/support.ts";

setDefaultTimeout(90_000);

const home = homeForEachTest();

function net(...args: string[]): Promise<AvxResult> {
  return runAvx(["net", ...args], { env: home.env, timeoutMs: 80_000 });
}

/** A network of programs that only look like nodes. */
async function startFake(): Promise<void> {
  const { code } = await net("start", "--node-count", "2", "--avalanchego-path", fakeNodeProgram(home.directory.path));
  expect(code).toBe(0);
}

describe("values", () => {
  test("amounts are AVAX", () => {
    const parse = parseAVAX("--balance");
    expect(parse("5")).toBe(5_000_000_000n);
    expect(parse("0.25")).toBe(250_000_000n);
    expect(parse("18446744073.709551615")).toBe(2n ** 64n - 1n);
    for (const text of ["", "-1", "1.0000000001", "18446744073.709551616", "1e3", "five", "."]) {
      expect(() => parse(text)).toThrow("--balance must be an amount of AVAX");
    }
  });

  test("validators have weights and balances", () => {
    expect(parseL1Validator("NodeID-x")).toEqual({ node: "NodeID-x" });
    expect(parseL1Validator("NodeID-x:7")).toEqual({ node: "NodeID-x", weight: 7n });
    expect(parseL1Validator("NodeID-x::0.5")).toEqual({ node: "NodeID-x", balance: 500_000_000n });
    for (const text of ["", ":1", "n:x", "n:1:1:1", "n:-1"])
      expect(() => parseL1Validator(text)).toThrow("is no validator");
  });

  test("addresses are hex", () => {
    expect(parseHex("--manager-address")("0x01ff")).toEqual(new Uint8Array([1, 255]));
    expect(() => parseHex("--manager-address")("0x0")).toThrow("--manager-address must be hex");
  });
});

describe("without a P-Chain", () => {
  test.each<[string, string[], string]>([
    ["a subnet without a name", ["subnet", "create"], "--name"],
    ["a genesis without a VM", ["subnet", "create", "--name", "a", "--genesis", "0x01"], "A chain needs a VM"],
    ["a VM without a genesis", ["subnet", "create", "--name", "a", "--vm", "xsvm"], "A chain needs a genesis"],
    [
      "two geneses",
      ["subnet", "create", "--name", "a", "--vm", "x", "--genesis", "1", "--genesis-file", "f"],
      "--genesis",
    ],
    ["a chain without a VM", ["subnet", "add-chain", "a"], "A chain needs a VM"],
    ["a chain without a genesis", ["subnet", "add-chain", "a", "--vm", "xsvm"], "A chain needs a genesis"],
    ["a chain for nobody", ["subnet", "add-chain", "--vm", "xsvm", "--genesis", "1"], "subnet"],
    ["a balance without an L1", ["subnet", "create", "--name", "a", "--balance", "1"], "are an L1's"],
    ["no validators", ["subnet", "create", "--name", "a", "--validators", "0"], "--validators"],
    ["a message that is none", ["l1", "set-weight", "a", "--message", "xyz"], "--message must be hex"],
    ["neither a node nor a message", ["l1", "register", "a"], "Name a node, or hand in"],
    ["a validator without a weight", ["l1", "set-weight", "a", "n"], "Name a validator and its weight"],
    ["a weight that is none", ["l1", "set-weight", "a", "n", "-1"], "A weight is a whole number"],
    ["a weight beyond 64 bits", ["l1", "set-weight", "a", "n", "18446744073709551616"], "A weight is a whole number"],
    ["a node beside a message", ["l1", "register", "a", "n", "--message", "0x00"], "says itself which node"],
    [
      "a weight beside a message",
      ["l1", "set-weight", "a", "n", "1", "--message", "0x00"],
      "says itself which validator",
    ],
    ["a weight for a message", ["l1", "register", "a", "--weight", "1", "--message", "0x00"], "--weight"],
    ["an amount that is none", ["l1", "increase-balance", "a", "n", "much"], "amount of AVAX"],
  ])("refuses %s", async (_, args, text) => {
    const { code, stderr } = await net(...args);
    expect(code).toBe(2);
    expect(stderr).toContain(text);
  });

  test("says that a network has no subnets, and what cannot be made on it", async () => {
    await startFake();
    const listed = await net("subnet", "list");
    expect(listed.stdout).toContain("has no subnets");
    expect(JSON.parse((await net("subnet", "list", "--json")).stdout)).toEqual([]);
    for (const args of [
      ["subnet", "convert", "none"],
      ["subnet", "add-chain", "none", "--vm", "xsvm", "--genesis", "0x01"],
      ["l1", "disable", "none", "NodeID-x"],
    ]) {
      const { code, stderr } = await net(...args);
      expect(code).toBe(1);
      expect(stderr).toContain('no subnet "none"');
    }
    await net("stop");
    const stopped = await net("subnet", "create", "--name", "a");
    expect(stopped.code).toBe(1);
    expect(stopped.stderr).toContain("No node of the network runs");
  });

  test("says of avx's own nodes that they run no chains", async () => {
    expect((await net("start", "--node-count", "2")).code).toBe(0);
    const { code, stderr } = await net("subnet", "create", "--name", "a");
    expect(code).toBe(1);
    expect(stderr).toContain("avx's own run no chains");
    await net("stop");
  });
});

test.skipIf(WITHOUT_XSVM)(needsXSVM("a subnet is made, listed, made an L1, and its validator disabled"), async () => {
  const plugins = xsvmPlugins(home.directory.join("plugins"));
  const genesis = home.directory.join("genesis");
  writeFileSync(genesis, xsvmGenesis());
  const command = home.directory.join("print-genesis");
  writeFileSync(command, `#!/bin/sh\nexec "${XSVM}" chain genesis\n`);
  chmodSync(command, 0o755);
  const flags = ["--avalanchego-path", AVALANCHEGO as string, "--plugin-dir", plugins];
  expect((await net("start", "--node-count", "2", ...flags)).code).toBe(0);

  const chain = ["--vm", "xsvm", "--validators", "1"];
  const made = await net("subnet", "create", "--name", "a", ...chain, "--genesis-file", genesis, "--json");
  expect([made.code, made.stderr.includes("Subnet a runs chain")]).toEqual([0, true]);
  const report = JSON.parse(made.stdout);
  expect(report).toMatchObject({ name: "a", isL1: false, chains: [{ vmName: "xsvm", endpoints: [{ ready: true }] }] });

  const added = await net("subnet", "add-chain", "a", "--vm", "xsvm", "--genesis-file", genesis);
  expect([added.code, added.stdout.match(/chain of xsvm/g)?.length]).toEqual([0, 2]);

  // Hex with a checksum is what xsvm prints.
  const other = await net("subnet", "create", "--name", "b", ...chain, "--genesis-command", command, "--l1");
  expect([other.code, other.stdout.startsWith("L1 b  ")]).toEqual([0, true]);

  const [nodeID] = report.validatorIDs as [string];
  const converted = await net("subnet", "convert", "a", "--validator", `${nodeID}:3:2.5`);
  expect([converted.code, converted.stdout.includes(nodeID)]).toEqual([0, true]);
  expect((await net("l1", "disable", "a", nodeID)).code).toBe(0);
  const [a] = JSON.parse((await net("subnet", "list", "--json")).stdout);
  expect(a.validators).toMatchObject([{ nodeID, weight: "3", active: false }]);
  expect((await net("l1", "increase-balance", "a", nodeID, "1")).code).toBe(0);
  const text = (await net("subnet", "list")).stdout;
  expect(text).toContain("L1 a  ");
  expect(text).toMatch(/weight 3 +1000000000 nAVAX|weight 3 +9999\d+ nAVAX/);
  expect((await net("stop")).code).toBe(0);
});
