/** The lock of a network, between real processes, some of which are killed while they hold it. */

import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { LOCK_FILE, lockHolder, withNetworkLock } from "../../../lib/tmpnet/disk/lock.ts";
import { TmpnetError } from "../../../lib/tmpnet/errors.ts";
import { systemProcessTable } from "../../../lib/tmpnet/runtime/process_table.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";
import { until } from "../support.ts";

setDefaultTimeout(60_000);

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = temporaryDirectory();
});

afterEach(() => directory[Symbol.dispose]());

const SCRIPT = join(import.meta.dirname, "lock_process.ts");

function run(...args: string[]) {
  return Bun.spawn([process.execPath, SCRIPT, directory.path, ...args], { stdout: "pipe", stderr: "inherit" });
}

async function codeOf(attempt: Promise<unknown>): Promise<string | undefined> {
  const thrown = await attempt.then(
    () => undefined,
    (error: unknown) => error,
  );
  return (thrown as TmpnetError | undefined)?.type.code;
}

test("one at a time, in one process and between processes", async () => {
  writeFileSync(directory.join("count"), "0");
  const others = [run("30"), run("30"), run("30")];
  let within = 0;
  await Promise.all(
    Array.from({ length: 30 }, () =>
      withNetworkLock(directory.path, "counting", async () => {
        expect(++within).toBe(1);
        const count = Number(readFileSync(directory.join("count"), "utf8"));
        await Bun.sleep(1);
        writeFileSync(directory.join("count"), String(count + 1));
        within--;
      }),
    ),
  );
  expect(await Promise.all(others.map(({ exited }) => exited))).toEqual([0, 0, 0]);
  expect(readFileSync(directory.join("count"), "utf8")).toBe("120");
  expect(readdirSync(directory.path).filter((name) => name.startsWith("avx.lock"))).toEqual([]);
});

test("what killed processes leave is taken away, by one alone", async () => {
  writeFileSync(directory.join("count"), "0");
  const steady = [run("40"), run("40"), run("40")];
  for (let i = 0; i < 12; i++) {
    const victim = run("1000");
    const before = readFileSync(directory.join("count"), "utf8");
    await until(
      () => readFileSync(directory.join("count"), "utf8") !== before || steady.every((p) => p.exitCode === 0),
    );
    await Bun.sleep(i * 3);
    victim.kill("SIGKILL");
    await victim.exited;
  }
  expect(await Promise.all(steady.map(({ exited }) => exited))).toEqual([0, 0, 0]);
  expect(existsSync(directory.join("clashes"))).toBe(false);
  expect(Number(readFileSync(directory.join("count"), "utf8"))).toBeGreaterThanOrEqual(120);
  await withNetworkLock(directory.path, "looking", () => {});
  expect(readdirSync(directory.path).sort()).toEqual(["count", "inside"]);
});

test("who holds it is told, and waited for no longer than asked", async () => {
  const holder = run("hold");
  try {
    await until(() => lockHolder(directory.path) !== undefined);
    expect(lockHolder(directory.path)).toMatchObject({ pid: holder.pid, purpose: "holding on" });
    const told: number[] = [];
    const attempt = withNetworkLock(directory.path, "waiting", () => {}, {
      waitMs: 100,
      onWait: ({ pid }) => told.push(pid),
    });
    const error = (await attempt.catch((thrown: unknown) => thrown)) as TmpnetError;
    expect(error.type).toMatchObject({ code: "busy", pid: holder.pid, purpose: "holding on" });
    expect(error.message).toContain(`is in use: process ${holder.pid} is holding on since`);
    expect(told).toEqual([holder.pid]);
    const controller = new AbortController();
    const interrupted = withNetworkLock(directory.path, "waiting", () => {}, { signal: controller.signal });
    controller.abort();
    expect(await codeOf(interrupted)).toBe("interrupted");
  } finally {
    holder.kill("SIGKILL");
    await holder.exited;
  }
  expect(lockHolder(directory.path)).toBeUndefined();
  expect(await withNetworkLock(directory.path, "taking over", () => 3)).toBe(3);
});

test("a pid that was given to somebody else holds nothing", async () => {
  const self = systemProcessTable().read(process.pid)!;
  const record = { pid: self.pid, purpose: "x", command: "", since: 0, token: "t" };
  symlinkSync(JSON.stringify({ ...record, startMark: "another" }), directory.join(LOCK_FILE));
  expect(lockHolder(directory.path)).toBeUndefined();
  expect(await withNetworkLock(directory.path, "taking over", () => 1, { waitMs: 0 })).toBe(1);
});

