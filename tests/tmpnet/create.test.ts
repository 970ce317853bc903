/** What kinds of network there can be, and what is refused before anything is made. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { systemClock } from "../../lib/core/clock.ts";
import { createNetwork } from "../../lib/tmpnet/create.ts";
import type { NetworkOptions } from "../../lib/tmpnet/network_options.ts";
import { readNodeTemplate } from "../../lib/tmpnet/node_template.ts";
import { listPlugins, pluginVersions } from "../../lib/tmpnet/plugins.ts";
import { homeForEachTest } from "./home.ts";
import { errorOf, nodeProcessesIn, readJSON } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();

function create(options: NetworkOptions = {}) {
  return createNetwork({ avalanchegoPath: home.program, ...options }, home.env, systemClock);
}

/** A program that prints what it is asked, when it is asked the right way. */
function versionProgram(path: string, argument: string, text: string): string {
  writeFileSync(path, `#!/bin/sh\n[ "$1" = "${argument}" ] && echo '${text}' && exit 0\nexit 1\n`, { mode: 0o700 });
  return path;
}

const ADDRESS = "8jma8ppw3nhx5r4ap8clazz0dps7rv5u9xde7p";

test("addresses are funded as keys are, on X and P or on C", async () => {
  const eth = "0x00000000000000000000000000000000000000aB";
  const { genesis } = await create({ fund: [`X-custom1${ADDRESS}`, eth], networkID: 4242 });
  expect(genesis?.networkID).toBe(4242);
  const text = readFileSync(join(home.root, readdirSync(home.root)[0]!, "genesis.json"), "utf8");
  expect(text).toContain(`X-custom1${ADDRESS}`);
  expect(JSON.parse(genesis!.cChainGenesis)).toMatchObject({
    config: { chainId: 4242 },
    alloc: { "00000000000000000000000000000000000000ab": { balance: `0x${(10n ** 30n).toString(16)}` } },
  });
});

test.each([
  [{ fund: ["X-fuji18jma8ppw3nhx5r4ap8clazz0dps7rv5u6wmu4t"] }, "begin with X-custom1"],
  [{ fund: [`C-custom1${ADDRESS}`] }, "of C with 0x"],
  [{ fund: ["nonsense"] }, "it is no address"],
  [{ networkID: 0 }, "A network ID is a whole number"],
  [{ networkID: 5, fund: [`X-custom1${ADDRESS}`] }, "has a genesis built in"],
  [{ genesisFile: "/nowhere/genesis.json" }, "There is no file /nowhere/genesis.json"],
  [{ genesisFile: "/nowhere", fund: [ADDRESS] }, "nothing can be added to it"],
  [{ cChainGenesisFile: "/nowhere" }, "There is no file /nowhere"],
  [{ upgradeFile: "/nowhere" }, "There is no file /nowhere"],
  [{ lightNodeCount: -1 }, "counted in whole numbers"],
  [{ lightNodeCount: 1, avalanchegoPath: "" }, "beside avalanchego's"],
  [{ nodeCount: 1, nodes: [{}, {}] }, "2 nodes are described"],
  [{ basePort: 65_534 }, "ports at 65535"],
  [{ defaultFlags: { "data-dir": "/elsewhere" } }, "data-dir is the network's to set"],
  [{ nodes: [{ flags: { "process-context-file": "/elsewhere/p.json" } }] }, "would not be found again"],
  [{ nodes: [{ flags: { "staking-tls-key-file-content": "x" } }] }, "all or not at all"],
] as [NetworkOptions, string][])("what cannot be is refused before anything is made: %j", async (options, words) => {
  expect((await errorOf(create(options))).message).toContain(words);
  expect(existsSync(home.root)).toBe(false);
});

