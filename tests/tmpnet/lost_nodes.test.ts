/** Nodes whose directories are deleted, renamed or moved while they run: a stop finds them and ends what is proven. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { networkDirName } from "../../lib/tmpnet/disk/layout.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { findOrphansOf } from "../../lib/tmpnet/orphans.ts";
import { removeNetwork } from "../../lib/tmpnet/remove.ts";
import { networkStatusAt } from "../../lib/tmpnet/status.ts";
import { stopAllNetworks } from "../../lib/tmpnet/stop_all.ts";
import { runAvx } from "../support/cli.ts";
import { homeForEachTest } from "./home.ts";
import { errorOf, nodeProcessesIn, until } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();

function started(nodeCount = 3): Promise<Network> {
  return home.start({ nodeCount });
}

const stop = (dir: string) => Network.stop(dir, {}, { env: home.env });
const removeAll = (path: string) => rmSync(path, { recursive: true });

/** How a network can be lost sight of; returns the directory that is to be stopped. */
const LOSSES: [string, (network: Network) => string][] = [
  [
    "a node's directory was deleted, and another's renamed",
    ({ dir, nodes }) => {
      removeAll(nodes[0]!.dataDir);
      renameSync(nodes[1]!.dataDir, join(dir, "kept"));
      return dir;
    },
  ],
  [
    "the network's directory was deleted",
    ({ dir }) => {
      removeAll(dir);
      return dir;
    },
  ],
  [
    "all that is in the network's directory was deleted",
    ({ dir }) => {
      for (const name of readdirSync(dir)) removeAll(join(dir, name));
      return dir;
    },
  ],
  [
    "the network's directory was moved",
    ({ dir }) => {
      const moved = join(dir, "..", "moved");
      renameSync(dir, moved);
      return moved;
    },
  ],
  [
    "a node has lost its configuration and all notes about it",
    ({ dir, nodes }) => {
      for (const name of ["config.json", "process.json", "avx-process.json"]) rmSync(join(nodes[0]!.dataDir, name));
      return dir;
    },
  ],
];

test.each(LOSSES)("where %s, a stop ends all of it, and what collectors were told is taken back", async (_, lose) => {
  const { root, directory } = home;
  const network = await started();
  const other = await started(1);
  const dir = lose(network);
  const stops = await stop(dir);
  expect(stops.filter(({ result }) => result.how === "stopped")).toHaveLength(3);
  expect(stops.flatMap(({ result }) => (result.how === "not-running" ? result.unproven : []))).toEqual([]);
  expect(nodeProcessesIn(root)).toEqual(nodeProcessesIn(other.dir));
  const told = readdirSync(directory.join(".tmpnet", "prometheus", "file_sd_configs"));
  expect(told.map((name) => name.split("_")[0])).toEqual([other.uuid]);
  await other.stop();
});

test("a stop of all networks finds a network that was moved by the notes where its nodes work", async () => {
  const { root, env, directory } = home;
  const { dir } = await started(1);
  renameSync(dir, directory.join("moved"));
  const { orphans, unproven } = await stopAllNetworks(root, {}, { env });
  expect(orphans.map(({ how }) => how)).toEqual(["stopped"]);
  expect(unproven).toEqual([]);
});

test("nodes of a network that was copied and deleted are not the copy's", async () => {
  const { root } = home;
  const { dir } = await started(1);
  const copy = join(root, "copy");
  cpSync(dir, copy, { recursive: true });
  removeAll(dir);
  const running = nodeProcessesIn(root);
  expect(running).toHaveLength(1);
  expect(findOrphansOf(copy)).toEqual([]);
  expect((await stop(copy)).map(({ result }) => result)).toEqual([{ how: "not-running", unproven: [] }]);
  expect(nodeProcessesIn(root)).toEqual(running);
  await stop(dir);
  expect(nodeProcessesIn(root)).toEqual([]);
});

test("status names a process that lost its directory; a network of which one runs is not removed", async () => {
  const { env } = home;
  const { dir, nodes } = await started(2);
  const { dataDir } = nodes[0]!;
  const [pid] = nodeProcessesIn(dataDir);
  removeAll(dataDir);
  const { faults } = await networkStatusAt(dir, {}, { env });
  expect(faults).toEqual([
    {
      part: "process",
      code: "orphan",
      what: expect.stringContaining(`process ${pid} runs on`),
      since: expect.anything(),
    },
  ]);
  const [, other] = nodes;
  await Network.read(dir, { env }).stopNodes([other!.nodeID]);
  expect((await errorOf(removeNetwork(dir, {}, { env }))).type.code).toBe("running");
  await removeNetwork(dir, { stop: true }, { env });
  expect(nodeProcessesIn(dir)).toEqual([]);
  expect(existsSync(dir)).toBe(false);
});

test("a restart ends a node whose directory was deleted", async () => {
  const { dir, nodes } = await started(2);
  const [pid] = nodeProcessesIn(nodes[0]!.dataDir);
  removeAll(nodes[0]!.dataDir);
  const again = await home.read(dir).restart();
  const running = nodeProcessesIn(dir);
  expect(running).toHaveLength(1);
  expect(running).not.toContain(pid!);
  await again.stop();
});

test("a process that only has the command line of a node that is gone is told, and left alone", async () => {
  const { root } = home;
  const dir = join(root, networkDirName(Date.now() - 5_000, ""));
  mkdirSync(dir, { recursive: true });
  // In the network's directory, and in none of its nodes'.
  const command = ["sh", "-c", "sleep 60; :", "--config-file", join(dir, "NodeID-A", "flags.json")];
  const decoy = Bun.spawn(command, { cwd: dir });
  try {
    await until(() => nodeProcessesIn(root).length === 1);
    expect((await stop(dir)).map(({ nodeID, result }) => [String(nodeID), result])).toEqual([
      ["NodeID-A", { how: "not-running", unproven: [decoy.pid] }],
    ]);
    removeAll(dir);
    expect((await stop(dir)).map(({ orphan }) => orphan?.proven)).toEqual([false]);
    expect(decoy.exitCode).toBeNull();
  } finally {
    decoy.kill("SIGKILL");
    await decoy.exited;
  }
  expect((await errorOf(stop(dir))).type.code).toBe("no-network");
});

test("typed: a network that is gone is stopped by its name and as the latest, and named by every command", async () => {
  const { root, directory } = home;
  const { dir } = await started(1);
  const [pid] = nodeProcessesIn(dir);
  removeAll(dir);
  const env = { HOME: directory.path, TMPNET_ROOT_NETWORK_DIR: root, NO_COLOR: "1" };
  const status = await runAvx(["net", "status"], { env });
  expect(status.code).toBe(1);
  expect(status.stderr).toContain(`process ${pid} runs on`);
  expect(status.stderr).toContain(`net stop --network-dir ${dir}`);
  const stopped = await runAvx(["net", "stop", "--json"], { env });
  expect(stopped.code).toBe(0);
  expect(JSON.parse(stopped.stdout)).toEqual({
    dir,
    nodes: [
      {
        nodeID: expect.stringMatching(/^NodeID-/),
        how: "stopped",
        orphan: { kind: "lost-node", pid, dataDir: join(dir, basename(JSON.parse(stopped.stdout).nodes[0].nodeID)) },
      },
    ],
  });
  const again = await runAvx(["net", "stop", "--network-dir", dir], { env });
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining(`There is no network directory at ${dir}`) });
});
