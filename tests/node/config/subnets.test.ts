import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { type ID, idFromBytes } from "../../../lib/core/ids/id.ts";
import { EMPTY_NODE_ID, nodeIDFromBytes } from "../../../lib/core/ids/node_id.ts";
import { ConfigError } from "../../../lib/node/config/errors.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { base64, nodeConfig } from "../support.ts";

const SUBNET = idFromBytes(new Uint8Array(32).fill(7));
const OTHER = idFromBytes(new Uint8Array(32).fill(8));
const NODE = nodeIDFromBytes(new Uint8Array(20).fill(1));
const VALIDATORS = { initialValidators: [{ nodeID: NODE, publicKey: "" }] };

/** The configuration of a tracked subnet that this content gives. */
function configured(content: unknown, flags: Record<string, string> = {}, subnetID: ID = SUBNET) {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  return nodeConfig({
    "network-id": "local",
    "track-subnets": subnetID,
    "subnet-config-content": base64(text),
    ...flags,
  }).subnets.get(subnetID);
}

function refusal(act: () => unknown): ConfigError {
  try {
    act();
  } catch (error) {
    if (error instanceof ConfigError) return error;
    throw error;
  }
  throw new Error("it was taken");
}

const OPEN = { validatorOnly: false, allowedNodes: new Set<never>() };

test("more subnets than peers put up with are warned of", () => {
  const subnets = Array.from({ length: 17 }, (_, n) => idFromBytes(new Uint8Array(32).fill(n + 1)));
  const warnings = (count: number) =>
    nodeConfig({ "network-id": "local", "track-subnets": subnets.slice(0, count).join() }).warnings;
  expect(warnings(16)).toEqual([]);
  expect(warnings(17)).toEqual([expect.stringContaining("more than 16")]);
});

