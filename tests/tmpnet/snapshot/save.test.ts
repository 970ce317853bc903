/** What is saved of a network of nodes that do nothing, how, and what is left where that fails. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { loadSnapshot } from "../../../lib/tmpnet/snapshot/load.ts";
import { type SnapshotProgress, saveSnapshot } from "../../../lib/tmpnet/snapshot/save.ts";
import { listSnapshots, removeSnapshot } from "../../../lib/tmpnet/snapshot/store.ts";
import { CAN_MOUNT, needsMount, smallDisk } from "../../support/small_disk.ts";
import { homeForEachTest } from "../home.ts";
import { errorOf, fillState, snapshotsOf } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();
const { load, save, snapshotsDir, stoppedNetwork } = snapshotsOf(home);

test("a stopped network is saved: state and configuration, without what tells of one run", async () => {
  const network = await stoppedNetwork();
  const { path, manifest, restarted } = await save(network);
  expect(restarted).toBe(0);
  expect(manifest).toMatchObject({
    owner: "me",
    networkID: 88888,
    ownNodes: false,
    dir: network.dir,
    uuid: network.uuid,
  });
  expect(manifest.programs.map((each) => each.path)).toEqual([home.program]);
  const [node] = network.nodes;
  const content = join(path, "network");
  expect(readdirSync(content).sort()).toEqual(
    ["avx.json", "config.json", "genesis.json", ...network.nodes.map(({ dataDir }) => basename(dataDir))].sort(),
  );
  expect(readdirSync(join(content, basename(node!.dataDir))).sort()).toEqual(["config.json", "db"]);
  const state = join(content, basename(node!.dataDir), "db", "network-88888");
  expect(readFileSync(join(state, "LATEST"), "utf8")).toBe(`state of ${basename(node!.dataDir)}`);
  expect(statSync(join(state, "000001.log")).mode & 0o777).toBe(0o640);
  expect(statSync(path).mode & 0o777).toBe(0o700);
  expect(listSnapshots(snapshotsDir())).toMatchObject([{ name: "one", dir: path }]);
  expect(readdirSync(snapshotsDir())).toEqual(["one"]);
});

test("of a running network those nodes run again that ran, and what happens is told", async () => {
  await using network = await home.start({ nodeCount: 3 });
  const [first] = network.nodes;
  await network.stopNodes([first!.nodeID]);
  const told: SnapshotProgress["kind"][] = [];
  const { restarted } = await save(network, "one", { onProgress: ({ kind }) => told.push(kind) });
  expect(restarted).toBe(2);
  expect([...new Set(told)]).toEqual(["stopping", "copying", "restarting", "node"]);
  expect(network.inspect(first!).status).toBe("stopped");
  expect(network.nodeUris()).toHaveLength(2);
});

test("when the copying fails, or is given up, what ran runs again and nothing is left", async () => {
  await using network = await home.start();
  for (const { dataDir } of network.nodes) fillState(dataDir);
  const abort = new AbortController();
  const onProgress = ({ kind }: SnapshotProgress) => kind === "copying" && abort.abort();
  for (const target of ["one", home.directory.join("one.tar.zst")]) {
    const error = await errorOf(save(network, target, { signal: abort.signal, onProgress }));
    expect(error.type.code).toBe("interrupted");
    expect(network.nodeUris()).toHaveLength(2);
    expect(listSnapshots(snapshotsDir())).toEqual([]);
  }
  expect(readdirSync(home.directory.path).filter((name) => name.includes("tar"))).toEqual([]);
  symlinkSync("/etc/hostname", join(network.nodes[0]!.dataDir, "db", "outside"));
  expect((await errorOf(save(network))).type.code).toBe("outside");
  expect(network.nodeUris()).toHaveLength(2);
});

test("names", async () => {
  const network = await stoppedNetwork();
  for (const name of ["", ".", "..", "../up", "a/b", "/abs", ".hidden", "a b", "a\n", "x".repeat(101), "-x", "a.tmp"]) {
    expect([name, (await errorOf(save(network, name))).type.code]).toEqual([name, "name"]);
    expect([name, (await errorOf(load(name))).type.code]).toEqual([name, "name"]);
    expect(() => removeSnapshot(name, snapshotsDir())).toThrow("is no name for a snapshot");
  }
  await save(network, "v1.14_two+x@y-z");
  expect((await errorOf(save(network, "v1.14_two+x@y-z"))).type.code).toBe("exists");
  const error = await errorOf(load("nothing"));
  expect([error.type.code, error.hint]).toEqual(["no-snapshot", "Snapshots that there are: v1.14_two+x@y-z"]);
  removeSnapshot("v1.14_two+x@y-z", snapshotsDir());
  expect(readdirSync(snapshotsDir())).toEqual([]);
  expect((await errorOf(load(home.directory.join("none.tar.zst")))).type.code).toBe("no-snapshot");
  expect((await errorOf(saveSnapshot(home.directory.join("none"), "x", {}, { env: home.env }))).type.code).toBe(
    "no-network",
  );
});

test("a directory that cannot be written to is told, and nothing is lost", async () => {
  const network = await stoppedNetwork();
  await save(network);
  writeFileSync(home.directory.join("file"), "");
  expect((await errorOf(load("one", { rootNetworkDir: home.directory.join("file", "x") }))).type.code).toBe(
    "unwritable",
  );
  expect(
    (
      await errorOf(
        saveSnapshot(network.dir, "two", { snapshotsDir: home.directory.join("file", "x") }, { env: home.env }),
      )
    ).type.code,
  ).toBe("unwritable");
  expect((await errorOf(save(network, home.directory.join("file", "x.tar.gz")))).type.code).toBe("unwritable");
});

test.skipIf(!CAN_MOUNT)(
  needsMount("a disk that is full, or read-only: what ran runs again, and no half of a snapshot is left"),
  async () => {
    using disk = smallDisk(256 * 1024 * 1024);
    await using network = await home.start();
    const { dataDir } = network.nodes[0] as { dataDir: string };
    writeFileSync(join(dataDir, "big"), Buffer.alloc(100_000_000, "state"));
    const options = { snapshotsDir: disk.join("snapshots") };
    const saveThere = (target: string) => saveSnapshot(network.dir, target, options, { env: home.env });
    disk.fill(120_000_000);
    const error = await errorOf(saveThere("one"));
    expect(error.type).toMatchObject({ code: "no-space", path: disk.join("snapshots") });
    disk.fill(4_096);
    expect((await errorOf(saveThere(disk.join("one.tar.zst")))).type.code).toBe("no-space");
    disk.clear();
    disk.readOnly(true);
    expect((await errorOf(saveThere("one"))).type.code).toBe("unwritable");
    expect((await errorOf(saveThere(disk.join("one.tar.zst")))).type.code).toBe("unwritable");
    disk.readOnly(false);
    expect(network.nodeUris()).toHaveLength(2);
    expect(readdirSync(disk.path)).toEqual(["snapshots"]);
    expect(readdirSync(disk.join("snapshots"))).toEqual([]);
    await saveThere("one");

    using small = smallDisk(96 * 1024 * 1024);
    const load = loadSnapshot("one", { ...options, rootNetworkDir: small.path }, { env: home.env });
    expect((await errorOf(load)).type.code).toBe("no-space");
    expect(readdirSync(small.path)).toEqual([]);
  },
);
