/** Networks whose nodes share processes: each node is handled as one that runs by itself. */

import { afterEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../lib/core/clock.ts";
import { HOST_ARGUMENTS } from "../../lib/platform/node_host.ts";
import { readProcessContext } from "../../lib/platform/process_context.ts";
import { getNodeID, getPeers } from "../../lib/platform/rpc/info_client.ts";
import { HOST_LOG } from "../../lib/tmpnet/disk/layout.ts";
import { Network, type NetworkModules } from "../../lib/tmpnet/network.ts";
import { processDetails } from "../../lib/tmpnet/runtime/process_details.ts";
import { ProcessRuntime } from "../../lib/tmpnet/runtime/process_runtime.ts";
import { systemProcessTable } from "../../lib/tmpnet/runtime/process_table.ts";
import { readSpawnRecord } from "../../lib/tmpnet/runtime/spawn_record.ts";
import { saveSnapshot } from "../../lib/tmpnet/snapshot/save.ts";
import { networkStatus } from "../../lib/tmpnet/status.ts";
import { runAvx } from "../support/cli.ts";
import { needsTmpnetctl, runTmpnetctl, TMPNETCTL } from "../support/tmpnetctl.ts";
import { homeForEachTest } from "./home.ts";
import { errorOf, nodeProcessesIn, readJSON, until } from "./support.ts";

setDefaultTimeout(90_000);

const home = homeForEachTest();
const table = systemProcessTable();

/** Hosts that tests have started: a host names no directory in its command line. */
let hosts: number[] = [];
const isRunning = (pid: number) => table.read(pid) !== undefined;

afterEach(() => {
  const left = hosts.filter(isRunning);
  for (const pid of left) process.kill(pid, "SIGKILL");
  hosts = [];
  expect(left).toEqual([]);
});

async function start(nodeCount = 3, modules: NetworkModules = {}): Promise<Network> {
  const network = await Network.start({ nodeCount, sharedProcesses: true }, {}, { ...modules, env: home.env });
  hosts.push(...hostsOf(network));
  return network;
}

function hostsOf({ nodes }: Network): number[] {
  const pids = nodes.map(({ dataDir }) => readSpawnRecord(dataDir)?.host?.pid ?? 0);
  expect(pids).not.toContain(0);
  return [...new Set(pids)];
}

/** The network of a host: its working directory. */
const hostDirectory = (pid: number) => processDetails(pid)?.files[0] ?? "";

/** Stops the first host that appears in this home: as it begins, so that it answers nothing, or when it is time. */
async function stopFirstHost(isTime = () => true): Promise<number> {
  for (;;) {
    for (const { pid } of table.list((commandLine) => commandLine.endsWith(` ${HOST_ARGUMENTS.join(" ")}`))) {
      if (!hostDirectory(pid).startsWith(`${home.root}/`) || !isTime()) continue;
      process.kill(pid, "SIGSTOP");
      return pid;
    }
    await Bun.sleep(1);
  }
}

const contextOf = (dataDir: string) => readProcessContext(join(dataDir, "process.json"));
const peersOf = async (uri: string) => (await getPeers(uri)).map(({ nodeID }) => nodeID).sort();

test("nodes share a process, and each has one that stands for it", async () => {
  const network = await start();
  const [host] = hostsOf(network);
  const pids = network.nodes.map(({ dataDir }) => contextOf(dataDir)?.pid ?? 0);
  expect(new Set(pids).size).toBe(3);
  expect(pids).not.toContain(host);
  expect(nodeProcessesIn(home.root).sort()).toEqual([...pids].sort());
  for (const { nodeID, dataDir } of network.nodes) {
    const { uri = "" } = contextOf(dataDir) ?? {};
    expect(await getNodeID(uri)).toBe(nodeID);
    expect(await peersOf(uri)).toHaveLength(2);
    expect(readFileSync(join(dataDir, "logs", "main.log"), "utf8")).toContain(`"nodeID": "${nodeID}"`);
  }
  expect((await networkStatus(network)).healthy).toBe(true);

  await network.stop();
  expect(nodeProcessesIn(home.root)).toEqual([]);
  await until(() => !isRunning(host as number));
  for (const { dataDir } of network.nodes) {
    expect(["process.json", "avx-process.json", "node.lock"].filter((name) => existsSync(join(dataDir, name)))).toEqual(
      [],
    );
  }
});

test("one node is stopped and started, and the others do not notice", async () => {
  await using network = await start();
  const [first, ...others] = network.nodes;
  const before = others.map(({ dataDir }) => contextOf(dataDir));
  const nodeID = first?.nodeID as string;
  await network.stopNodes([nodeID]);
  expect(existsSync(join(first?.dataDir ?? "", "process.json"))).toBe(false);
  for (const context of before) await until(async () => (await peersOf(context?.uri ?? "")).length === 1);

  await network.startNodes([nodeID]);
  expect(others.map(({ dataDir }) => contextOf(dataDir))).toEqual(before);
  expect((await networkStatus(network)).healthy).toBe(true);
});

test("a node whose process is killed ends, and starts again at once", async () => {
  await using network = await start();
  const [first, second] = network.nodes;
  const { pid = 0, uri = "" } = contextOf(first?.dataDir ?? "") ?? {};
  process.kill(pid, "SIGKILL");
  await until(() =>
    fetch(uri).then(
      () => false,
      () => true,
    ),
  );
  expect(contextOf(second?.dataDir ?? "")?.pid).toBeGreaterThan(0);
  await network.startNodes([first?.nodeID as string]);
  expect((await networkStatus(network)).healthy).toBe(true);
});

test("where the shared process is killed, all its nodes have died, and a restart brings them back", async () => {
  await using network = await start();
  const pids = nodeProcessesIn(home.root);
  for (const host of hostsOf(network)) process.kill(host, "SIGKILL");
  await until(() => !pids.some(isRunning));
  const status = await networkStatus(network);
  for (const { process } of status.nodes) {
    expect(process).toMatchObject({ status: "stopped", stalePID: expect.any(Number) });
  }
  await network.restart();
  hosts.push(...hostsOf(network));
  expect((await networkStatus(network)).healthy).toBe(true);
});

test("a host that is stuck ends with the node that is stopped", async () => {
  const runtime = new ProcessRuntime({ clock: systemClock }, { env: home.env, stopGraceMs: 300 });
  const network = await start(2, { runtime });
  const [host] = hostsOf(network);
  process.kill(host as number, "SIGSTOP");
  await network.stop({ metricsSnapshot: false });
  expect(nodeProcessesIn(home.root)).toEqual([]);
  await until(() => !isRunning(host as number));
});

test("a host that is stuck ends with nodes whose processes are gone, and they start again", async () => {
  await using network = await start(2);
  const [host] = hostsOf(network);
  process.kill(host as number, "SIGSTOP");
  for (const pid of nodeProcessesIn(home.root)) process.kill(pid, "SIGKILL");
  await until(() => nodeProcessesIn(home.root).length === 0);
  await network.startNodes(network.nodes.map(({ nodeID }) => nodeID));
  expect(isRunning(host as number)).toBe(false);
  hosts.push(...hostsOf(network));
  expect((await networkStatus(network)).healthy).toBe(true);
});

test.each([
  ["interrupted", { signal: AbortSignal.timeout(1_500) }],
  ["unhealthy", { timeoutMs: 1_500 }],
])("a start whose host is stuck ends: %s", async (code, control) => {
  const stuck = stopFirstHost();
  const error = await errorOf(Network.start({ nodeCount: 3, sharedProcesses: true }, control, { env: home.env }));
  expect(error.type.code).toBe(code as typeof error.type.code);
  const host = await stuck;
  hosts.push(host);
  await until(() => !isRunning(host));
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test.each([
  ["had not answered", () => true],
  ["had begun to start a node", () => nodeProcessesIn(home.root).length > 0],
])("a host that %s when it got stuck and its starter died ends with the network's stop", async (_, isTime) => {
  const stuck = stopFirstHost(isTime);
  const starter = home.elsewhere("await Network.start({ nodeCount: 3, sharedProcesses: true });");
  const host = await stuck;
  hosts.push(host);
  const runtime = new ProcessRuntime({ clock: systemClock }, { env: home.env, stopGraceMs: 300 });
  const network = Network.read(hostDirectory(host), { env: home.env, runtime });
  await until(() => network.nodes.some(({ dataDir }) => readSpawnRecord(dataDir)?.host?.pid === host));
  starter.kill("SIGKILL");
  await starter.exited;
  // It may have got further until it was stopped.
  for (const { dataDir } of network.nodes) rmSync(join(dataDir, "process.json"), { force: true });
  await network.stop();
  await until(() => !isRunning(host));
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("nodes that cannot start are quoted, and nothing is left", async () => {
  const options = { nodeCount: 3, sharedProcesses: true, defaultFlags: { "log-levle": "debug" } };
  const error = await Network.start(options, {}, { env: home.env }).catch((e: Error) => e);
  expect((error as Error).message).toContain("log-levle");
  expect((error as Error).message).toContain("Did you mean --log-level?");
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("a snapshot has none of what their processes print", async () => {
  await using network = await start(2);
  expect(existsSync(join(network.dir, HOST_LOG))).toBe(true);
  const { path, restarted } = await saveSnapshot(network.dir, "one", {}, { env: home.env });
  hosts.push(...hostsOf(network));
  expect(restarted).toBe(2);
  expect(readdirSync(join(path, "network"))).not.toContain(HOST_LOG);
});

test("nodes go on when the command that started them has ended; one with an app has a process of its own", async () => {
  const app = home.directory.join("app.ts");
  writeFileSync(app, "export default { name: 'quiet', start() {} };\n");
  const withApp = home.directory.join("node.json");
  writeFileSync(withApp, JSON.stringify({ flags: { app } }));
  const args = ["net", "start", "--json", "--node-count", "3", "--shared-processes", "--node", withApp];
  const { code, stdout, stderr } = await runAvx(args, { env: home.env });
  expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
  await using network = Network.read(JSON.parse(stdout).dir, { env: home.env });
  const shared = network.nodes.map(({ dataDir }) => readSpawnRecord(dataDir)?.host?.pid);
  hosts.push(...shared.filter((pid) => pid !== undefined));
  expect(shared.filter((pid) => pid !== undefined)).toHaveLength(2);
  const alone = network.nodes[shared.indexOf(undefined)];
  expect(readJSON(join(alone?.dataDir ?? "", "flags.json")).app).toBe(app);
  expect((await networkStatus(network)).healthy).toBe(true);
});

test("whether nodes share processes is kept for the next start", async () => {
  await using network = await start(2);
  await network.restart();
  hosts.push(...hostsOf(network));

  await using apart = await Network.start({ nodeCount: 12, sharedProcesses: false }, {}, { env: home.env });
  expect(apart.nodes.map(({ dataDir }) => readSpawnRecord(dataDir)?.host)).toEqual(Array(12).fill(undefined));
});

test.skipIf(TMPNETCTL === undefined)(needsTmpnetctl("tmpnetctl restarts and stops nodes that share"), async () => {
  const network = await start(3);
  const tmpnetctl = (...args: string[]) => runTmpnetctl(args, home.env);
  expect((await tmpnetctl("restart-network", "--network-dir", network.dir)).code).toBe(0);
  expect((await networkStatus(network)).healthy).toBe(true);
  await network.restart();
  hosts.push(...hostsOf(network));
  expect((await tmpnetctl("stop-network", "--network-dir", network.dir)).code).toBe(0);
  expect(nodeProcessesIn(home.root)).toEqual([]);
});