test("nodes that are not meant to last come after one that is, in the order in which tmpnetctl restarts them", async () => {
  for (let i = 0; i < 4; i++) {
    const { nodes } = await create({ nodes: [{ isEphemeral: true }, {}, {}], lightNodeCount: 3 });
    const [first] = nodes
      .filter(({ isEphemeral }) => !isEphemeral)
      .map(({ nodeID }) => nodeID)
      .toSorted();
    const passing = nodes.filter(({ isEphemeral }) => isEphemeral);
    expect(passing).toHaveLength(4);
    for (const { nodeID } of passing) expect(nodeID > first!).toBe(true);
  }
  const network = await home.start({ nodeCount: 2 });
  const [first] = network.nodes.map(({ nodeID }) => nodeID).toSorted();
  for (let i = 0; i < 3; i++) expect((await network.addNode({ start: false })).nodeID > first!).toBe(true);
});

test("a genesis is taken from a file as it is, and one that is not sound is refused", async () => {
  const made = await create();
  const path = join(made.dir, "genesis.json");
  const again = await create({ genesisFile: path });
  expect(readFileSync(join(again.dir, "genesis.json"), "utf8")).toBe(readFileSync(path, "utf8"));
  expect(again.config.preFundedKeys).toEqual([]);
  const text = readFileSync(path, "utf8");
  writeFileSync(
    home.directory.join("broken.json"),
    text.replace('"initialStakeDuration": 31536000', '"initialStakeDuration": 0'),
  );
  const error = await errorOf(create({ genesisFile: home.directory.join("broken.json") }));
  expect(error.type.code).toBe("bad-file");
  expect(error.message).toContain("initial stake duration must be > 0");
  expect((await errorOf(create({ genesisFile: path, networkID: 7 }))).message).toContain("conflicting networkIDs");
});

test("the C-Chain has a genesis of its own, byte for byte", async () => {
  const text = '{"config": {"chainId": 43112}, "alloc": {}}';
  writeFileSync(home.directory.join("c.json"), `${text}\n`);
  expect((await create({ cChainGenesisFile: home.directory.join("c.json") })).genesis?.cChainGenesis).toBe(text);
  writeFileSync(home.directory.join("c.json"), "[]");
  expect((await errorOf(create({ cChainGenesisFile: home.directory.join("c.json") }))).message).toContain(
    "not an object",
  );
  writeFileSync(home.directory.join("c.json"), text);
  const fund = [`X-custom1${ADDRESS}`];
  const cChainGenesisFile = home.directory.join("c.json");
  expect((await create({ cChainGenesisFile, fund })).genesis?.cChainGenesis).toBe(text);
  const both = create({ cChainGenesisFile, fund: [...fund, "0x00000000000000000000000000000000000000aB"] });
  expect((await errorOf(both)).message).toContain("fund its addresses there");
});

test("nodes of mainnet and fuji have no genesis, and nobody tells them whom to bootstrap from", async () => {
  const network = await home.start({ networkID: 5, nodeCount: 1, defaultFlags: { fake: "unhealthy" } });
  expect(network.networkID).toBe(5);
  expect(existsSync(join(network.dir, "genesis.json"))).toBe(false);
  const flags = readJSON(join(network.nodes[0]!.dataDir, "flags.json"));
  expect(flags["network-id"]).toBe("5");
  expect(flags).not.toHaveProperty("bootstrap-ids");
  expect(flags).not.toHaveProperty("genesis-file-content");
  expect(nodeProcessesIn(home.root)).toHaveLength(1);
});

test("upgrades come from a file that is found nowhere else", async () => {
  const upgrades = { fortunaTime: "2020-12-05T05:00:00Z", graniteTime: "9999-12-01T00:00:00Z" };
  writeFileSync(home.directory.join("upgrades.json"), JSON.stringify(upgrades));
  const { config } = await create({ upgradeFile: home.directory.join("upgrades.json") });
  const content = Buffer.from(config.defaultFlags["upgrade-file-content"] ?? "", "base64").toString();
  expect(JSON.parse(content)).toEqual(upgrades);
  writeFileSync(home.directory.join("upgrades.json"), '{"fortunaTime": "soon"}');
  expect((await errorOf(create({ upgradeFile: home.directory.join("upgrades.json") }))).type.code).toBe("bad-file");
});

