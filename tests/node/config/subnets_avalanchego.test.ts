/** The reference's verdicts on configurations of subnets, and avx's. */

import { expect, test } from "bun:test";
import { ConfigError } from "../../../lib/node/config/errors.ts";
import { AVALANCHEGO, needsAvalanchego } from "../../support/avalanchego.ts";
import { avxEnvironment } from "../../support/cli.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { base64, nodeConfig } from "../support.ts";

const SUBNET = "46WPtSJH9Mc1rNbRaWo6k2v6Bm8dc1FuCFxS2n6gFo7L5vAy5";
const NODE = "NodeID-8QUdxrVfUa1yCv8CWU9iSdPLL9iMLF9sZ";
const validator = { nodeID: NODE, publicKey: "" };

/** Values of `validatorOnly`, `allowedNodes`, parameters of Snow, of a validator and of Simplex, and whole texts. */
const CONFIGURATIONS: readonly unknown[] = [
  ...[{}, null, [], 5, "x", true, { unheardOf: [{}] }, { proposerNumHistoricalBlocks: 2 ** 53 }],
  ...[-1, 1.5, "1", null].map((proposerNumHistoricalBlocks) => ({ proposerNumHistoricalBlocks })),
  ...[true, false, null, "true", 1].map((validatorOnly) => ({ validatorOnly })),
  ...[[NODE, NODE], [null], [], null, NODE, ["NodeID-x"], [5], {}].map((nodes) => ({
    validatorOnly: true,
    allowedNodes: nodes,
  })),
  { allowedNodes: [NODE] },
  { allowedNodes: [] },
  { VALIDATORONLY: true, allowednodes: [NODE] },
  ...[
    {},
    null,
    5,
    { k: 30, alphaPreference: 16, alphaConfidence: 20 },
    { k: 30 },
    { k: 28 },
    { K: 28 },
    { k: null },
    { k: "20" },
    { k: 20.5 },
    { k: 1_000 },
    { k: 2 ** 63 },
    { alpha: 20, alphaPreference: 1 },
    { alpha: 5 },
    { alpha: 0 },
    { alpha: null },
    { alphaPreference: 10 },
    { alphaPreference: -3 },
    { alphaPreference: 16 },
    { alphaConfidence: 21 },
    { alphaConfidence: 12, alphaPreference: 13 },
    { beta: 3 },
    { beta: -1 },
    { concurrentRepolls: -1 },
    { optimalProcessing: -1 },
    { maxOutstandingItems: -1 },
    { maxItemProcessingTime: -1 },
    { maxItemProcessingTime: 1 },
    { maxItemProcessingTime: "30s" },
  ].map((snowParameters) => ({ snowParameters })),
  { consensusParameters: { k: 28 } },
  { consensusParameters: { k: 31 } },
  { consensusParameters: {}, snowParameters: {} },
  { consensusParameters: {}, snowParameters: null },
  ...[
    {},
    null,
    { initialValidators: [validator] },
    { initialValidators: [validator], maxNetworkDelay: 1 },
    { initialValidators: [validator], maxNetworkDelay: -1 },
    { initialValidators: [validator], maxRebroadcastWait: -1 },
    { initialValidators: [{}] },
    { initialValidators: [null] },
    { initialValidators: [5] },
    { initialValidators: {} },
    { initialValidators: [{ nodeID: "NodeID-x" }] },
    ...["!!", "AAAA", "AAA", [1, 255], [256], [-1], ["x"], 5, null].map((publicKey) => ({
      initialValidators: [{ publicKey }],
    })),
  ].map((simplexParameters) => ({ simplexParameters })),
  { simplexParameters: { initialValidators: [validator] }, snowParameters: {} },
];

test.skipIf(AVALANCHEGO === undefined)(
  needsAvalanchego("what avalanchego takes is taken, what it refuses is refused"),
  async () => {
    using directory = temporaryDirectory();
    const verdict = async (configuration: unknown) => {
      const flags = {
        "network-id": "local",
        "data-dir": directory.path,
        "track-subnets": SUBNET,
        "subnet-config-content": base64(JSON.stringify({ [SUBNET]: configuration })),
      };
      // It ends with what comes next, so that no node is ever started.
      const args = Object.entries({ ...flags, "bootstrap-ips": "127.0.0.1:1" }).map(
        ([flag, value]) => `--${flag}=${value}`,
      );
      const child = Bun.spawn([AVALANCHEGO as string, ...args], {
        env: avxEnvironment(),
        stdout: "pipe",
        stderr: "ignore",
      });
      const [output] = await Promise.all([new Response(child.stdout).text(), child.exited]);
      expect(output).toStartWith("couldn't load node config: ");
      return { configuration, avalanchego: !output.includes("subnet config"), avx: isTaken(flags) };
    };
    const verdicts = [];
    for (const configuration of CONFIGURATIONS) verdicts.push(await verdict(configuration));
    expect(verdicts.filter(({ avalanchego, avx }) => avalanchego !== avx)).toEqual([]);
    expect(new Set(verdicts.map(({ avx }) => avx))).toEqual(new Set([true, false]));
  },
  60_000,
);

function isTaken(flags: Readonly<Record<string, string>>): boolean {
  try {
    nodeConfig(flags);
    return true;
  } catch (error) {
    if (error instanceof ConfigError && error.type.code === "bad-file") return false;
    throw error;
  }
}
