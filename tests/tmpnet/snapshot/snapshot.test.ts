/** Snapshots of networks of nodes that do nothing: what is saved, what is made of it, and what is refused. */

import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import { gzipSync, zstdDecompressSync } from "node:zlib";
import { AvxError } from "../../../lib/core/errors.ts";
import { writeSubnet } from "../../../lib/tmpnet/disk/subnets.ts";
import { listNetworks } from "../../../lib/tmpnet/listing.ts";
import { Network } from "../../../lib/tmpnet/network.ts";
import { checkPorts } from "../../../lib/tmpnet/ports.ts";
import { exportSnapshot, importSnapshot, type LoadOptions, loadSnapshot } from "../../../lib/tmpnet/snapshot/load.ts";
import { type SnapshotControl, type SnapshotProgress, saveSnapshot } from "../../../lib/tmpnet/snapshot/save.ts";
import { listSnapshots, removeSnapshot } from "../../../lib/tmpnet/snapshot/store.ts";
import { freePorts } from "../../support/ports.ts";
import { CAN_MOUNT, needsMount, smallDisk } from "../../support/small_disk.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";
import { type Packed, tarGz } from "../archive/support.ts";
import { endLeftovers, fakeNodeProgram, nodeProcessesIn, readJSON } from "../support.ts";

setDefaultTimeout(60_000);

let directory: TemporaryDirectory;
let program: string;

beforeEach(() => {
  directory = temporaryDirectory();
  program = fakeNodeProgram(directory.path);
});
afterEach(() => {
  endLeftovers(directory.path);
  directory[Symbol.dispose]();
});

const root = () => directory.join("networks");
const snapshots = () => directory.join("snapshots");
const env = () => ({
  PATH: process.env["PATH"],
  HOME: directory.path,
  TMPNET_ROOT_NETWORK_DIR: root(),
  TMPNET_SNAPSHOTS_DIR: snapshots(),
});
const modules = () => ({ env: env() });

/** A network of fake nodes with something that looks like state; stopped. */
async function stoppedNetwork(options: Parameters<typeof Network.start>[0] = {}): Promise<Network> {
  const network = await Network.start({ avalanchegoPath: program, owner: "me", ...options }, {}, modules());
  for (const { dataDir } of network.nodes) fillState(dataDir);
  await network.stop({ metricsSnapshot: false });
  return network;
}

function fillState(dataDir: string): void {
  mkdirSync(join(dataDir, "db", "network-88888"), { recursive: true, mode: 0o755 });
  writeFileSync(join(dataDir, "db", "network-88888", "000001.log"), `state of ${basename(dataDir)}`, { mode: 0o640 });
  writeFileSync(join(dataDir, "db", "network-88888", "CURRENT"), "x".repeat(100_000), { mode: 0o600 });
  symlinkSync("000001.log", join(dataDir, "db", "network-88888", "LATEST"));
  mkdirSync(join(dataDir, "logs"), { recursive: true });
  writeFileSync(join(dataDir, "logs", "C.log"), "much");
}

const save = (network: Network, target = "one", options: SnapshotControl = {}) =>
  saveSnapshot(network.dir, target, options, modules());
const load = (source = "one", options: LoadOptions = {}) => loadSnapshot(source, options, modules());

async function errorOf(attempt: Promise<unknown>): Promise<AvxError> {
  const thrown = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(AvxError);
  return thrown as AvxError;
}

/** Nothing but the networks that are there, and no half of one. */
function expectNetworks(count: number): void {
  const names = existsSync(root()) ? readdirSync(root()) : [];
  expect(names.filter((name) => !name.startsWith("latest"))).toHaveLength(count);
  expect(names.filter((name) => name.startsWith("."))).toEqual([]);
}

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
  expect(manifest.programs.map((each) => each.path)).toEqual([program]);
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
  expect(listSnapshots(snapshots())).toMatchObject([{ name: "one", dir: path }]);
  expect(readdirSync(snapshots())).toEqual(["one"]);
});

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
  expect(listNetworks(root(), env()).find(({ latest }) => latest)?.dir).toBe(copies[1]!.dir);
  for (const each of all) await each.stop();
  expect(nodeProcessesIn(root())).toEqual([]);
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