test("nodes are described one by one: keys, flags, program", async () => {
  const first = await create({ nodeCount: 1 });
  const template = readNodeTemplate(join(first.nodes[0]!.dataDir, "config.json"));
  const other = versionProgram(home.directory.join("other-avalanchego"), "--version-json", "{}");
  const { nodes, genesis } = await create({
    nodes: [template, { flags: { "log-level": "debug" }, runtimeConfig: { process: { avalancheGoPath: other } } }],
    nodeCount: 3,
  });
  expect(nodes[0]!.nodeID).toBe(first.nodes[0]!.nodeID);
  expect(nodes[1]!.flags["log-level"]).toBe("debug");
  expect(readJSON(join(nodes[1]!.dataDir, "config.json")).runtimeConfig.process.avalancheGoPath).toBe(other);
  expect(genesis?.initialStakers.map(({ nodeID }) => nodeID)).toEqual(nodes.map(({ nodeID }) => nodeID));
  // The key of the first proves that it has the BLS key that its flags hold.
  expect(genesis!.initialStakers[0]!.signer!).toEqual(first.genesis!.initialStakers[0]!.signer!);
});

test("light nodes stand beside avalanchego's: unstaked, ephemeral, avx's own", async () => {
  const { nodes, genesis, config } = await create({ nodeCount: 2, lightNodeCount: 2 });
  expect(genesis?.initialStakers).toHaveLength(2);
  const light = nodes.slice(2);
  expect(light.map(({ isEphemeral }) => isEphemeral)).toEqual([true, true]);
  for (const node of light) {
    const { avalancheGoPath } = readJSON(join(node.dataDir, "config.json")).runtimeConfig.process;
    expect(avalancheGoPath).not.toBe(home.program);
    expect(avalancheGoPath).toBe(readJSON(join(nodes[0]!.dataDir, "..", "avx.json")).ownProgram);
  }
  expect(config.defaultRuntimeConfig.process?.avalancheGoPath).toBe(home.program);
});

test("ports are counted from the first, and one that is taken is told with who has it", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
  );
  try {
    const error = await errorOf(create({ basePort: port - 3, nodeCount: 2 }));
    expect(error.type.code === "port-taken" || error.type.code === "option").toBe(true);
    if (error.type.code === "port-taken" && error.type.port === port && process.platform === "linux") {
      expect(error.type.pid).toBe(process.pid);
    }
    expect(existsSync(home.root)).toBe(false);
  } finally {
    server.close();
  }
});

