import { describe, expect, test } from "bun:test";
import { toHex } from "../../../lib/core/bytes.ts";
import { EMPTY_NODE_ID } from "../../../lib/core/ids/node_id.ts";
import { newBLSSigner } from "../../../lib/core/staking/bls.ts";
import { newProofOfPossession } from "../../../lib/core/staking/proof_of_possession.ts";
import { GenesisError } from "../../../lib/platform/genesis/errors.ts";
import { formatGenesis, parseGenesis } from "../../../lib/platform/genesis/text.ts";
import { address, smallGenesis, staker } from "./support.ts";

const X = "X-custom1qyqszqgpqyqszqgpqyqszqgpqyqszqgp5t7dn5";
const JSON_FAILED = "could not unmarshal genesis JSON: ";
const CONFIG_FAILED = "unable to parse config: ";

describe("reading and writing", () => {
  test("what was written is read, on one line or indented", () => {
    const signer = newProofOfPossession(newBLSSigner());
    const config = smallGenesis({ initialStakers: [staker(1, { signer }), staker(2)], message: "<ünï & \u2028>" });
    expect(parseGenesis(formatGenesis(config))).toEqual(config);
    expect(parseGenesis(formatGenesis(config, "\t"))).toEqual(config);
    expect(formatGenesis(config)).toContain('"message":"\\u003cünï \\u0026 \\u2028\\u003e"');
  });

  test("amounts beyond 2^53 survive", () => {
    const config = smallGenesis({ startTime: 2n ** 64n - 1n });
    expect(formatGenesis(config)).toContain('"startTime":18446744073709551615,');
    expect(parseGenesis(formatGenesis(config)).startTime).toBe(2n ** 64n - 1n);
  });

  test("what is missing is empty", () => {
    expect(parseGenesis("{}")).toEqual({
      networkID: 0,
      allocations: [],
      startTime: 0n,
      initialStakeDuration: 0n,
      initialStakeDurationOffset: 0n,
      initialStakedFunds: [],
      initialStakers: [],
      cChainGenesis: "",
      message: "",
    });
    expect(parseGenesis(`{"initialStakers":[{"rewardAddress":"${X}"}]}`).initialStakers).toEqual([
      { nodeID: EMPTY_NODE_ID, rewardAddress: address(1), delegationFee: 0 },
    ]);
  });

  test("the two bytes before an Ethereum address, and the chain and network of an address, are not looked at", () => {
    const text = `{"allocations":[{"ethAddr":"zz${"09".repeat(20)}","avaxAddr":"P-avax1qyqszqgpqyqszqgpqyqszqgpqyqszqgp83vh5p"}]}`;
    const [allocation] = parseGenesis(text).allocations;
    expect(allocation?.ethAddr).toEqual(address(9));
    expect(allocation?.avaxAddr).toEqual(address(1));
  });

  test("a proof of possession is cut or filled up to its length", () => {
    const { publicKey } = newProofOfPossession(newBLSSigner());
    for (const [written, read] of [
      ["0x", "00".repeat(96)],
      ["0xab", `ab${"00".repeat(95)}`],
      [`0x${"cd".repeat(100)}`, "cd".repeat(96)],
    ]) {
      const signer = `{"publicKey":"0x${toHex(publicKey)}","proofOfPossession":"${written}"}`;
      const text = `{"initialStakers":[{"rewardAddress":"${X}","signer":${signer}}]}`;
      expect(toHex(parseGenesis(text).initialStakers[0]!.signer!.proofOfPossession)).toBe(read as string);
    }
  });
});