test("of a running network those nodes run again that ran, and what happens is told", async () => {
  await using network = await Network.start({ avalanchegoPath: program, nodeCount: 3 }, {}, modules());
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
  await using network = await Network.start({ avalanchegoPath: program }, {}, modules());
  for (const { dataDir } of network.nodes) fillState(dataDir);
  const abort = new AbortController();
  const onProgress = ({ kind }: SnapshotProgress) => kind === "copying" && abort.abort();
  for (const target of ["one", directory.join("one.tar.zst")]) {
    const error = await errorOf(save(network, target, { signal: abort.signal, onProgress }));
    expect(error.type.code).toBe("interrupted");
    expect(network.nodeUris()).toHaveLength(2);
    expect(listSnapshots(snapshots())).toEqual([]);
  }
  expect(readdirSync(directory.path).filter((name) => name.includes("tar"))).toEqual([]);
  symlinkSync("/etc/hostname", join(network.nodes[0]!.dataDir, "db", "outside"));
  expect((await errorOf(save(network))).type.code).toBe("outside");
  expect(network.nodeUris()).toHaveLength(2);
});

test("one file carries it: it needs to be told what runs its nodes, and has another place", async () => {
  const network = await stoppedNetwork();
  for (const ending of ["tar.zst", "tar.gz", "tgz"]) {
    const path = directory.join(`carried.${ending}`);
    await save(network, path);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const refused = await errorOf(load(path));
    expect(refused.type.code).toBe("untrusted");
    expect(refused.message).toContain(program);
    await using copy = await load(path, { avalanchegoPath: program });
    expect(copy.nodeUris()).toHaveLength(2);
    for (const { dataDir } of copy.nodes) {
      expect(readFileSync(join(dataDir, "db", "network-88888", "LATEST"), "utf8")).toStartWith("state of");
    }
  }
  await using trusted = await load(directory.join("carried.tgz"), { trust: true });
  expect(trusted.nodeUris()).toHaveLength(2);
  expectNetworks(5);
});

test("exported and imported it is the same, and one from elsewhere", async () => {
  const network = await stoppedNetwork();
  await save(network);
  const file = directory.join("out.tar.zst");
  await exportSnapshot("one", file, {}, modules());
  await importSnapshot(file, "two", {}, modules());
  expect(listSnapshots(snapshots()).map(({ name }) => name)).toEqual(["one", "two"]);
  expect((await errorOf(load("two"))).type.code).toBe("untrusted");
  const byEnvironment = { env: { ...env(), AVALANCHEGO_PATH: program } };
  const copy = await loadSnapshot("two", { start: false }, byEnvironment);
  expect(copy.config.defaultRuntimeConfig.process?.avalancheGoPath).toBe(program);
  expect(copy.nodes).toHaveLength(2);
  expect(copy.nodeUris()).toEqual([]);
  // A snapshot whose directory was carried is not one from here.
  renameSync(join(snapshots(), "one"), join(snapshots(), "moved"));
  expect((await errorOf(load("moved"))).type.code).toBe("untrusted");
  expect((await errorOf(exportSnapshot("two", file, {}, modules()))).type.code).toBe("exists");
  expect((await errorOf(importSnapshot(file, "two", {}, modules()))).type.code).toBe("exists");
});