test("plugins tell which version they speak, each in its own way, and others are refused", async () => {
  const vmIDs = [
    "v3m4wPxaHpvGr8qfMeyK6PRW3idZrPHmYcMTt7oXdK47yurVH",
    "srEXiWaHuhNyGwPUi444Tu47ZEDwxTWrbQiuD7FmgSAQ6X7Dy",
  ] as const;
  const plugins = home.directory.join("plugins");
  mkdirSync(plugins);
  versionProgram(join(plugins, vmIDs[0]), "version-json", '{"name": "xsvm", "rpcchainvm": 45}');
  versionProgram(join(plugins, vmIDs[1]), "--version", "Subnet-EVM/v0.7.0 [AvalancheGo=v1.12.0, rpcchainvm=39]");
  writeFileSync(join(plugins, "README"), "");
  const node = versionProgram(home.directory.join("avalanchego"), "--version-json", '{"rpcchainvm": 45}');
  expect(listPlugins(plugins).map(({ vmID }) => vmID)).toEqual([...vmIDs].sort());
  const versions = await pluginVersions(plugins);
  expect(Object.fromEntries(versions.map(({ vmID, rpcChainVM }) => [vmID, rpcChainVM]))).toEqual({
    [vmIDs[0]]: 45,
    [vmIDs[1]]: 39,
  });
  const error = await errorOf(create({ avalanchegoPath: node, pluginDir: plugins }));
  expect(error.type.code).toBe("plugins");
  expect(error.message).toContain(`${node} speaks version 45`);
  expect(error.message).toContain(`${join(plugins, vmIDs[1])} speaks version 39`);
  expect(error.message).not.toContain(join(plugins, vmIDs[0]));
  const process = { avalancheGoPath: node, pluginDir: plugins };
  expect((await errorOf(create({ nodes: [{ runtimeConfig: { process } }] }))).message).toContain("speaks version 39");
  expect(existsSync(home.root)).toBe(false);

  const network = await home.start({ nodeCount: 1 });
  expect((await errorOf(network.addNode({ avalanchegoPath: node, pluginDir: plugins }))).type.code).toBe("plugins");
  expect((await errorOf(network.addNode({ flags: { "data-dir": "/elsewhere" } }))).type.code).toBe("option");
  expect(readdirSync(network.dir).filter((name) => name.startsWith("NodeID-"))).toHaveLength(1);
  await network.stop();
  chmodSync(join(plugins, vmIDs[1]), 0o600);
  expect((await create({ avalanchegoPath: node, pluginDir: plugins })).nodes).toHaveLength(2);
});

test("a directory of one's own is run without a word; a copy of it is shown; what it brings along is refused", async () => {
  const network = await home.start({ nodeCount: 1 });
  await network.stop();
  const told: string[] = [];
  const control = {
    onProgress: (progress: { kind: string; message?: string }) => {
      if (progress.kind === "warning") told.push(progress.message ?? "");
    },
  };
  await network.restart(control);
  await network.stop();
  expect(told).toEqual([]);

  // A copy is another directory. (A move within a file system is none.)
  const copy = home.directory.join("copy");
  Bun.spawnSync(["cp", "-r", network.dir, copy]);
  const copied = home.read(copy);
  await copied.restart(control);
  await copied.stop();
  expect(told).toHaveLength(1);
  expect(told[0]).toContain(`${copy} was not made here; it has\n  the program ${home.program}`);

  const brought = join(copy, "avalanchego");
  renameSync(home.program, brought);
  await copied.updateConfig((config) => ({
    ...config,
    defaultRuntimeConfig: { process: { avalancheGoPath: brought, pluginDir: "/somewhere" } },
  }));
  const error = await errorOf(copied.restart(control));
  expect(error.type).toEqual({ code: "untrusted", path: copy });
  expect(error.message).toContain(`it brings the program ${brought} with it`);
  expect(error.message).toContain("plugins in /somewhere");
  expect(error.hint).toContain("--trust");
  expect(nodeProcessesIn(copy)).toEqual([]);
  expect((await errorOf(copied.addNode())).type.code).toBe("untrusted");

  await copied.updateConfig((config) => ({
    ...config,
    defaultRuntimeConfig: { process: { avalancheGoPath: brought } },
  }));
  await copied.restart({ ...control, trust: true });
  await copied.restart(control); // it is known now
  await copied.stop();
  expect(told).toHaveLength(1);
});

test("a directory in which everybody may write is not run", async () => {
  const made = await create({ nodeCount: 1 });
  chmodSync(made.dir, 0o777);
  const error = await errorOf(home.read(made.dir).restart());
  expect(error.message).toContain("everybody may write in it");
});

test("in a large network each node makes its rounds less often", async () => {
  const { config } = await create({ nodeCount: 40 });
  expect(config.defaultFlags["health-check-frequency"]).toBe("500ms");
  expect((await create({ nodeCount: 20 })).config.defaultFlags["health-check-frequency"]).toBe("250ms");
});
