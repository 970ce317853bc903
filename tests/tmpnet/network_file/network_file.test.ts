import { describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { Network } from "../../../lib/tmpnet/network.ts";
import { exportNetwork } from "../../../lib/tmpnet/network_file/export.ts";
import { readNetworkFile } from "../../../lib/tmpnet/network_file/network_file.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";
import { endLeftovers } from "../support.ts";

const TIMEOUT_MS = 60_000;

function written(directory: TemporaryDirectory, text: string): string {
  const path = directory.join("network.json");
  writeFileSync(path, text);
  return path;
}

/** What is wrong with a file, the path left out. */
async function complaint(text: string, control: Parameters<typeof readNetworkFile>[1] = {}): Promise<string> {
  using directory = temporaryDirectory();
  const path = written(directory, text);
  try {
    await readNetworkFile(path, control);
  } catch (error) {
    return (error as Error).message.replaceAll(directory.path, "");
  }
  return "none";
}

describe("a file", () => {
  test("says all that a network can be, its paths beside it", async () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.join("genesis.bin"), Uint8Array.of(0, 255, 1));
    const path = written(
      directory,
      `{
        "owner": "me", "networkID": 7, "nodeCount": 4, "lightNodeCount": 1, "basePort": 9650,
        "avalanchegoPath": "bin/avalanchego", "pluginDir": "/plugins",
        "flags": { "log-level": "debug", "index-enabled": false, "http-port": 12345678901234567 },
        "primaryChainConfigs": { "C": { "big": 12345678901234567890 } },
        "nodes": [{ "ephemeral": true, "flags": { "log-level": "info" } }, { "avalanchegoPath": "other" }],
        "upgradeFile": "up.json", "cChainGenesisFile": "c.json", "fund": ["0x00"], "apps": ["a.ts"],
        "subnets": [{
          "name": "one", "validators": [0, "NodeID-x"], "config": { "proposerMinBlockDelay": 0 },
          "chains": [
            { "vmName": "xsvm", "genesis": { "file": "genesis.bin" }, "config": { "n": 12345678901234567890 } },
            { "vmName": "evm", "genesis": { "json": { "gasLimit": 12345678901234567890, /* gone */ "a": [1,], } } },
            { "vmName": "text", "genesis": "0x00ff", "config": "plain", "versionArgs": ["v"] },
          ],
          "l1": { "managerChain": 1, "managerAddress": "0x00FF", "balance": "18446744073709551615",
            "validators": [{ "node": 2, "weight": 9007199254740993 }] },
        }],
      }`,
    );
    const options = await readNetworkFile(path);
    const at = (name: string) => directory.join(name);
    const text = (json: string) => new TextEncoder().encode(json);
    expect(options).toMatchObject({
      owner: "me",
      networkID: 7,
      nodeCount: 4,
      lightNodeCount: 1,
      basePort: 9650,
      avalanchegoPath: at("bin/avalanchego"),
      pluginDir: "/plugins",
      defaultFlags: { "log-level": "debug", "index-enabled": "false" },
      primaryChainConfigs: { C: { big: 12345678901234567890n } },
      nodes: [
        { isEphemeral: true, flags: { "log-level": "info" } },
        { runtimeConfig: { process: { avalancheGoPath: at("other"), pluginDir: "/plugins" } } },
      ],
      upgradeFile: at("up.json"),
      cChainGenesisFile: at("c.json"),
      fund: ["0x00"],
      apps: [at("a.ts")],
      subnets: [
        {
          name: "one",
          validators: [0, "NodeID-x"],
          config: { proposerMinBlockDelay: 0 },
          chains: [
            { vmName: "xsvm", genesis: Uint8Array.of(0, 255, 1), config: '{"n":12345678901234567890}' },
            { vmName: "evm", genesis: text('{"gasLimit":12345678901234567890,"a":[1]}') },
            { vmName: "text", genesis: Uint8Array.of(0, 255), config: "plain", versionArgs: ["v"] },
          ],
          l1: {
            managerChain: 1,
            managerAddress: Uint8Array.of(0, 255),
            balance: 18446744073709551615n,
            validators: [{ node: 2, weight: 9007199254740993n }],
          },
        },
      ],
    });
  });

  test("that is not there is told", async () => {
    await expect(readNetworkFile("/no/such/file.json")).rejects.toThrow(
      "Cannot read /no/such/file.json: there is no such file",
    );
  });

  test("with mistakes is told all of them, and runs nothing", async () => {
    using directory = temporaryDirectory();
    const ran = directory.join("ran");
    const text = `{
  "avalanchegoPath": "a", "avalanchegoVersion": "1.14.2",
  "nodes": [{ "pluginDir": "p" }],
  "subnets": [{ "name": "a", "chains": [{ "genesis": { "command": "touch ${ran}; echo 0x00" } }] }],
}`;
    expect(await complaint(text, { allowCommands: true, env: {} })).toBe(
      [
        "Cannot read /network.json:",
        "  /network.json:2:49: avalanchegoVersion: avalanchegoPath names the program already",
        "  /network.json:3:28: nodes[0].pluginDir: plugins are avalanchego's: avalanchegoPath or avalanchegoVersion is missing",
        "  /network.json:4:41: subnets[0].chains[0]: a chain names its VM either by vmName or by vmID",
      ].join("\n"),
    );
    expect(await complaint('{\n "nodes": [{ "pluginDir": "p" }] }')).toBe(
      "Cannot read /network.json:\n  /network.json:2:27: nodes[0].pluginDir: plugins are avalanchego's: avalanchegoPath or avalanchegoVersion is missing",
    );
    expect(await Bun.file(ran).exists()).toBe(false);
  });

  test("runs its commands with the user's word only", async () => {
    const text =
      '{ "subnets": [{ "name": "a", "chains": [{ "vmName": "x", "genesis": { "command": "echo 0x0102" } }] }] }';
    expect(await complaint(text)).toContain("it would run echo 0x0102: with --allow-commands it may");
    using directory = temporaryDirectory();
    const { subnets } = await readNetworkFile(written(directory, text), { allowCommands: true });
    expect(subnets?.[0]?.chains?.[0]?.genesis).toEqual(Uint8Array.of(1, 2));
  });

  test("names a version that is not installed", async () => {
    using home = temporaryDirectory();
    expect(await complaint('{ "avalanchegoVersion": "1.2.3" }', { env: { HOME: home.path } })).toContain(
      "avalanchego v1.2.3 is not installed",
    );
  });
});