test("names", async () => {
  const network = await stoppedNetwork();
  for (const name of ["", ".", "..", "../up", "a/b", "/abs", ".hidden", "a b", "a\n", "x".repeat(101), "-x", "a.tmp"]) {
    expect([name, (await errorOf(save(network, name))).type.code]).toEqual([name, "name"]);
    expect([name, (await errorOf(load(name))).type.code]).toEqual([name, "name"]);
    expect(() => removeSnapshot(name, snapshots())).toThrow("is no name for a snapshot");
  }
  await save(network, "v1.14_two+x@y-z");
  expect((await errorOf(save(network, "v1.14_two+x@y-z"))).type.code).toBe("exists");
  const error = await errorOf(load("nothing"));
  expect([error.type.code, error.hint]).toEqual(["no-snapshot", "There are v1.14_two+x@y-z"]);
  removeSnapshot("v1.14_two+x@y-z", snapshots());
  expect(readdirSync(snapshots())).toEqual([]);
  expect((await errorOf(load(directory.join("none.tar.zst")))).type.code).toBe("no-snapshot");
  expect((await errorOf(saveSnapshot(directory.join("none"), "x", {}, modules()))).type.code).toBe("no-network");
});

describe("what is damaged", () => {
  test("a snapshot of which something is missing is not loaded", async () => {
    const network = await stoppedNetwork();
    const { path } = await save(network);
    const state = join(path, "network", basename(network.nodes[0]!.dataDir), "db", "network-88888", "CURRENT");
    writeFileSync(state, "short");
    expect((await errorOf(load())).message).toContain("is damaged: it holds");
    rmSync(join(path, "snapshot.json"));
    expect(listSnapshots(snapshots())).toMatchObject([
      { name: "one", problem: expect.stringContaining("no snapshot") },
    ]);
    writeFileSync(join(path, "snapshot.json"), '{"format": 2}');
    expect((await errorOf(load())).type.code).toBe("format");
    writeFileSync(join(path, "snapshot.json"), '{"format": 1, "files": -1}');
    expect((await errorOf(load())).type.code).toBe("damaged");
    expectNetworks(1);
    removeSnapshot("one", snapshots());
    expect(listSnapshots(snapshots())).toEqual([]);
  });

  test("a file that is cut off or changed anywhere is not loaded, and leaves nothing", async () => {
    const network = await stoppedNetwork();
    const good = directory.join("good.tar.zst");
    await save(network, good);
    const bytes = readFileSync(good);
    const bad = directory.join("bad.tar.zst");
    const spoilt = [0, 3, 40, 1_000, bytes.length >> 1, bytes.length - 5, bytes.length - 1].map((length) =>
      bytes.subarray(0, length),
    );
    const flipped = Buffer.from(bytes);
    flipped[bytes.length - 3]! ^= 1;
    // A tar archive that ends before its end, well compressed.
    const tar = zstdDecompressSync(bytes);
    const short = [tar.length - 1_024, tar.length - 100_000, 512].map((length) => gzipSync(tar.subarray(0, length)));
    const twice = gzipSync(Buffer.concat([tar, tar]));
    for (const content of [...spoilt, flipped, ...short, twice, Buffer.from("no archive")]) {
      writeFileSync(bad, content);
      expect(["damaged", "unsupported-archive", "no-snapshot"]).toContain(
        (await errorOf(load(bad, { avalanchegoPath: program }))).type.code,
      );
      expectNetworks(1);
    }
    expect((await errorOf(importSnapshot(bad, "two", {}, modules()))).type.code).toBe("unsupported-archive");
    expect(readdirSync(snapshots())).toEqual([]);
  });

  test("a network whose own files cannot be understood is refused when it is loaded", async () => {
    const network = await stoppedNetwork();
    const { path, manifest } = await save(network);
    const config = join(path, "network", "config.json");
    const before = statSync(config).size;
    writeFileSync(config, "{".padEnd(before));
    expect((await errorOf(load())).type.code).toBe("bad-file");
    expect(manifest.files).toBeGreaterThan(0);
    expectNetworks(1);
  });
});

