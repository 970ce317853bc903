import { beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../lib/core/clock.ts";
import { writeProcessContext } from "../../lib/platform/process_context.ts";
import { networkDirName } from "../../lib/tmpnet/disk/layout.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { endOrphans, findOrphans } from "../../lib/tmpnet/orphans.ts";
import { parseLsof } from "../../lib/tmpnet/runtime/process_details.ts";
import { type ProcessInfo, type ProcessTable, systemProcessTable } from "../../lib/tmpnet/runtime/process_table.ts";
import { stopAllNetworks } from "../../lib/tmpnet/stop_all.ts";
import { homeForEachTest } from "./home.ts";
import { madeNetwork, madeNode } from "./made_networks.ts";
import { nodeProcessesIn, until } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();
beforeEach(() => mkdirSync(home.root));

test("nodes whose network was deleted are found and ended, and no other process", async () => {
  const network = await home.start();
  const other = await home.start();
  rmSync(network.dir, { recursive: true });
  const orphans = findOrphans(home.root, home.env);
  expect(orphans.map(({ kind, proven }) => [kind, proven])).toEqual([
    ["lost-node", true],
    ["lost-node", true],
  ]);
  const ended = await endOrphans(orphans, { clock: systemClock });
  expect(ended.map(({ how }) => how)).toEqual(["stopped", "stopped"]);
  expect(nodeProcessesIn(network.dir)).toEqual([]);
  expect(nodeProcessesIn(other.dir)).toHaveLength(2);
  expect(findOrphans(home.root, home.env)).toEqual([]);
  await other.stop();
});

test("a process with the command line of a node that is gone, and nothing else of it, is told and left alone", async () => {
  const dir = join(home.root, networkDirName(Date.now() - 5_000, ""));
  const decoy = Bun.spawn(["sh", "-c", "sleep 60; :", "--config-file", join(dir, "NodeID-A", "flags.json")], {
    cwd: "/",
  });
  try {
    await until(() => nodeProcessesIn(home.root).length === 1);
    const orphans = findOrphans(home.root, home.env);
    expect(orphans.map(({ proven, process }) => [proven, process.pid])).toEqual([[false, decoy.pid]]);
    expect(await endOrphans(orphans, { clock: systemClock })).toEqual([]);
    const { unproven } = await stopAllNetworks(home.root, {}, { env: home.env });
    expect(unproven.map(({ process }) => process.pid)).toEqual([decoy.pid]);
    expect(decoy.exitCode).toBeNull();
  } finally {
    decoy.kill("SIGKILL");
    await decoy.exited;
  }
});

test("a process that began before the network of its command line was made is not of it", async () => {
  const dir = join(home.root, networkDirName(Date.now() + 3_600_000, ""));
  mkdirSync(join(dir, "NodeID-A"), { recursive: true });
  const decoy = Bun.spawn(["sh", "-c", "sleep 60; :", "--config-file", join(dir, "NodeID-A", "flags.json")], {
    cwd: join(dir, "NodeID-A"),
  });
  try {
    await until(() => nodeProcessesIn(home.root).length === 1);
    expect(findOrphans(home.root, home.env).map(({ proven }) => proven)).toEqual([false]);
  } finally {
    decoy.kill("SIGKILL");
    await decoy.exited;
  }
});

test("processes of another user, and of another root, are not looked at", async () => {
  const network = await home.start();
  rmSync(network.dir, { recursive: true });
  expect(findOrphans(home.root, home.env, { uid: 12_345 })).toEqual([]);
  expect(findOrphans(home.directory.join("elsewhere"), home.env)).toEqual([]);
  await endOrphans(findOrphans(home.root, home.env), { clock: systemClock });
});

test.each([
  ["the first process of all", () => 1],
  ["this very process", () => process.pid],
  ["a process that does something else", () => undefined],
])("a forged process.json that names %s ends nobody", async (_, pidOf) => {
  const bystander = Bun.spawn(["sleep", "60"]);
  const pid = pidOf() ?? bystander.pid;
  const { dir, nodes } = madeNetwork(home.root, "20260101-000000", "A");
  writeProcessContext(join(nodes[0] as string, "process.json"), {
    pid,
    uri: "http://127.0.0.1:1",
    stakingAddress: "127.0.0.1:2",
  });
  try {
    await stopAllNetworks(home.root, {}, { env: home.env });
    const [stopped] = await Network.stop(dir, {}, { env: home.env });
    expect(stopped?.result.how).toBe("not-running");
    expect(bystander.exitCode).toBeNull();
  } finally {
    bystander.kill("SIGKILL");
    await bystander.exited;
  }
});

test.skipIf(process.platform !== "linux")(
  "a plugin whose node was killed is found by its session, its path and its start, and ended",
  async () => {
    const { dir, nodes } = madeNetwork(home.root, "20260101-000000", "A");
    const dataDir = nodes[0] as string;
    const plugins = home.directory.join("plugins");
    mkdirSync(plugins);
    const plugin = join(plugins, "v3m4wPxaHpvGr8qfMeyK6PRW3idZrPHmYcMTt7oXdK47yurVH");
    // The shell keeps its own name; a copy of it has the plugin's.
    writeFileSync(plugin, readFileSync("/bin/sleep"), { mode: 0o700 });
    const pidFile = home.directory.join("pid");
    const script = `AVALANCHE_VM_RUNTIME_ENGINE_ADDR=127.0.0.1:1 ${plugin} 60 & echo $! > ${pidFile}; sleep 60`;
    const { spawn } = await import("node:child_process");
    const node = spawn("/bin/sh", ["-c", script], { detached: true, stdio: "ignore", cwd: dataDir });
    await until(() => existsSync(pidFile) && readFileSync(pidFile, "utf8").trim() !== "");
    const pid = Number(readFileSync(pidFile, "utf8"));
    writeFileSync(join(dataDir, "flags.json"), JSON.stringify({ "plugin-dir": plugins }));
    const note = { spawnedAt: Date.now() - 10_000, process: { pid: node.pid, startMark: "gone" } };
    writeFileSync(join(dataDir, "avx-process.json"), JSON.stringify(note));
    try {
      await until(() => readFileSync(`/proc/${pid}/cmdline`, "utf8").startsWith(plugin));
      // As long as its node lives it is the node's.
      expect(findOrphans(home.root, home.env)).toEqual([]);
      const closed = new Promise((resolve) => node.once("close", resolve));
      process.kill(node.pid as number, "SIGKILL");
      await closed;
      const orphans = findOrphans(home.root, home.env);
      expect(orphans.map((orphan) => [orphan.kind, orphan.process.pid, orphan.dataDir, orphan.proven])).toEqual([
        ["lost-plugin", pid, dataDir, true],
      ]);
      // What does not lie in the node's plugin directory is not proven to be its plugin.
      writeFileSync(join(dataDir, "flags.json"), JSON.stringify({ "plugin-dir": "/elsewhere" }));
      expect(findOrphans(home.root, home.env).map(({ proven }) => proven)).toEqual([false]);
      // And where all of the network is gone, the directory that it works in tells, and its name when it was made.
      rmSync(dir, { recursive: true });
      expect(findOrphans(home.root, home.env).map(({ kind, proven }) => [kind, proven])).toEqual([
        ["lost-plugin", true],
      ]);
      const { orphans: ended } = await stopAllNetworks(home.root, {}, { env: home.env });
      expect(ended.map(({ how }) => how)).toEqual(["stopped"]);
      expect(systemProcessTable().read(pid)).toBeUndefined();
    } finally {
      for (const each of [pid, node.pid as number]) {
        try {
          process.kill(each, "SIGKILL");
        } catch {
          // It has ended.
        }
      }
    }
  },
);

test("nodes of a start that was killed are told, as long as no command is at work on their network", () => {
  const { dir } = madeNetwork(home.root, "20260101-000000", "");
  const dataDir = madeNode(dir, "A");
  const info: ProcessInfo = {
    pid: 4_000_000,
    startMark: "m",
    startedAt: Date.now(),
    commandLine: `/bin/node --config-file ${dataDir}/flags.json`,
    leadsGroup: true,
  };
  const table: ProcessTable = {
    read: (pid) => (pid === info.pid ? info : undefined),
    list: (wanted) => (wanted(info.commandLine) ? [info] : []),
  };
  const details = () => ({ uid: 7, files: [], environment: new Set<string>() });
  const find = () => findOrphans(home.root, {}, { table, details, uid: 7 });
  expect(find()).toEqual([]); // a node of a network that was healthy once
  writeFileSync(join(dir, "avx-start.json"), JSON.stringify({ begunAt: 1 }));
  expect(find().map(({ kind, proven }) => [kind, proven])).toEqual([["abandoned-node", false]]);
  writeFileSync(
    join(dataDir, "avx-process.json"),
    JSON.stringify({ spawnedAt: 1, process: { pid: info.pid, startMark: "m" } }),
  );
  expect(find().map(({ proven }) => proven)).toEqual([true]);
});

test("what lsof prints is read by its fields, whatever is in a name", () => {
  expect(parseLsof("p42\nfcwd\nn/net work/NodeID-a\nf3\nn127.0.0.1:9650\nf4\nn/net/db/LOCK\n")).toEqual([
    "/net work/NodeID-a",
    "/net/db/LOCK",
  ]);
  expect(parseLsof("")).toEqual([]);
});