test.each([
  "",
  "{",
  '{"pid": 1}',
  JSON.stringify({ pid: 1, startMark: "", token: "../x", purpose: "", command: "", since: 0 }),
])("a link that says nothing that can be understood holds nothing: %s", async (target) => {
  symlinkSync(target || " ", directory.join(LOCK_FILE));
  expect(await withNetworkLock(directory.path, "taking over", () => 1, { waitMs: 0 })).toBe(1);
  expect(existsSync(directory.join(LOCK_FILE))).toBe(false);
});

test.each([
  ["that is called otherwise", { command: "avx net start" }],
  ["at a time that there is none of", { since: 1e300 }],
])("a forged link that names a process %s holds nothing", async (_, forged) => {
  const { pid, startMark, commandLine } = systemProcessTable().read(process.pid)!;
  const record = { pid, startMark, token: "x", purpose: "p", command: commandLine.slice(0, 50), since: 1, ...forged };
  symlinkSync(JSON.stringify(record), directory.join(LOCK_FILE));
  expect(lockHolder(directory.path)).toBeUndefined();
  expect(await withNetworkLock(directory.path, "working", () => 1, { waitMs: 0 })).toBe(1);
});

test("what a holder says of itself is shown without what moves a cursor", () => {
  const { pid, startMark } = systemProcessTable().read(process.pid)!;
  const record = { pid, startMark, token: "x", purpose: "\u001b[2Jred\u0007", command: "", since: 1 };
  symlinkSync(JSON.stringify(record), directory.join(LOCK_FILE));
  expect(lockHolder(directory.path)?.purpose).toBe("\\u001b[2Jred\\u0007");
});

test("ending nodes goes on where something else has the lock's name, and leaves it there", async () => {
  mkdirSync(directory.join(LOCK_FILE));
  expect(await withNetworkLock(directory.path, "stopping", () => 1, { orWithout: true })).toBe(1);
  expect(await codeOf(withNetworkLock(directory.path, "starting", () => 1))).toBe("bad-file");
  expect(existsSync(directory.join(LOCK_FILE))).toBe(true);
});

test("what is no link is not taken for a lock", async () => {
  writeFileSync(directory.join(LOCK_FILE), "");
  expect(await codeOf(withNetworkLock(directory.path, "x", () => {}))).toBe("bad-file");
});

test("work inside has the lock already, and what it throws gives it back", async () => {
  const inner = await withNetworkLock(directory.path, "outer", () => withNetworkLock(directory.path, "inner", () => 7));
  expect(inner).toBe(7);
  const failing = withNetworkLock(directory.path, "failing", () => {
    throw new TmpnetError({ code: "option", option: "x" }, "x");
  });
  expect(await codeOf(failing)).toBe("option");
  expect(readdirSync(directory.path)).toEqual([]);
});

test("a directory that is gone, or goes, is told", async () => {
  expect(await codeOf(withNetworkLock(directory.join("nowhere"), "x", () => {}))).toBe("no-network");
  mkdirSync(directory.join("network"));
  await withNetworkLock(directory.join("network"), "removing it", () =>
    rmSync(directory.join("network"), { recursive: true }),
  );
});

test("unfinished work of processes that are no more is cleared away, that of others is not", async () => {
  const dead = Bun.spawnSync(["true"]).pid;
  const name = (path: string, pid: number) =>
    directory.join(...path.split("/").slice(0, -1), `.${path.split("/").at(-1)}.${pid}.0.tmp`);
  mkdirSync(directory.join("NodeID-a", "db"), { recursive: true });
  mkdirSync(directory.join("NodeID-empty"));
  mkdirSync(name("NodeID-removed", dead));
  writeFileSync(join(name("NodeID-removed", dead), "config.json"), "{}");
  writeFileSync(name("config.json", dead), "{");
  writeFileSync(name("NodeID-a/config.json", dead), "{");
  writeFileSync(directory.join("NodeID-a", `.process.json.${dead}.tmp`), "{");
  writeFileSync(name("NodeID-a/flags.json", process.pid), "{");
  writeFileSync(directory.join(".mine"), "");
  symlinkSync("x", directory.join(`${LOCK_FILE}.old`));
  await withNetworkLock(directory.path, "looking", () => {});
  expect(readdirSync(directory.path).sort()).toEqual([".mine", "NodeID-a"]);
  expect(readdirSync(directory.join("NodeID-a")).sort()).toEqual([`.flags.json.${process.pid}.0.tmp`, "db"]);
});
