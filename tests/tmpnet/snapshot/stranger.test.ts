/** What a snapshot from elsewhere may not do. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { LoadOptions } from "../../../lib/tmpnet/snapshot/load.ts";
import { type Packed, tarGz } from "../archive/support.ts";
import { homeForEachTest } from "../home.ts";
import { readJSON } from "../support.ts";
import { errorOf, snapshotsOf } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();
const { expectNetworks, load, stoppedNetwork } = snapshotsOf(home);

describe("what a file from elsewhere may not do", () => {
  /** A file like one that avx writes, with something changed in it. */
  async function hostile(
    change: (files: Record<string, any>) => void,
    more: readonly Packed[] = [],
    manifest: object = {},
  ): Promise<string> {
    const network = await stoppedNetwork();
    const path = home.directory.join(`made${basename(network.dir)}.tar.gz`);
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
    rmSync(home.root, { recursive: true });
    return path;
  }

  const loadIt = (path: string, options: LoadOptions = {}) =>
    load(path, { avalanchegoPath: home.program, start: false, ...options });

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
    expect(dirname(copy.dir)).toBe(home.root);
    expect(basename(copy.dir)).toEndWith("-.._.._up");
    expect(readdirSync(home.root).sort()).toEqual([basename(copy.dir), "latest", "latest_.._.._up"].sort());
    expect(copy.config.defaultRuntimeConfig.process?.avalancheGoPath).toBe(home.program);
  });
});