test(
  "a network that was exported is started again from its file, and exported the same",
  async () => {
    using directory = temporaryDirectory();
    const app = directory.join("a, b.ts");
    writeFileSync(app, 'export default { name: "silent", start() {} };\n');
    mkdirSync(directory.join("networks"));
    const env = { ...process.env, TMPNET_ROOT_NETWORK_DIR: directory.join("networks") };
    try {
      const options = {
        nodeCount: 2,
        nodes: [{}, { flags: { "log-level": "debug" } }],
        owner: "somebody",
        networkID: 4242,
        defaultFlags: { "log-display-level": "off" },
        apps: [app],
      };
      await using network = await Network.start(options, {}, { env });
      const text = await exportNetwork(network);
      await network.stop();
      expect(text).not.toContain("PrivateKey-");
      expect(text).not.toContain("staking-");

      const path = written(directory, text);
      await using again = await Network.start(await readNetworkFile(path, { env }), {}, { env });
      expect(again.networkID).toBe(4242);
      expect(again.nodes.map(({ nodeID }) => nodeID)).not.toEqual(network.nodes.map(({ nodeID }) => nodeID));
      const withoutPlace = (exported: string) => exported.split("\n").slice(1).sort();
      expect(withoutPlace(await exportNetwork(again))).toEqual(withoutPlace(text));
    } finally {
      endLeftovers(directory.join("networks"));
    }
  },
  TIMEOUT_MS,
);
