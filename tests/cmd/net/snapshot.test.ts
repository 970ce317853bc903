/** `avx net snapshot`, by its command line. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { main } from "../../../cmd/main.ts";
import { Network } from "../../../lib/tmpnet/network.ts";
import { listSnapshots } from "../../../lib/tmpnet/snapshot/store.ts";
import { AVX_SOURCE } from "../../support/cli.ts";
import { capturedContext } from "../../support/context.ts";
import { homeForEachTest } from "../../tmpnet/home.ts";
import { fakeNodeProgram, nodeProcessesIn } from "../../tmpnet/support.ts";

setDefaultTimeout(120_000);

const home = homeForEachTest();

const snapshots = () => home.directory.join(".tmpnet", "snapshots");

async function avx(...args: string[]) {
  const context = capturedContext({ env: home.env, cwd: home.directory.path });
  const code = await main(["net", ...args], context);
  return { code, stdout: context.stdout.text, stderr: context.stderr.text };
}

test("nodes of avx: saved while they run, loaded by name and from a file, listed, removed", async () => {
  expect((await avx("start", "--json")).code).toBe(0);
  const saved = await avx("snapshot", "save", "light");
  expect(saved).toMatchObject({ code: 0 });
  expect(saved.stderr).toContain("Stopping 2 nodes for the moment of copying\nCopying: ");
  expect(saved.stderr).toContain("Starting 2 nodes again\n");
  expect(saved.stdout).toContain(`Saved 2 nodes, `);
  expect(saved.stdout).toContain(
    "2 nodes stopped for it, and running again\nTo make a network from it: avx net snapshot load light",
  );

  expect(JSON.parse((await avx("snapshot", "load", "light", "--json")).stdout).nodes).toHaveLength(2);
  expect((await avx("snapshot", "save", "light.tar.zst", "--json")).code).toBe(0);
  expect(existsSync(home.directory.join("light.tar.zst"))).toBe(true);
  // Nodes of avx are run by this avx, wherever the file comes from.
  expect((await avx("snapshot", "load", "light.tar.zst")).stdout).toContain("2 nodes healthy");
  const networks = JSON.parse((await avx("list", "--json")).stdout) as { uuid: string; runningCount: number }[];
  expect(networks.map(({ runningCount }) => runningCount)).toEqual([2, 2, 2]);
  expect(new Set(networks.map(({ uuid }) => uuid)).size).toBe(3);

  expect((await avx("snapshot", "list")).stdout).toMatch(
    /^SNAPSHOT +SAVED +NODES +SIZE +RUN BY\nlight +\d{4}-.* 2 .* avx\n$/,
  );
  expect(JSON.parse((await avx("snapshot", "list", "--json")).stdout)).toMatchObject([
    { name: "light", manifest: { ownNodes: true } },
  ]);
  expect((await avx("snapshot", "export", "light", "out.tgz")).stdout).toBe(
    `Wrote ${home.directory.join("out.tgz")}\n`,
  );
  expect((await avx("snapshot", "import", "out.tgz")).stdout).toContain("Took out.tgz as out\n");
  const made = await avx("snapshot", "load", "out", "--no-start");
  expect(made.stdout).toMatch(/^Made .*\nTo start it: avx net restart\n$/);
  expect((await avx("snapshot", "remove", "light", "out")).stdout).toBe(
    "Removed the snapshot light\nRemoved the snapshot out\n",
  );
  expect((await avx("snapshot", "list", "--json")).stdout).toBe("[]\n");
});

test("what is wrong is told", async () => {
  expect(await avx("snapshot", "save", "x")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("No network was started"),
  });
  expect(await avx("snapshot", "load", "x")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("There is no snapshot x"),
  });
  expect(await avx("snapshot", "remove", "../x")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("is no name"),
  });
  expect(await avx("snapshot", "export", "x", "y")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(".tar.zst"),
  });
  expect((await avx("snapshot")).code).toBe(2);
  expect((await avx("snapshot", "load")).code).toBe(2);
  writeFileSync(home.directory.join("bad.tar.gz"), "nothing");
  const bad = await avx("snapshot", "load", "bad.tar.gz");
  expect([bad.code, bad.stderr]).toEqual([1, "avx: The archive is neither zstd nor gzip\n"]);
});

test("killed at any moment, a save or a load leaves no half of anything, and the next one clears away", async () => {
  const network = await Network.start({ avalanchegoPath: fakeNodeProgram(home.directory.path) }, {}, { env: home.env });
  for (const { dataDir } of network.nodes) {
    mkdirSync(join(dataDir, "db"));
    for (let i = 0; i < 60; i++) writeFileSync(join(dataDir, "db", `${i}.sst`), Buffer.alloc(1_000_000, i));
  }
  await network.stop();
  const kill = async (afterMs: number, ...args: string[]) => {
    const child = Bun.spawn([...AVX_SOURCE, "net", "snapshot", ...args], {
      env: home.env,
      stdout: "ignore",
      stderr: "ignore",
    });
    await Bun.sleep(afterMs);
    child.kill("SIGKILL");
    await child.exited;
  };
  for (let i = 0; i < 5; i++) {
    await kill(150 + i * 40, "save", "big");
    for (const { problem } of listSnapshots(snapshots())) expect(problem).toBeUndefined();
    rmSync(join(snapshots(), "big"), { recursive: true, force: true });
  }
  expect(await avx("snapshot", "save", "big")).toMatchObject({ code: 0 });
  expect(readdirSync(snapshots())).toEqual(["big"]);

  for (let i = 0; i < 5; i++) await kill(150 + i * 40, "load", "big", "--no-start");
  for (const { state, nodeCount } of JSON.parse((await avx("list", "--json")).stdout)) {
    expect([state, nodeCount]).toEqual(["stopped", 2]);
  }
  expect((await avx("snapshot", "load", "big")).code).toBe(0);
  expect(nodeProcessesIn(home.directory.path)).toHaveLength(2);
  expect((await avx("clean", "--all", "--stop")).code).toBe(0);
  expect(readdirSync(home.directory.join("networks")).filter((name) => name.endsWith(".tmp"))).toEqual([]);
});
