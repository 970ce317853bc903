/** Single nodes of a network, and several commands on one network at once. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Network } from "../../lib/tmpnet/network.ts";
import { homeForEachTest } from "./home.ts";
import { errorOf, fakeNodeProgram, nodeProcessesIn, readJSON, until } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();

/** Runs something of the library in a process of its own, on a network. */
function onNetwork(dir: string, work: string) {
  return home.elsewhere(`const network = Network.read(${JSON.stringify(dir)}); ${work}`);
}

const pidsOf = (network: Network) =>
  network.nodes.map((node) => {
    const state = network.inspect(node);
    return state.status === "running" ? state.pid : undefined;
  });

test("a node that would have nobody to bootstrap from is refused, and not made unless it is not to be started", async () => {
  const network = await home.start({ nodeCount: 1 });
  await network.stop();
  const error = await errorOf(network.addNode());
  expect([error.type.code, error.hint]).toEqual(["option", expect.stringContaining("avx net restart")]);
  expect(readdirSync(network.dir).filter((name) => name.startsWith("NodeID-"))).toHaveLength(1);
  await network.addNode({ start: false });
  expect(network.nodes).toHaveLength(2);
});

test("a node is added, bootstraps from those that run, and is removed with all that it has", async () => {
  const network = await home.start();
  const node = await network.addNode({ flags: { "log-level": "debug" } });
  expect(network.nodes).toHaveLength(3);
  expect(network.inspect(node).status).toBe("running");
  const config = readJSON(join(node.dataDir, "config.json"));
  expect(config).toMatchObject({ isEphemeral: true, flags: { "log-level": "debug" } });
  expect(config.runtimeConfig).toBeUndefined();
  const flags = readJSON(join(node.dataDir, "flags.json"));
  const others = network.nodes.filter((other) => !other.isEphemeral).map(({ nodeID }) => nodeID);
  expect(flags["bootstrap-ids"].split(",").sort()).toEqual([...others].sort());
  expect(flags["log-level"]).toBe("debug");

  await network.removeNode(node.nodeID.slice(0, 14));
  expect(existsSync(node.dataDir)).toBe(false);
  expect(nodeProcessesIn(home.root)).toHaveLength(2);
  expect(network.nodes).toHaveLength(2);
  expect((await errorOf(network.removeNode("nobody"))).message).toContain(network.nodes[0]!.nodeID);
});

test("the only node stays", async () => {
  const network = await home.start({ nodeCount: 1 });
  expect((await errorOf(network.removeNode(network.nodes[0]!.nodeID))).type.code).toBe("option");
  expect(nodeProcessesIn(home.root)).toHaveLength(1);
});

test("nodes are stopped, started and restarted by themselves: no other is touched", async () => {
  const network = await home.start({ nodeCount: 3 });
  const [a, b, c] = network.nodes.map(({ dataDir }) => basename(dataDir)) as [string, string, string];
  const [pidA, pidB, pidC] = pidsOf(Network.read(network.dir)).map(String);
  const pid = (name: string) => String((network.inspect(network.node(name)) as { pid?: number }).pid);
  const before = Object.fromEntries([a, b, c].map((name) => [name, pid(name)]));
  expect([pidA, pidB, pidC].sort()).toEqual(Object.values(before).sort());

  await network.restartNodes([a, b], { flags: { "log-level": "debug" } });
  expect(pid(a)).not.toBe(before[a]!);
  expect(pid(b)).not.toBe(before[b]!);
  expect(pid(c)).toBe(before[c]!);
  expect(network.node(a).flags["log-level"]).toBe("debug");
  expect(network.node(c).flags["log-level"]).toBeUndefined();

  expect((await network.stopNodes([c])).map(({ result }) => result.how)).toEqual(["stopped"]);
  expect(pid(c)).toBe("undefined");
  await network.startNodes([a, c]);
  expect(nodeProcessesIn(home.root)).toHaveLength(3);
});

test("a node that does not start when it is added is none of the network's, and its logs stay", async () => {
  const network = await home.start({ nodeCount: 1 });
  const error = await errorOf(network.addNode({ flags: { fake: "fatal" } }));
  expect(error.type.code).toBe("node-died");
  expect(error.message).toContain("the moon is full");
  expect(network.nodes).toHaveLength(1);
  const [left] = readdirSync(network.dir).filter(
    (name) => name.startsWith("NodeID-") && !network.nodes.some((n) => basename(n.dataDir) === name),
  );
  expect(existsSync(join(network.dir, left!, "logs", "main.log"))).toBe(true);
  await network.restart();
  expect(nodeProcessesIn(home.root)).toHaveLength(1);
});

