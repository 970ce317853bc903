/** Snapshots that are damaged are not loaded, and leave nothing. */

import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync, zstdDecompressSync } from "node:zlib";
import { importSnapshot } from "../../../lib/tmpnet/snapshot/load.ts";
import { listSnapshots, removeSnapshot } from "../../../lib/tmpnet/snapshot/store.ts";
import { homeForEachTest } from "../home.ts";
import { errorOf, snapshotsOf } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();
const { expectNetworks, load, save, snapshotsDir, stoppedNetwork } = snapshotsOf(home);

describe("what is damaged", () => {
  test("a snapshot of which something is missing is not loaded", async () => {
    const network = await stoppedNetwork();
    const { path } = await save(network);
    const state = join(path, "network", basename(network.nodes[0]!.dataDir), "db", "network-88888", "CURRENT");
    writeFileSync(state, "short");
    expect((await errorOf(load())).message).toContain("is damaged: it holds");
    rmSync(join(path, "snapshot.json"));
    expect(listSnapshots(snapshotsDir())).toMatchObject([
      { name: "one", problem: expect.stringContaining("no snapshot") },
    ]);
    writeFileSync(join(path, "snapshot.json"), '{"format": 2}');
    expect((await errorOf(load())).type.code).toBe("format");
    writeFileSync(join(path, "snapshot.json"), '{"format": 1, "files": -1}');
    expect((await errorOf(load())).type.code).toBe("damaged");
    expectNetworks(1);
    removeSnapshot("one", snapshotsDir());
    expect(listSnapshots(snapshotsDir())).toEqual([]);
  });

  test("a file that is cut off or changed anywhere is not loaded, and leaves nothing", async () => {
    const network = await stoppedNetwork();
    const good = home.directory.join("good.tar.zst");
    await save(network, good);
    const bytes = readFileSync(good);
    const bad = home.directory.join("bad.tar.zst");
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
        (await errorOf(load(bad, { avalanchegoPath: home.program }))).type.code,
      );
      expectNetworks(1);
    }
    expect((await errorOf(importSnapshot(bad, "two", {}, { env: home.env }))).type.code).toBe("unsupported-archive");
    expect(readdirSync(snapshotsDir())).toEqual([]);
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
