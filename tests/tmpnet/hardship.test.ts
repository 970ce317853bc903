/** Starts that are killed, disks that are full, directories that may not be written. */

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";
import { endLeftovers, fakeNodeProgram, nodeProcessesIn, readJSON, until } from "./support.ts";

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

const env = () => ({ ...process.env, HOME: directory.path });
const root = () => directory.join("networks");

function startElsewhere() {
  const module = join(import.meta.dirname, "..", "..", "lib", "tmpnet", "network.ts");
  const options = JSON.stringify({ avalanchegoPath: program, rootNetworkDir: root(), nodeCount: 3 });
  const code = `import { Network } from ${JSON.stringify(module)}; await Network.start(${options});`;
  return Bun.spawn([process.execPath, "-e", code], { env: env(), stdout: "ignore", stderr: "ignore" });
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

async function errorOf(attempt: Promise<unknown>): Promise<TmpnetError> {
  const thrown = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(TmpnetError);
  return thrown as TmpnetError;
}

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
    const small = directory.join("small");
    mountSmall(small);
    try {
      const options = { avalanchegoPath: program, rootNetworkDir: join(small, "networks"), nodeCount: 2 };
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
      Network.start({ avalanchegoPath: program, rootNetworkDir: root() }, {}, { env: env() }),
    );
    expect(error.message).toContain("permission denied");
    chmodSync(root(), 0o700);
  },
);

test("what a node prints is not written through a link", async () => {
  const network = await Network.start(
    { avalanchegoPath: program, rootNetworkDir: root(), nodeCount: 1 },
    {},
    { env: env() },
  );
  await network.stop();
  const [node] = network.nodes;
  writeFileSync(directory.join("precious"), "mine");
  spawnSync("ln", ["-sf", directory.join("precious"), join(node!.dataDir, "stdio.log")]);
  const error = await errorOf(network.restart());
  expect(error.message).toContain("stdio.log: it is a link where none is followed");
  expect(await Bun.file(directory.join("precious")).text()).toBe("mine");
});