describe("a subnet's configuration", () => {
  test("is open to all where none is given", () => {
    expect(nodeConfig({ "network-id": "local", "track-subnets": `${SUBNET},${OTHER}` }).subnets).toEqual(
      new Map([
        [SUBNET, OPEN],
        [OTHER, OPEN],
      ]),
    );
    expect(nodeConfig({ "network-id": "local" }).subnets).toEqual(new Map());
    expect(configured({})).toEqual(OPEN);
    expect(configured("null")).toEqual(OPEN);
    expect(configured({ [OTHER]: { validatorOnly: true } })).toEqual(OPEN);
    expect(configured({ [SUBNET]: {} })).toEqual(OPEN);
  });

  test("says who may have its messages", () => {
    const validatorOnly = { validatorOnly: true, allowedNodes: new Set([NODE]) };
    expect(configured({ [SUBNET]: { validatorOnly: true, allowedNodes: [NODE, NODE] } })).toEqual(validatorOnly);
    // Names are taken as Go takes them; the last one counts, and null says nothing.
    const text = `{"${SUBNET}": {"VALIDATORONLY": false, "validatorOnly": true, "allowednodes": ["${NODE}"], "allowedNodes": null}}`;
    expect(configured(text)).toEqual(validatorOnly);
    expect(configured({ [SUBNET]: { validatorOnly: true, allowedNodes: [null] } })?.allowedNodes).toEqual(
      new Set([EMPTY_NODE_ID]),
    );
  });

  test("comes from its file in the directory, unless content is given", () => {
    using directory = temporaryDirectory();
    const flags = { "subnet-config-dir": directory.path };
    writeFileSync(directory.join(`${SUBNET}.json`), '{"validatorOnly": true}');
    writeFileSync(directory.join(`${OTHER}.json`), "not looked at");
    const fromFile = nodeConfig({ "network-id": "local", "track-subnets": SUBNET, ...flags });
    expect(fromFile.subnets.get(SUBNET)).toEqual({ validatorOnly: true, allowedNodes: new Set() });
    expect(fromFile.inertFlags).toEqual([]);
    expect(configured({}, flags)).toEqual(OPEN);
  });

  test("comes from the data directory where nothing else is said", () => {
    using directory = temporaryDirectory();
    mkdirSync(directory.join("configs", "subnets"), { recursive: true });
    writeFileSync(directory.join("configs", "subnets", `${SUBNET}.json`), '{"validatorOnly": true}');
    const config = nodeConfig({ "network-id": "local", "track-subnets": SUBNET, "data-dir": directory.path });
    expect(config.subnets.get(SUBNET)?.validatorOnly).toBe(true);
  });

  test.each<[string, object]>([
    ["nothing of consensus", {}],
    ["parameters of Snow", { snowParameters: { k: 30, alphaPreference: 16, alphaConfidence: 20 } }],
    ["parameters of Snow under their older name", { consensusParameters: { k: 28, MaxItemProcessingTime: 1 } }],
    ["both quorums under their older name", { snowParameters: { alpha: 20, alphaPreference: 1 } }],
    ["parameters of Simplex", { simplexParameters: { ...VALIDATORS, maxNetworkDelay: 1_000 } }],
    ["nulls", { snowParameters: null, simplexParameters: null, consensusParameters: null, allowedNodes: null }],
    ["history", { proposerNumHistoricalBlocks: 2 ** 53 }],
    ["what nobody knows", { unheardOf: [{}] }],
  ])("may hold %s", (_, config) => {
    expect(configured({ [SUBNET]: config })).toMatchObject(OPEN);
  });

  test.each<[string, unknown, string]>([
    ["allowed nodes where all are", { allowedNodes: [NODE] }, "validatorOnly"],
    ["two kinds of consensus", { snowParameters: {}, simplexParameters: VALIDATORS }, "only one of"],
    ["two names of one kind", { snowParameters: {}, consensusParameters: {} }, "only one of"],
    ["a quorum of half", { snowParameters: { k: 20, alphaPreference: 10 } }, "not more than half"],
    ["a quorum that is too high", { snowParameters: { alphaConfidence: 21 } }, "more than k"],
    ["quorums in the wrong order", { snowParameters: { alphaConfidence: 12, alphaPreference: 13 } }, "less than"],
    ["an alpha that is too low", { consensusParameters: { alpha: 5 } }, "not more than half"],
    ["more polls at once than decide", { snowParameters: { beta: 3 } }, "more than beta"],
    ["a negative number", { snowParameters: { optimalProcessing: -1 } }, "optimalProcessing"],
    ["a negative time", { snowParameters: { maxItemProcessingTime: -1 } }, "maxItemProcessingTime"],
    ["Simplex without validators", { simplexParameters: {} }, "initialValidators"],
    ["Simplex with a negative delay", { simplexParameters: { ...VALIDATORS, maxNetworkDelay: -5 } }, "maxNetworkDelay"],
    ["a text for a switch", { validatorOnly: "true" }, "cannot unmarshal string"],
    ["a number with a fraction", { snowParameters: { k: 20.5 } }, "cannot unmarshal number 20.5"],
    ["a node ID that is none", { validatorOnly: true, allowedNodes: ["NodeID-x"] }, "NodeID-x"],
    ["allowed nodes that are no list", { validatorOnly: true, allowedNodes: NODE }, "cannot unmarshal string"],
    ["a negative history", { proposerNumHistoricalBlocks: -1 }, "cannot unmarshal number -1"],
    ["no object", [], "cannot unmarshal array"],
  ])("may not hold %s", (_, config, reason) => {
    const error = refusal(() => configured({ [SUBNET]: config }));
    expect(error.type).toEqual({ code: "bad-file", flag: "subnet-config-content", path: undefined });
    expect(error.message).toContain(reason);
    expect(error.message).toContain(SUBNET);
    // A subnet that is not tracked may hold anything.
    expect(configured({ [OTHER]: config })).toEqual(OPEN);
  });

  test.each<[number | undefined, object]>([
    [undefined, {}],
    [0.8, { snowParameters: { k: 20, alphaPreference: 15, alphaConfidence: 15 } }],
    [1, { consensusParameters: { k: 10, alpha: 10 } }],
    [0, { simplexParameters: VALIDATORS }],
  ])("asks for %p of the stake", (share, config) => {
    const required = configured({ [SUBNET]: config })?.requiredConnectedStake;
    if (share === undefined) expect(required).toBeUndefined();
    else expect(required).toBeCloseTo(share, 12);
  });

  test("of consensus takes from the flags what it does not give", () => {
    const flags = { "snow-sample-size": "5", "snow-quorum-size": "4", "snow-commit-threshold": "9" };
    expect(configured({ [SUBNET]: { snowParameters: {} } }, flags)).toMatchObject(OPEN);
    expect(() => configured({ [SUBNET]: { snowParameters: { k: 8 } } }, flags)).toThrow("not more than half");
    expect(() => configured({ [SUBNET]: { snowParameters: { concurrentRepolls: 10 } } }, flags)).toThrow("beta");
  });

  test.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a list", "[]"],
    ["a name that is no subnet", '{"x": {}}'],
  ])("cannot come from %s", (_, text) => {
    expect(refusal(() => configured(text)).type).toMatchObject({ code: "bad-file", flag: "subnet-config-content" });
  });

  test("cannot come from what is not base64, no directory, no file, or what cannot be read", () => {
    const flags = { "network-id": "local", "track-subnets": SUBNET };
    const refused = (more: Record<string, string>) => refusal(() => nodeConfig({ ...flags, ...more })).type;
    expect(refused({ "subnet-config-content": "{}" })).toMatchObject({ code: "invalid-value" });
    using directory = temporaryDirectory();
    expect(refused({ "subnet-config-dir": directory.join("none") })).toMatchObject({ code: "bad-file" });
    const path = directory.join(`${SUBNET}.json`);
    const fault = { code: "bad-file", flag: "subnet-config-dir", path };
    mkdirSync(path);
    expect(refused({ "subnet-config-dir": directory.path })).toEqual(fault as never);
    writeFileSync(directory.join(`${OTHER}.json`), '{"validatorOnly": 1}');
    const error = refusal(() => nodeConfig({ ...flags, "track-subnets": OTHER, "subnet-config-dir": directory.path }));
    expect(error.message).toContain(`${OTHER}.json`);
  });
});
