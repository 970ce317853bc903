/** Networks of real avalanchego nodes, and tmpnetctl on the same directories. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { callRPC } from "../../lib/platform/rpc/json_rpc.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import type { TmpnetNode } from "../../lib/tmpnet/node.ts";
import { networkReport } from "../../lib/tmpnet/report.ts";
import { networkStatus } from "../../lib/tmpnet/status.ts";
import { AVALANCHEGO, needsAvalanchego } from "../support/avalanchego.ts";
import { AVX_SOURCE } from "../support/cli.ts";
import { needsTmpnetctl, runTmpnetctl, TMPNETCTL } from "../support/tmpnetctl.ts";
import { homeForEachTest } from "./home.ts";
import { errorOf, expectAllConnected, nodeProcessesIn, until } from "./support.ts";

setDefaultTimeout(90_000);

const WITHOUT = AVALANCHEGO === undefined;
const WITHOUT_CTL = WITHOUT || TMPNETCTL === undefined;

const home = homeForEachTest();

function start(nodeCount: number, owner = ""): Promise<Network> {
  return home.start({ nodeCount, owner, avalanchegoPath: AVALANCHEGO });
}

const tmpnetctl = (...args: string[]) => runTmpnetctl(args, home.env);

test.skipIf(WITHOUT)(
  needsAvalanchego("five nodes are healthy, know each other, and have a C-Chain with funded keys"),
  async () => {
    await using network = await start(5);
    const { nodes, cChain, fundedKey } = await networkReport(network);
    expect(nodes).toHaveLength(5);
    await expectAllConnected(network);

    expect(cChain).toMatchObject({ chainID: 88888, rpcURL: network.chainRpcUrl("C") as string });
    const path = new URL(cChain!.rpcURL).pathname;
    const balance = await callRPC<string>(nodes[0]!.uri, path, "eth_getBalance", [fundedKey!.cChainAddress, "latest"]);
    expect(BigInt(balance)).toBe(10n ** 30n);
    const { balance: onX } = await callRPC<{ balance: string }>(nodes[0]!.uri, "/ext/bc/X", "avm.getBalance", {
      address: fundedKey!.xChainAddress,
      assetID: "AVAX",
    });
    expect(BigInt(onX)).toBe(30_000_000_000_000_000n);

    await network.stop();
    expect(nodeProcessesIn(home.root)).toEqual([]);
  },
);

test.skipIf(WITHOUT)(needsAvalanchego("a network of one is healthy"), async () => {
  await using network = await start(1);
  expect((await networkStatus(network)).healthy).toBe(true);
});

test.skipIf(WITHOUT)(needsAvalanchego("nodes that were killed are told, stopped, and started again"), async () => {
  await using network = await start(2);
  const [first] = network.nodes;
  process.kill((network.inspect(first!) as { pid: number }).pid, "SIGKILL");
  await until(() => network.inspect(first!).status === "stopped");
  const status = await networkStatus(network);
  expect(status.nodes.map(({ process }) => process.status).sort()).toEqual(["running", "stopped"]);
  expect((await network.stop()).map(({ result }) => result.how).sort()).toEqual(["not-running", "stopped"]);
  const restarted = await network.restart();
  expect((await networkStatus(restarted)).healthy).toBe(true);
});

test.skipIf(WITHOUT)(needsAvalanchego("a wrong flag is told in avalanchego's own words"), async () => {
  const options = { avalanchegoPath: AVALANCHEGO, defaultFlags: { "fd-limit": "99999999999" } };
  const error = await errorOf(home.start(options));
  expect(error.message).toMatch(/did not start: it logged FATAL\n.*FATAL.*failed to set fd-limit/);
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test.skipIf(WITHOUT)(needsAvalanchego("a flag that keeps avalanchego from having a log is told, too"), async () => {
  const options = { avalanchegoPath: AVALANCHEGO, defaultFlags: { "network-id": "no-network" } };
  const error = await errorOf(home.start(options));
  expect(error.message).toContain("did not start: it ended with exit code 1");
  expect(error.message).toContain("couldn't");
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test.skipIf(WITHOUT)(needsAvalanchego("a network starts where few files may be open"), async () => {
  const command = [...AVX_SOURCE, "net", "start", "--avalanchego-path", AVALANCHEGO as string];
  const shell = ["sh", "-c", 'ulimit -Sn 4096 && ulimit -Hn 4096 && exec "$@"', "sh", ...command];
  const { stderr, exitCode } = Bun.spawnSync(shell, { env: home.env });
  expect({ stderr: exitCode === 0 ? "" : stderr.toString(), exitCode }).toEqual({ stderr: "", exitCode: 0 });
  const network = home.read(join(home.root, "latest"));
  expect(network.config.defaultFlags["fd-limit"]).toBe("4096");
  await network.stop();
});

test.skipIf(WITHOUT_CTL)(needsTmpnetctl("tmpnetctl restarts and stops what avx started"), async () => {
  const network = await start(2, "avx");
  const before = network.nodeUris();
  const pidOf = (node: TmpnetNode) => (network.inspect(node) as { pid: number }).pid;
  const pids = network.nodes.map(pidOf);
  expect(await tmpnetctl("restart-network", "--network-dir", network.dir)).toMatchObject({ code: 0 });
  expect((await networkStatus(network)).healthy).toBe(true);
  // The same ports, as the network's configuration asks for; other processes.
  expect(network.nodeUris()).toEqual(before);
  expect(network.nodes.map(pidOf)).not.toEqual(pids);
  expect(await tmpnetctl("stop-network", "--network-dir", join(home.root, "latest_avx"))).toMatchObject({ code: 0 });
  expect(nodeProcessesIn(home.root)).toEqual([]);
  expect((await network.stop()).map(({ result }) => result.how)).toEqual(["not-running", "not-running"]);
});

test.skipIf(WITHOUT_CTL)(needsTmpnetctl("avx shows, restarts and stops what tmpnetctl started"), async () => {
  const args = ["--avalanchego-path", AVALANCHEGO as string, "--node-count", "2", "--network-owner", "ctl"];
  expect(await tmpnetctl("start-network", ...args)).toMatchObject({ code: 0 });
  const network = home.read(join(home.root, "latest"));
  expect(network.owner).toBe("ctl");
  expect((await networkStatus(network)).healthy).toBe(true);
  const restarted = await network.restart();
  expect((await networkStatus(restarted)).healthy).toBe(true);
  expect((await Network.stop(network.dir, {}, { env: home.env })).map(({ result }) => result.how)).toEqual([
    "stopped",
    "stopped",
  ]);
  expect(nodeProcessesIn(home.root)).toEqual([]);
});
