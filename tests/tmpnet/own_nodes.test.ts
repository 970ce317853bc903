/** Networks of avx's own nodes: from source, compiled, and by way of tmpnetctl. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { quoted } from "../../lib/core/program.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import type { NetworkOptions } from "../../lib/tmpnet/network_options.ts";
import { ownCommand } from "../../lib/tmpnet/own_command.ts";
import { OWN_NODE_SCRIPT } from "../../lib/tmpnet/own_node.ts";
import { networkReport } from "../../lib/tmpnet/report.ts";
import { networkStatus } from "../../lib/tmpnet/status.ts";
import { waitForNetwork } from "../../lib/tmpnet/wait.ts";
import { AVX_COMPILED, AVX_SOURCE, needsCompiled, runAvx } from "../support/cli.ts";
import { needsTmpnetctl, runTmpnetctl, TMPNETCTL } from "../support/tmpnetctl.ts";
import { homeForEachTest } from "./home.ts";
import { errorOf, expectAllConnected, nodeProcessesIn, readJSON } from "./support.ts";

setDefaultTimeout(90_000);

const home = homeForEachTest();

function start(options: NetworkOptions = {}): Promise<Network> {
  return home.start({ avalanchegoPath: undefined, ...options });
}

test("avx's own nodes are healthy and know each other, without chains", async () => {
  await using network = await start({ nodeCount: 3 });
  expect(network.hasOwnNodes).toBe(true);
  const { nodes, cChain } = await networkReport(network);
  expect(cChain).toBeUndefined();
  expect(nodes).toHaveLength(3);
  await expectAllConnected(network);

  // From source, the program that tmpnet's files name is a script beside them.
  const program = join(network.dir, OWN_NODE_SCRIPT);
  expect(network.config.defaultRuntimeConfig).toEqual({
    process: { avalancheGoPath: program, reuseDynamicPorts: true },
  });
  expect(statSync(program).mode & 0o777).toBe(0o700);
  expect(readFileSync(program, "utf8")).toBe(`#!/bin/sh\nexec ${ownCommand().map(quoted).join(" ")} "$@"\n`);
  await network.stop();
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("nodes that stake nothing need not know each other, whether they are meant to last or not", async () => {
  await using network = await start({ nodeCount: 2 });
  await network.addNode({});
  const lasting = await network.addNode({ isEphemeral: false });
  const status = await waitForNetwork(network.dir, { timeoutMs: 30_000 }, { env: home.env });
  expect(status.nodes).toHaveLength(4);
  expect(status.nodes.flatMap(({ faults }) => faults)).toEqual([]);
  expect(status.nodes.find(({ nodeID }) => nodeID === lasting.nodeID)?.peers).toMatchObject({ missing: [] });
});

test("a network of one of avx's own nodes is healthy", async () => {
  await using network = await start({ nodeCount: 1 });
  expect((await networkStatus(network)).healthy).toBe(true);
});

test("a node with chains is not waited for among nodes that run none", async () => {
  await using network = await Network.start({ nodeCount: 1 }, {}, { env: home.env });
  const error = await network.addNode({ avalanchegoPath: home.program }).catch((e: Error) => e);
  expect((error as Error).message).toContain("run no chains");
  expect(network.nodes).toHaveLength(1);
  expect((await network.addNode({ light: true })).uri).toStartWith("http://");
});

test("a flag that does not exist is told with the node's own words", async () => {
  const error = await errorOf(start({ defaultFlags: { "log-levle": "debug" } }));
  expect(error.message).toContain("log-levle");
  expect(error.message).toContain("log-level");
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("a restart runs the avx that restarts, wherever the one that started lay", async () => {
  const network = await start({ nodeCount: 1 });
  await network.stop();
  const path = join(network.dir, "config.json");
  const config = readJSON(path);
  config.defaultRuntimeConfig.process.avalancheGoPath = "/nowhere/any/more/avx";
  await Bun.write(path, JSON.stringify(config));
  await using restarted = await home.read(network.dir).restart();
  expect(restarted.nodeUris()).toHaveLength(1);
});

test("a directory with spaces and quotes in its name is no trouble", async () => {
  const odd = home.directory.join('it\'s a "net"');
  await using network = await start({ nodeCount: 1, rootNetworkDir: odd });
  const shell = spawnSync("sh", [
    "-c",
    `. ${quoted(join(network.dir, "network.env"))}; printf %s "$TMPNET_NETWORK_DIR"`,
  ]);
  expect(shell.stdout.toString()).toBe(network.dir);
});

test.skipIf(AVX_COMPILED === undefined)(
  needsCompiled("the compiled avx starts itself as nodes, and is named as it was called"),
  async () => {
    const command = AVX_COMPILED as readonly string[];
    const { code, stdout, stderr } = await runAvx(["net", "start", "--json"], { command, env: home.env });
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    const { dir, next } = JSON.parse(stdout);
    expect(next[1]).toBe(`${command[0]} net stop`);
    const { avalancheGoPath } = home.read(dir).config.defaultRuntimeConfig.process!;
    expect(avalancheGoPath).toBe(command[0] as string);
    expect((await runAvx(["net", "stop"], { command, env: home.env })).stdout).toStartWith(`Stopped 2 nodes: ${dir}\n`);
  },
);

test.skipIf(TMPNETCTL === undefined)(
  needsTmpnetctl("tmpnetctl starts a network of avx nodes, and stops it"),
  async () => {
    const program = home.directory.join("avx-as-avalanchego");
    writeFileSync(program, `#!/bin/sh\nexec ${AVX_SOURCE.map(quoted).join(" ")} "$@"\n`, { mode: 0o700 });
    const tmpnetctl = (...args: string[]) => runTmpnetctl(args, home.env);
    const started = await tmpnetctl("start-network", "--avalanchego-path", program, "--node-count", "2");
    expect({ code: started.code, said: started.code === 0 ? "" : started.stdout + started.stderr }).toEqual({
      code: 0,
      said: "",
    });
    const network = home.read(join(home.root, "latest"));
    expect((await networkStatus(network)).healthy).toBe(true);
    expect((await tmpnetctl("restart-network", "--network-dir", network.dir)).code).toBe(0);
    expect((await networkStatus(network)).healthy).toBe(true);
    expect((await tmpnetctl("stop-network", "--network-dir", network.dir)).code).toBe(0);
    expect(nodeProcessesIn(home.root)).toEqual([]);
  },
);
