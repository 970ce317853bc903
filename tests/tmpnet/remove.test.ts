import { beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { ManualClock, systemClock } from "../../lib/core/clock.ts";
import { directoryKind, madeAt } from "../../lib/tmpnet/disk/network_dirs.ts";
import { diskUsage } from "../../lib/tmpnet/disk/usage.ts";
import type { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { listNetworks } from "../../lib/tmpnet/listing.ts";
import { removeNetwork } from "../../lib/tmpnet/remove.ts";
import { removeNetworks } from "../../lib/tmpnet/remove_networks.ts";
import { homeForEachTest } from "./home.ts";
import { madeNetwork } from "./made_networks.ts";
import { errorOf, until } from "./support.ts";

const home = homeForEachTest();
beforeEach(() => mkdirSync(home.root));

const env = { HOME: "/nowhere" };

test("a stopped network is removed whole, and what it took is told", async () => {
  const { dir, nodes } = madeNetwork(home.root, "20260101-000000");
  for (let i = 0; i < 1_000; i++) writeFileSync(join(nodes[0] as string, `file ${i} 'ü"\n`), "x".repeat(100));
  const bytes = diskUsage(dir);
  expect(await removeNetwork(dir, { dryRun: true }, { env })).toEqual({ dir, bytes, stopped: 0 });
  expect(existsSync(dir)).toBe(true);
  const removed = await removeNetwork(dir, {}, { env });
  expect(removed).toMatchObject({ dir, stopped: 0 });
  expect(removed.bytes).toBeGreaterThanOrEqual(1_000 * 100);
  expect(readdirSync(home.root)).toEqual([]);
});

test("links inside a network are removed, and what they lead to stays", async () => {
  const { dir, nodes } = madeNetwork(home.root, "20260101-000000");
  const precious = home.directory.join("precious");
  mkdirSync(precious);
  writeFileSync(join(precious, "file"), "");
  symlinkSync(precious, join(nodes[0] as string, "link"));
  symlinkSync(precious, join(dir, "NodeID-link"));
  await removeNetwork(dir, {}, { env });
  expect(readdirSync(precious)).toEqual(["file"]);
});

test("what is no network is never removed", async () => {
  const others: Record<string, () => void> = {
    "20260101-000000": () => {}, // a name alone makes no network
    photos: () => writeFileSync(join(home.root, "photos", "config.json"), '{"theme": "dark"}'),
    "20260102-000000": () => writeFileSync(join(home.root, "20260102-000000", "letters.txt"), ""),
    node: () =>
      writeFileSync(join(home.root, "node", "config.json"), '{"flags": {"staking-tls-key-file-content": "x"}}'),
    broken: () => writeFileSync(join(home.root, "broken", "config.json"), "{"),
  };
  for (const [name, fill] of Object.entries(others)) {
    mkdirSync(join(home.root, name));
    fill();
  }
  writeFileSync(join(home.root, "20260103-000000"), "a file");
  for (const name of Object.keys(others).slice(1)) {
    expect((await errorOf(removeNetwork(join(home.root, name), {}, { env }))).type.code).toBe("no-network");
  }
  expect((await errorOf(removeNetwork(home.directory.join("nowhere"), {}, { env }))).type.code).toBe("no-network");
  expect((await errorOf(removeNetwork("/", { dryRun: true }, { env }))).type.code).toBe("no-network");
  const { removed } = await removeNetworks({ rootDir: home.root }, {}, { env });
  // A directory with a network's name and nothing in it is what a start leaves that is killed at its first step.
  expect(removed.map(({ dir }) => dir)).toEqual([join(home.root, "20260101-000000")]);
  expect(readdirSync(home.root).sort()).toEqual(["20260102-000000", "20260103-000000", "broken", "node", "photos"]);
});

test("a link that leads out of the root is no way to remove anything", async () => {
  const { dir } = madeNetwork(home.directory.join("elsewhere"), "20260101-000000");
  symlinkSync(dir, join(home.root, "20260101-000000"));
  symlinkSync(dir, join(home.root, "latest"));
  expect(listNetworks(home.root, env)).toEqual([]);
  expect((await removeNetworks({ rootDir: home.root }, { stop: true }, { env })).removed).toEqual([]);
  for (const name of ["20260101-000000", "latest"]) {
    const error = await errorOf(removeNetwork(join(home.root, name), {}, { env }));
    expect(error.type.code).toBe("unsafe");
    expect(error.hint).toContain(dir);
  }
  expect(existsSync(join(dir, "config.json"))).toBe(true);
});

test("latest stands for the network beside it, and is pointed to the last that is left", async () => {
  const mine = madeNetwork(home.root, "20260101-000000-me", "A", "me");
  const other = madeNetwork(home.root, "20260102-000000", "A");
  const last = madeNetwork(home.root, "20260103-000000-me", "A", "me");
  symlinkSync("20260103-000000-me", join(home.root, "latest"));
  symlinkSync("20260103-000000-me", join(home.root, "latest_me"));
  expect((await removeNetwork(join(home.root, "latest"), {}, { env })).dir).toBe(last.dir);
  expect(readlinkSync(join(home.root, "latest"))).toBe("20260102-000000");
  expect(readlinkSync(join(home.root, "latest_me"))).toBe("20260101-000000-me");
  await removeNetwork(mine.dir, {}, { env });
  await removeNetwork(other.dir, {}, { env });
  expect(readdirSync(home.root)).toEqual([]);
});

test("only what was not used for long is meant by an age, and failed starts whatever theirs", async () => {
  const old = madeNetwork(home.root, "20260101-000000");
  const young = madeNetwork(home.root, "20260102-000000");
  const failed = madeNetwork(home.root, "20260103-000000");
  writeFileSync(join(failed.dir, "avx-start.json"), JSON.stringify({ begunAt: 1, failed: "the moon is full" }));
  const setAge = (dir: string, ms: number) => {
    const at = (Date.now() - ms) / 1000;
    for (const path of [...readdirSync(dir).map((name) => join(dir, name)), dir]) utimesSync(path, at, at);
  };
  setAge(old.dir, 8 * 24 * 3_600_000);
  setAge(young.dir, 6 * 24 * 3_600_000);
  const { removed, kept } = await removeNetworks({ rootDir: home.root, olderThanMs: 7 * 24 * 3_600_000 }, {}, { env });
  expect(removed.map(({ dir }) => dir)).toEqual([old.dir, failed.dir]);
  expect(kept.map(({ dir }) => dir)).toEqual([young.dir]);
});

test("a network of which something runs, or seems to, is refused", async () => {
  const { dir, nodes } = madeNetwork(home.root, "20260101-000000");
  const suspect = Bun.spawn(["sh", "-c", "sleep 60; :", "--config-file", join(nodes[0] as string, "flags.json")]);
  try {
    await until(() => listNetworks(home.root, env).length === 1);
    const error = await errorOf(removeNetwork(dir, {}, { env }));
    expect(error.type.code).toBe("running");
    expect((await errorOf(removeNetwork(dir, { stop: true }, { env }))).type.code).toBe("running");
    const { removed, failed } = await removeNetworks({ rootDir: home.root }, {}, { env });
    expect(removed).toEqual([]);
    expect(failed.map((each) => each.dir)).toEqual([dir]);
    expect(existsSync(dir)).toBe(true);
    expect(suspect.exitCode).toBeNull();
  } finally {
    suspect.kill("SIGKILL");
    await suspect.exited;
  }
});

test("a half-made network that is still written to is left to its maker", async () => {
  mkdirSync(join(home.root, "20260101-000000"));
  writeFileSync(join(home.root, "20260101-000000", "genesis.json"), "{}");
  expect(listNetworks(home.root, env).map(({ state }) => state)).toEqual(["half-made"]);
  const clock = new ManualClock(Date.now());
  const removing = removeNetworks({ rootDir: home.root }, {}, { env, clock });
  await clock.runFor(100);
  const at = (clock.now() + 5_000) / 1000;
  utimesSync(join(home.root, "20260101-000000"), at, at);
  await clock.runFor(3_000);
  expect((await removing).removed).toEqual([]);
  expect(
    (await removeNetworks({ rootDir: home.root }, {}, { env, clock: { ...systemClock, now: () => at * 1000 + 3_000 } }))
      .removed,
  ).toHaveLength(1);
});

test("what a removal leaves that was cut off goes with the next one", async () => {
  const { dir } = madeNetwork(home.root, "20260101-000000");
  renameSync(dir, join(home.root, ".20260101-000000.999999999.0.tmp"));
  mkdirSync(join(home.root, `.20260102-000000.${process.pid}.0.tmp`));
  expect(listNetworks(home.root, env)).toEqual([]);
  await removeNetworks({ rootDir: home.root }, {}, { env });
  expect(readdirSync(home.root)).toEqual([`.20260102-000000.${process.pid}.0.tmp`]);
});

test.skipIf(process.getuid?.() === 0)(
  "a root that cannot be written is told, and nothing is half removed",
  async () => {
    const { dir } = madeNetwork(home.root, "20260101-000000");
    chmodSync(home.root, 0o500);
    try {
      expect((await errorOf(removeNetwork(dir, {}, { env }))).type.code).toBe("unwritable");
      expect(existsSync(join(dir, "config.json"))).toBe(true);
    } finally {
      chmodSync(home.root, 0o700);
    }
  },
);

test("networks that vanish while they are looked at are no fault", async () => {
  for (let i = 10; i < 30; i++) madeNetwork(home.root, `202601${i}-000000`);
  const [a, b] = await Promise.all([
    removeNetworks({ rootDir: home.root }, {}, { env }),
    removeNetworks({ rootDir: home.root }, {}, { env }),
  ]);
  expect(a.removed.length + b.removed.length).toBeGreaterThanOrEqual(20);
  for (const { error } of [...a.failed, ...b.failed]) expect((error as TmpnetError).type.code).toBe("busy");
  expect(readdirSync(home.root)).toEqual([]);
});

test.each([
  ["20261121-061421.321905-owner", new Date(2026, 10, 21, 6, 14, 21, 321).getTime()],
  ["20261121-061421", new Date(2026, 10, 21, 6, 14, 21).getTime()],
  ["20261121-061421.05-a b\n'ü", new Date(2026, 10, 21, 6, 14, 21, 50).getTime()],
  ["20261341-061421", undefined],
  ["latest", undefined],
  ["x20261121-061421", undefined],
] as const)("a network's name tells when it was made: %j", (name, expected) => {
  expect(madeAt(join("/r", name))).toBe(expected as number);
});

test("a network is one by what lies in it, whoever made it and however it is called", () => {
  expect(directoryKind(madeNetwork(home.root, "my net\nwith 'quotes' ü").dir)).toBe("network");
  const { dir } = madeNetwork(home.root, "20260101-000000");
  writeFileSync(join(dir, "config.json"), "{ broken");
  expect(directoryKind(dir)).toBe("network");
  expect(listNetworks(home.root, env).find((each) => each.dir === dir)?.problem).toContain("it is not JSON");
});