test("several programs in one network, each node with its own", async () => {
  const network = await home.start();
  const other = fakeNodeProgram(home.directory.join("networks"));
  const node = await network.addNode({ avalanchegoPath: other, pluginDir: home.directory.join("plugins") });
  expect(readJSON(join(node.dataDir, "config.json")).runtimeConfig.process).toMatchObject({
    avalancheGoPath: other,
    pluginDir: home.directory.join("plugins"),
  });
  await network.restart();
  expect(nodeProcessesIn(home.root)).toHaveLength(3);
  const error = await errorOf(network.addNode({ avalanchegoPath: "/nowhere/avalanchego" }));
  expect(error.type.code).toBe("binary");
  expect(network.nodes).toHaveLength(3);
});

test("five nodes added at once, by as many processes, are five", async () => {
  const network = await home.start({ nodeCount: 1 });
  const others = Array.from({ length: 4 }, () => onNetwork(network.dir, "await network.addNode();"));
  await Promise.all([network.addNode(), ...others.map(({ exited }) => exited)]);
  expect(others.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0, 0]);
  expect(Network.read(network.dir).nodes).toHaveLength(6);
  expect(nodeProcessesIn(home.root)).toHaveLength(6);
});

test("a restart and a node that is added, a start and a stop: one after the other", async () => {
  const network = await home.start();
  const adding = onNetwork(network.dir, "await network.addNode();");
  await network.restart();
  expect(await adding.exited).toBe(0);
  expect(nodeProcessesIn(home.root)).toHaveLength(3);

  const starting = onNetwork(network.dir, "await network.restart().catch(() => {});");
  const stops = await Promise.all([network.stop(), Network.stop(network.dir, {}, { env: home.env })]);
  expect(stops.flat().filter(({ result }) => result.how === "killed")).toEqual([]);
  await starting.exited; // it may have been asked to give up
  await network.stop();
  expect(nodeProcessesIn(home.root)).toEqual([]);
  expect(readdirSync(network.dir).filter((name) => /\.tmp$|^avx\.lock/.test(name))).toEqual([]);
});

test("a stop does not wait until nodes are healthy: the start gives up", async () => {
  const network = await home.start({ nodeCount: 2 });
  await network.stop();
  const starting = onNetwork(
    network.dir,
    `await network.restart({ flags: { fake: "unhealthy" } }).catch((error) => process.exit(error.type.code === "interrupted" ? 3 : 4));`,
  );
  await until(() => nodeProcessesIn(home.root).length === 2, 20_000);
  const busy: string[] = [];
  await network.stop({
    onProgress: (progress) => {
      if (progress.kind === "busy") busy.push(progress.holder.purpose);
    },
  });
  expect(await starting.exited).toBe(3);
  expect(busy).toEqual(["restarting the network"]);
  expect(nodeProcessesIn(home.root)).toEqual([]);
  expect(existsSync(join(network.dir, "avx.stop"))).toBe(false);
});

test("configuration is changed while others change it, too", async () => {
  const network = await home.start({ nodeCount: 1 });
  const set = (name: string) =>
    `await network.updateConfig((config) => ({ ...config, defaultFlags: { ...config.defaultFlags, ${JSON.stringify(name)}: "1" } }));`;
  const names = ["a", "b", "c", "d"];
  await Promise.all(names.map((name) => onNetwork(network.dir, set(name)).exited));
  expect(Network.read(network.dir).config.defaultFlags).toMatchObject({ a: "1", b: "1", c: "1", d: "1" });
  const node = await network.updateNode(network.nodes[0]!.nodeID, (before) => ({ ...before, isEphemeral: true }));
  expect(node.isEphemeral).toBe(true);
});

test("a data directory that was deleted under a running node hurts no other", async () => {
  const network = await home.start({ nodeCount: 2 });
  const [first, second] = network.nodes;
  rmSync(first!.dataDir, { recursive: true });
  const stops = await Network.stop(network.dir, {}, { env: home.env });
  expect(stops.map(({ nodeID }) => nodeID)).toContain(second!.nodeID);
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("a pid that belongs to somebody else now is left alone", async () => {
  const network = await home.start({ nodeCount: 1 });
  const [node] = network.nodes;
  process.kill((network.inspect(node!) as { pid: number }).pid, "SIGKILL");
  await until(() => nodeProcessesIn(home.root).length === 0);
  const bystander = Bun.spawn(["sleep", "60"]);
  try {
    const context = { pid: bystander.pid, uri: "http://127.0.0.1:1", stakingAddress: "127.0.0.1:2" };
    writeFileSync(join(node!.dataDir, "process.json"), JSON.stringify(context));
    expect((await network.stop()).map(({ result }) => result.how)).toEqual(["not-running"]);
    expect(bystander.exitCode).toBeNull();
    expect(existsSync(join(node!.dataDir, "process.json"))).toBe(false);
    await network.restart();
    expect(nodeProcessesIn(home.root)).toHaveLength(1);
    expect(bystander.exitCode).toBeNull();
  } finally {
    bystander.kill();
  }
});