describe("what a file from elsewhere may not do", () => {
  /** A file like one that avx writes, with something changed in it. */
  async function hostile(
    change: (files: Record<string, any>) => void,
    more: readonly Packed[] = [],
    manifest: object = {},
  ): Promise<string> {
    const network = await stoppedNetwork();
    const path = directory.join(`made${basename(network.dir)}.tar.gz`);
    const node = basename(network.nodes[0]!.dataDir);
    const files = {
      "config.json": readJSON(join(network.dir, "config.json")),
      [`${node}/config.json`]: readJSON(join(network.nodes[0]!.dataDir, "config.json")),
      "genesis.json": readJSON(join(network.dir, "genesis.json")),
      "avx.json": { ownNodes: false },
    };
    change(files);
    const packed = Object.entries(files).map(
      ([name, value]): Packed => ({
        path: `network/${name}`,
        kind: "file",
        mode: 0o755,
        content: JSON.stringify(value),
      }),
    );
    const all = [...packed, ...more.map((entry) => ({ ...entry, path: entry.path.replace("NODE", node) }))];
    const content = all.filter(({ kind }) => kind !== "directory");
    const head = {
      format: 1,
      savedAt: 0,
      dir: network.dir,
      uuid: "",
      owner: "me",
      networkID: 0,
      ownNodes: false,
      nodeIDs: [],
      programs: [],
      vmIDs: [],
      files: content.length,
      bytes: content.reduce((sum, entry) => sum + Buffer.byteLength(entry.content ?? ""), 0),
      savedIn: { host: "", path: "" },
      ...manifest,
    };
    const first: Packed = { path: "snapshot.json", kind: "file", content: JSON.stringify(head) };
    writeFileSync(path, await tarGz([first, ...all]));
    rmSync(root(), { recursive: true });
    return path;
  }

  const loadIt = (path: string, options: LoadOptions = {}) =>
    load(path, { avalanchegoPath: program, start: false, ...options });

  test("nothing, where it is as it should be", async () => {
    const copy = await loadIt(await hostile(() => {}));
    expect(copy.nodes).toHaveLength(1);
    expect(statSync(join(copy.dir, "genesis.json")).mode & 0o777).toBe(0o600);
  });

  test.each([
    ["have an app run", { app: "/tmp/evil.ts" }, "untrusted"],
    ["have plugins run", { "plugin-dir": "/tmp/evil" }, "untrusted"],
    ["have its own plugins run", { "plugin-dir": "brought" }, "untrusted"],
    ["write elsewhere", { "db-dir": "/tmp/elsewhere" }, "outside"],
    ["write its data elsewhere", { "data-dir": "/home/somebody" }, "outside"],
    ["log elsewhere", { "log-dir": "../../../../etc" }, "outside"],
    ["write its process elsewhere", { "process-context-file": "/home/somebody/.profile" }, "outside"],
  ])("%s", async (_, flags, code) => {
    const ofNetwork = await hostile((files) => Object.assign(files["config.json"].defaultFlags, flags));
    expect((await errorOf(loadIt(ofNetwork))).type.code).toBe(code);
    expectNetworks(0);
    const ofNode = await hostile((files) => {
      const name = Object.keys(files).find((each) => each.startsWith("NodeID-")) as string;
      Object.assign(files[name].flags, flags);
    });
    expect((await errorOf(loadIt(ofNode))).type.code).toBe(code);
    expectNetworks(0);
  });

  test("name its own program as avx's, bring programs, or set what is of one run", async () => {
    const path = await hostile(
      (files) => {
        files["config.json"].defaultRuntimeConfig.process.avalancheGoPath = "/tmp/evil";
        files["avx.json"] = { ownNodes: true, ownProgram: "/tmp/evil", madeIn: "1:1" };
      },
      [
        { path: "network/avx-node", kind: "file", mode: 0o755, content: "#!/bin/sh\n" },
        { path: "network/NODE/plugins/evil", kind: "file", mode: 0o755, content: "#!/bin/sh\n" },
        { path: "network/NODE/process.json", kind: "file", content: '{"pid": 1}' },
        { path: "network/NODE/flags.json", kind: "file", content: "{}" },
        { path: "network/avx.lock", kind: "symlink", target: "nothing" },
        { path: "elsewhere/x", kind: "file", content: "x" },
      ],
    );
    const error = await errorOf(loadIt(path));
    expect(error.message).toContain("is damaged: it holds 4 files");
    expectNetworks(0);
  });

  test("be believed that avx itself ran its nodes", async () => {
    const path = await hostile((files) => {
      files["config.json"].defaultRuntimeConfig.process.avalancheGoPath = "/tmp/evil";
      files["avx.json"] = { ownNodes: true, ownProgram: "/tmp/evil", madeIn: "1:1" };
    });
    const copy = await loadIt(path, { avalanchegoPath: undefined });
    expect(copy.config.defaultRuntimeConfig.process?.avalancheGoPath).toBe(join(copy.dir, "avx-node"));
    expect(readFileSync(join(copy.dir, "avx-node"), "utf8")).toContain("cmd/main.ts");
  });

  test.each([
    ["climb", { path: "network/../../../evil", kind: "file", content: "x" }],
    ["link out", { path: "network/link", kind: "symlink", target: "../../.." }],
    ["link out absolutely", { path: "network/link", kind: "symlink", target: "/etc" }],
    ["come twice", { path: "network/config.json", kind: "file", content: "{}" }],
  ] as [string, Packed][])("%s", async (_, entry) => {
    expect((await errorOf(loadIt(await hostile(() => {}, [entry])))).type.code).toBe("unsafe-entry");
    expectNetworks(0);
  });

  test("hold more than it says, or more than the disk does", async () => {
    expect((await errorOf(loadIt(await hostile(() => {}, [], { bytes: 10 })))).type.code).toBe("too-large");
    const vast = await hostile(() => {}, [], { bytes: Number.MAX_SAFE_INTEGER - 2 ** 30 });
    expect((await errorOf(loadIt(vast))).type.code).toBe("no-space");
    expectNetworks(0);
  });

  test("choose where it is made", async () => {
    const path = await hostile((files) => Object.assign(files["config.json"], { owner: "../../up" }), [], {
      dir: "/usr",
      owner: "../../up",
    });
    const copy = await loadIt(path);
    expect(dirname(copy.dir)).toBe(root());
    expect(basename(copy.dir)).toEndWith("-.._.._up");
    expect(readdirSync(root()).sort()).toEqual([basename(copy.dir), "latest", "latest_.._.._up"].sort());
    expect(copy.config.defaultRuntimeConfig.process?.avalancheGoPath).toBe(program);
  });
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
  const plugins = directory.join("plugins");
  const missing = await errorOf(load("one", { pluginDir: plugins }));
  expect([missing.type.code, missing.message]).toEqual(["plugins", expect.stringContaining(vmID)]);
  renameSync(program, `${program}-gone`);
  const gone = await errorOf(load());
  expect([gone.type.code, gone.message]).toEqual(["binary", expect.stringContaining(program)]);
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

test("a directory that cannot be written to is told, and nothing is lost", async () => {
  const network = await stoppedNetwork();
  await save(network);
  writeFileSync(directory.join("file"), "");
  expect((await errorOf(load("one", { rootNetworkDir: directory.join("file", "x") }))).type.code).toBe("unwritable");
  expect(
    (await errorOf(saveSnapshot(network.dir, "two", { snapshotsDir: directory.join("file", "x") }, modules()))).type
      .code,
  ).toBe("unwritable");
  expect((await errorOf(save(network, directory.join("file", "x.tar.gz")))).type.code).toBe("unwritable");
});

test.skipIf(!CAN_MOUNT)(
  needsMount("a disk that is full, or read-only: what ran runs again, and no half of a snapshot is left"),
  async () => {
    using disk = smallDisk(256 * 1024 * 1024);
    await using network = await Network.start({ avalanchegoPath: program }, {}, modules());
    const { dataDir } = network.nodes[0] as { dataDir: string };
    writeFileSync(join(dataDir, "big"), Buffer.alloc(100_000_000, "state"));
    const options = { snapshotsDir: disk.join("snapshots") };
    const saveThere = (target: string) => saveSnapshot(network.dir, target, options, modules());
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
    const load = loadSnapshot("one", { ...options, rootNetworkDir: small.path }, modules());
    expect((await errorOf(load)).type.code).toBe("no-space");
    expect(readdirSync(small.path)).toEqual([]);
  },
);

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