describe("refusals", () => {
  const allocation = (fields: string) => `{"allocations":[{${fields}}]}`;
  const stakerText = (fields: string) => `{"initialStakers":[{${fields}}]}`;
  const eth = `"ethAddr":"0x${"00".repeat(20)}"`;

  test.each([
    ["no JSON", "", `${JSON_FAILED}unexpected end of JSON input`],
    ["a list", "[]", `${JSON_FAILED}json: cannot unmarshal array into Go value of type genesis.UnparsedConfig`],
    [
      "a network ID too large",
      '{"networkID":4294967296}',
      `${JSON_FAILED}json: cannot unmarshal number 4294967296 into Go struct field UnparsedConfig.networkID of type uint32`,
    ],
    [
      "a lock time that is text",
      allocation('"unlockSchedule":[{"locktime":"0"}]'),
      `${JSON_FAILED}json: cannot unmarshal string into Go struct field LockedAmount.allocations.unlockSchedule.locktime of type uint64`,
    ],
    [
      "a node ID without its prefix",
      stakerText('"nodeID":"7Xhw2mDxuDS44j42TCB6U5579esbSt3Lg"'),
      `${JSON_FAILED}ID: 7Xhw2mDxuDS44j42TCB6U5579esbSt3Lg is missing the prefix: NodeID-`,
    ],
    [
      "a node ID that is a number, told before a wrong type ahead of it",
      '{"networkID":"1","initialStakers":[{"nodeID":5}]}',
      `${JSON_FAILED}insufficient NodeID length: expected to be > 9`,
    ],
    [
      "a signer that is text",
      stakerText('"signer":"x"'),
      `${JSON_FAILED}json: cannot unmarshal string into Go struct field UnparsedStaker.initialStakers.signer of type signer.jsonProofOfPossession`,
    ],
    [
      "a BLS key that is a number",
      stakerText('"signer":{"publicKey":1}'),
      `${JSON_FAILED}json: cannot unmarshal number into Go struct field UnparsedStaker.initialStakers.signer.publicKey of type string`,
    ],
    ["no BLS key", stakerText('"signer":{}'), `${JSON_FAILED}couldn't decompress public key`],
    [
      "a BLS key without 0x",
      stakerText('"signer":{"publicKey":"00"}'),
      `${JSON_FAILED}missing 0x prefix to hex encoding`,
    ],
    [
      "a BLS key that is the point at infinity",
      stakerText(`"signer":{"publicKey":"0xc0${"00".repeat(47)}"}`),
      `${JSON_FAILED}invalid public key`,
    ],
    ["no Ethereum address", allocation(""), `${CONFIG_FAILED}invalid eth address`],
    [
      "an Ethereum address of odd length",
      allocation('"ethAddr":"0x0"'),
      `${CONFIG_FAILED}encoding/hex: odd length hex string`,
    ],
    [
      "an Ethereum address that is no hex",
      allocation('"ethAddr":"0x0g"'),
      `${CONFIG_FAILED}encoding/hex: invalid byte: U+0067 'g'`,
    ],
    [
      "an Ethereum address with a control character",
      allocation('"ethAddr":"0x\\n0"'),
      `${CONFIG_FAILED}encoding/hex: invalid byte: U+000A`,
    ],
    ["no address", allocation(eth), `${CONFIG_FAILED}no separator found in address`],
    [
      "a short address",
      allocation(`${eth},"avaxAddr":"P-fuji1yvm2eth5"`),
      `${CONFIG_FAILED}invalid hash length: expected 20 bytes but got 2`,
    ],
    ["a staked address that is none", '{"initialStakedFunds":[null]}', `${CONFIG_FAILED}no separator found in address`],
    ["a reward address that is none", stakerText(""), `${CONFIG_FAILED}no separator found in address`],
    ["JSON faults before address faults", '{"allocations":[{}],"message":1}', JSON_FAILED],
  ])("%s", (_, text, message) => {
    let thrown: unknown;
    try {
      parseGenesis(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(GenesisError);
    expect((thrown as GenesisError).message).toStartWith(message);
    expect((thrown as GenesisError).type.code).toBe(message.startsWith(JSON_FAILED) ? "json" : "config");
  });
});
