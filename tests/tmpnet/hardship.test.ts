/** Starts that are killed, disks that are full, directories that may not be written. */

import { expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Network } from "../../lib/tmpnet/network.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { elsewhere, errorOf, fakeNetworks } from "./fake_networks.ts";
import { endLeftovers, nodeProcessesIn, readJSON, until } from "./support.ts";

setDefaultTimeout(60_000);

const fake = fakeNetworks();
const env = () => fake().env;
const root = () => fake().root;

function startElsewhere() {
  const options = JSON.stringify({ avalanchegoPath: fake().program, rootNetworkDir: root(), nodeCount: 3 });
  return elsewhere(`await Network.start(${options}).catch(() => {});`, env());
}

/** All files below a directory that are not finished, or tell of what runs no more. */
function leftovers(path: string): string[] {
  return readdirSync(path, { recursive: true, encoding: "utf8" }).filter((name) =>
    /\.tmp$|avx\.lock|(^|\/)(process|avx-process)\.json$/.test(name),
  );
}

const networkDir = () => {
  const [name] = existsSync(root()) ? readdirSync(root()).filter((entry) => /^\d{8}-/.test(entry)) : [];
  return name === undefined ? undefined : join(root(), name);
};

/** Moments of a start, by what can be seen of it; a delay after them in milliseconds. */
const MOMENTS: [string, () => boolean, number][] = [
  ["its directory is there", () => networkDir() !== undefined, 0],
  ["its directory is there, and a little later", () => networkDir() !== undefined, 15],
  ["its configuration is there", () => existsSync(join(networkDir() ?? "", "config.json")), 0],
  ["the first node runs", () => nodeProcessesIn(root()).length === 1, 0],
  ["the first node runs, and a little later", () => nodeProcessesIn(root()).length >= 1, 40],
  ["the others start", () => nodeProcessesIn(root()).length === 3, 0],
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
      await Network.stop(dir, {}, { env: env() });
      expect(leftovers(dir)).toEqual([]);
      const again = await Network.read(dir, { env: env() }).restart();
      expect(nodeProcessesIn(root())).toHaveLength(3);
      await again.stop();
    }
    expect(nodeProcessesIn(root())).toEqual([]);
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
    const small = fake().directory.join("small");
    mountSmall(small);
    try {
      const options = { avalanchegoPath: fake().program, rootNetworkDir: join(small, "networks"), nodeCount: 2 };
      const network = await Network.start(options, {}, { env: env() });
      spawnSync("sh", ["-c", `cat /dev/zero > ${small}/filler`]);
      const error = await errorOf(Network.start(options, {}, { env: env() }));
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
    mkdirSync(root());
    chmodSync(root(), 0o500);
    const error = await errorOf(
      Network.start({ avalanchegoPath: fake().program, rootNetworkDir: root() }, {}, { env: env() }),
    );
    expect(error.message).toContain("permission denied");
    chmodSync(root(), 0o700);
  },
);

test("what a node prints is not written through a link", async () => {
  const network = await Network.start(
    { avalanchegoPath: fake().program, rootNetworkDir: root(), nodeCount: 1 },
    {},
    { env: env() },
  );
  await network.stop();
  const [node] = network.nodes;
  writeFileSync(fake().directory.join("precious"), "mine");
  spawnSync("ln", ["-sf", fake().directory.join("precious"), join(node!.dataDir, "stdio.log")]);
  const error = await errorOf(network.restart());
  expect(error.message).toContain("stdio.log: it is a link where none is followed");
  expect(await Bun.file(fake().directory.join("precious")).text()).toBe("mine");
});
