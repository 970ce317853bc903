/** Starts that are killed, disks that are full, directories that may not be written. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "../support/temporary.ts";
import { homeForEachTest } from "./home.ts";
import { endLeftovers, errorOf, nodeProcessesIn, readJSON, until } from "./support.ts";

setDefaultTimeout(60_000);

const home = homeForEachTest();

function startElsewhere() {
  const options = JSON.stringify({ avalanchegoPath: home.program, nodeCount: 3 });
  return home.elsewhere(`await Network.start(${options}).catch(() => {});`);
}

/** All files below a directory that are not finished, or tell of what runs no more. */
function leftovers(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.tmp$|avx\.lock|(^|\/)(process|avx-process)\.json$/.test(name),
  );
}

const networkDir = () => {
  const [name] = existsSync(home.root) ? readdirSync(home.root).filter((entry) => /^\d{8}-/.test(entry)) : [];
  return name === undefined ? undefined : join(home.root, name);
};

/** Moments of a start, by what can be seen of it; a delay after them in milliseconds. */
const MOMENTS: [string, () => boolean, number][] = [
  ["its directory is there", () => networkDir() !== undefined, 0],
  ["its directory is there, and a little later", () => networkDir() !== undefined, 15],
  ["its configuration is there", () => existsSync(join(networkDir() ?? "", "config.json")), 0],
  ["the first node runs", () => nodeProcessesIn(home.root).length === 1, 0],
  ["the first node runs, and a little later", () => nodeProcessesIn(home.root).length >= 1, 40],
  ["the others start", () => nodeProcessesIn(home.root).length === 3, 0],
];

test.each(MOMENTS)(
  "a start that is killed when %s leaves nothing that a stop does not end",
  async (_, moment, delayMs) => {
    const starting = startElsewhere();
    await until(() => moment() || starting.exitCode !== null, 20_000);
    await Bun.sleep(delayMs);
    starting.kill("SIGKILL");
    await starting.exited;
    const dir = networkDir();
    if (dir !== undefined && existsSync(join(dir, "config.json"))) {
      await home.read(dir).stop();
      expect(leftovers(dir)).toEqual([]);
      const again = await home.read(dir).restart();
      expect(nodeProcessesIn(home.root)).toHaveLength(3);
      await again.stop();
    }
    expect(nodeProcessesIn(home.root)).toEqual([]);
  },
);

/** Whether this user may have a file system of a size of their own. */
function mountSmall(path: string): boolean {
  mkdirSync(path);
  return spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", path]).status === 0;
}

const SMALL = (() => {
  using place = temporaryDirectory();
  const path = place.join("small");
  const can = process.platform === "linux" && mountSmall(path);
  if (can) spawnSync("umount", [path]);
  return can;
})();

const needsMount = (name: string) => (SMALL ? name : `${name} (skipped: file systems may not be mounted here)`);

test.skipIf(!SMALL)(
  needsMount("on a disk that is full a network is not made, and one that runs is stopped"),
  async () => {
    const small = home.directory.join("small");
    mountSmall(small);
    try {
      const options = { rootNetworkDir: join(small, "networks"), nodeCount: 2 };
      const network = await home.start(options);
      spawnSync("sh", ["-c", `cat /dev/zero > ${small}/filler`]);
      const error = await errorOf(home.start(options));
      expect(error.type.code).toBe("unwritable");
      expect(error.message).toContain("the disk is full");
      expect(readdirSync(join(small, "networks")).filter((name) => /^\d{8}-/.test(name))).toHaveLength(1);

      const before = readJSON(join(network.dir, "config.json"));
      expect(
        (await errorOf(network.updateConfig((config) => ({ ...config, owner: "x".repeat(100_000) })))).type.code,
      ).toBe("unwritable");
      expect(readJSON(join(network.dir, "config.json"))).toEqual(before);
      const stops = await network.stop();
      expect(stops.map(({ result }) => result.how)).toEqual(["stopped", "stopped"]);
      expect(nodeProcessesIn(small)).toEqual([]);
    } finally {
      endLeftovers(small);
      spawnSync("umount", [small]);
    }
  },
);

const IS_ROOT = process.getuid?.() === 0;

test.skipIf(IS_ROOT)(
  IS_ROOT
    ? "a directory that may not be written is told (skipped: root may write anywhere)"
    : "a directory that may not be written is told",
  async () => {
    mkdirSync(home.root);
    chmodSync(home.root, 0o500);
    const error = await errorOf(home.start());
    expect(error.message).toContain("permission denied");
    chmodSync(home.root, 0o700);
  },
);

test("what a node prints is not written through a link", async () => {
  const network = await home.start({ nodeCount: 1 });
  await network.stop();
  const [node] = network.nodes;
  writeFileSync(home.directory.join("precious"), "mine");
  spawnSync("ln", ["-sf", home.directory.join("precious"), join(node!.dataDir, "stdio.log")]);
  const error = await errorOf(network.restart());
  expect(error.message).toContain("stdio.log: it is a link where none is followed");
  expect(await Bun.file(home.directory.join("precious")).text()).toBe("mine");
});
