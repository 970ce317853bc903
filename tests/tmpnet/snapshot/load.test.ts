/** What is made of a snapshot, here and elsewhere. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, renameSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeSubnet } from "../../../lib/tmpnet/disk/subnets.ts";
import { listNetworks } from "../../../lib/tmpnet/listing.ts";
import { checkPorts } from "../../../lib/tmpnet/ports.ts";
import { exportSnapshot, importSnapshot, loadSnapshot } from "../../../lib/tmpnet/snapshot/load.ts";
import type { SnapshotProgress } from "../../../lib/tmpnet/snapshot/save.ts";
import { listSnapshots } from "../../../lib/tmpnet/snapshot/store.ts";
import { freePorts } from "../../support/ports.ts";
import { homeForEachTest } from "../home.ts";
import { nodeProcessesIn, readJSON } from "../support.ts";
import { errorOf, snapshotsOf } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();
const { expectNetworks, load, save, snapshotsDir, stoppedNetwork } = snapshotsOf(home);

test("loaded twice beside itself it is three networks, with other uuids, places and ports", async () => {
  const network = await stoppedNetwork({ basePort: await freeBasePort() });
  await save(network);
  const copies = [await load(), await load()];
  await network.restart();
  const all = [network, ...copies];
  expect(new Set(all.map(({ uuid }) => uuid)).size).toBe(3);
  expect(new Set(all.map(({ dir }) => dir)).size).toBe(3);
  expect(new Set(all.flatMap((each) => each.nodeUris().map(({ uri }) => uri))).size).toBe(6);
  for (const copy of copies) {
    expect(copy.owner).toBe("me");
    expect(copy.networkID).toBe(network.networkID);
    expect(copy.nodes.map(({ nodeID }) => nodeID).sort()).toEqual(network.nodes.map(({ nodeID }) => nodeID).sort());
    expect(copy.preFundedKeys).toHaveLength(network.preFundedKeys.length);
    for (const { dataDir } of copy.nodes) {
      expect(readFileSync(join(dataDir, "db", "network-88888", "LATEST"), "utf8")).toStartWith("state of");
      expect(readJSON(join(dataDir, "flags.json"))).toMatchObject({ "data-dir": dataDir, "http-port": "0" });
    }
    // No path of the old place is left anywhere.
    for (const file of textFilesIn(copy.dir)) expect(readFileSync(file, "utf8")).not.toContain(network.dir);
    expect(readFileSync(join(copy.dir, "network.env"), "utf8")).toContain(copy.dir);
  }
  expect(listNetworks(home.root, home.env).find(({ latest }) => latest)?.dir).toBe(copies[1]!.dir);
  for (const each of all) await each.stop();
  expect(nodeProcessesIn(home.root)).toEqual([]);
});

test("ports that are fixed are asked for again where that is wanted", async () => {
  const basePort = await freeBasePort();
  const network = await stoppedNetwork({ basePort });
  await save(network);
  await using copy = await load("one", { keepPorts: true });
  expect(
    copy
      .nodeUris()
      .map(({ uri }) => Number(new URL(uri).port))
      .sort(),
  ).toEqual([basePort, basePort + 2]);
});

test("one file carries it: it needs to be told what runs its nodes, and has another place", async () => {
  const network = await stoppedNetwork();
  for (const ending of ["tar.zst", "tar.gz", "tgz"]) {
    const path = home.directory.join(`carried.${ending}`);
    await save(network, path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const refused = await errorOf(load(path));
    expect(refused.type.code).toBe("untrusted");
    expect(refused.message).toContain(home.program);
    await using copy = await load(path, { avalanchegoPath: home.program });
    expect(copy.nodeUris()).toHaveLength(2);
    for (const { dataDir } of copy.nodes) {
      expect(readFileSync(join(dataDir, "db", "network-88888", "LATEST"), "utf8")).toStartWith("state of");
    }
  }
  await using trusted = await load(home.directory.join("carried.tgz"), { trust: true });
  expect(trusted.nodeUris()).toHaveLength(2);
  expectNetworks(5);
});

test("exported and imported it is the same, and one from elsewhere", async () => {
  const network = await stoppedNetwork();
  await save(network);
  const file = home.directory.join("out.tar.zst");
  await exportSnapshot("one", file, {}, { env: home.env });
  await importSnapshot(file, "two", {}, { env: home.env });
  expect(listSnapshots(snapshotsDir()).map(({ name }) => name)).toEqual(["one", "two"]);
  expect((await errorOf(load("two"))).type.code).toBe("untrusted");
  const byEnvironment = { env: { ...home.env, AVALANCHEGO_PATH: home.program } };
  const copy = await loadSnapshot("two", { start: false }, byEnvironment);
  expect(copy.config.defaultRuntimeConfig.process?.avalancheGoPath).toBe(home.program);
  expect(copy.nodes).toHaveLength(2);
  expect(copy.nodeUris()).toEqual([]);
  // A snapshot whose directory was carried is not one from here.
  renameSync(join(snapshotsDir(), "one"), join(snapshotsDir(), "moved"));
  expect((await errorOf(load("moved"))).type.code).toBe("untrusted");
  expect((await errorOf(exportSnapshot("two", file, {}, { env: home.env }))).type.code).toBe("exists");
  expect((await errorOf(importSnapshot(file, "two", {}, { env: home.env }))).type.code).toBe("exists");
});

test("a program or a plugin that is missing is told before anything is made", async () => {
  const network = await stoppedNetwork();
  const vmID = "v3m4wPxaHpvGr8qfMeyK6PRW3idZrPHmYcMTt7oXdK47yurVH";
  writeSubnet(network.dir, {
    name: "xsvm",
    config: {},
    subnetID: "2wLe8Ma7YcUmxMJ57JVWETMSCa69wxfnqpVhPJwhVpdNkQGHVy",
    validatorIDs: [],
    chains: [
      {
        vmID,
        config: "",
        genesis: "",
        versionArgs: [],
        chainID: "2wLe8Ma7YcUmxMJ57JVWETMSCa69wxfnqpVhPJwhVpdNkQGHVy",
      },
    ],
  });
  const { manifest } = await save(network);
  expect(manifest.vmIDs).toEqual([vmID]);
  const plugins = home.directory.join("plugins");
  const missing = await errorOf(load("one", { pluginDir: plugins }));
  expect([missing.type.code, missing.message]).toEqual(["plugins", expect.stringContaining(vmID)]);
  renameSync(home.program, `${home.program}-gone`);
  const gone = await errorOf(load());
  expect([gone.type.code, gone.message]).toEqual(["binary", expect.stringContaining(home.program)]);
  expectNetworks(1);
  expect((await load("one", { start: false })).nodes).toHaveLength(2);
});

test("stakes that have ended are told of", async () => {
  const network = await stoppedNetwork();
  const { path } = await save(network);
  const genesis = join(path, "network", "genesis.json");
  const before = readFileSync(genesis, "utf8");
  const changed = before.replace(
    /"startTime": (\d+)/,
    (_, digits: string) => `"startTime": ${"1".padEnd(digits.length, "0")}`,
  );
  expect(changed.length).toBe(before.length);
  writeFileSync(genesis, changed);
  const warnings: string[] = [];
  const onProgress = (progress: SnapshotProgress) => progress.kind === "warning" && warnings.push(progress.message);
  await load("one", { start: false, onProgress });
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toContain("Stakes of its validators have ended");
});

/** The first of four ports in a row that were free a moment ago. */
async function freeBasePort(): Promise<number> {
  for (;;) {
    const [port = 0] = await freePorts(1);
    try {
      await checkPorts(port, 2);
      return port;
    } catch {
      // One of those behind it is taken.
    }
  }
}

function textFilesIn(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(json|env|txt)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}
