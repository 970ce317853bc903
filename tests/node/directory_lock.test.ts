import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { systemClock } from "../../lib/core/clock.ts";
import { directoryHolder, LOCK_FILE, lockDirectory } from "../../lib/node/directory_lock.ts";
import { readProcessContext } from "../../lib/platform/process_context.ts";
import { AVX_SOURCE, avxEnvironment } from "../support/cli.ts";
import { eventually } from "../support/eventually.ts";
import { temporaryDirectory } from "../support/temporary.ts";
import { LOOPBACK } from "./support.ts";

const modules = { clock: systemClock };

test("a directory is one node's until it is given back, and nothing is left of the lock", async () => {
  using directory = temporaryDirectory();
  const lock = await lockDirectory(modules, directory.path);
  expect(directoryHolder(directory.path)).toBe(process.pid);
  expect(lockDirectory(modules, directory.path)).rejects.toMatchObject({ type: { code: "in-use", pid: process.pid } });
  lock[Symbol.dispose]();
  lock[Symbol.dispose]();
  expect(directoryHolder(directory.path)).toBeUndefined();
  using _ = await lockDirectory(modules, directory.path);
  expect(readdirSync(directory.path)).toEqual([LOCK_FILE]);
});

test.each([
  ["a process that is no more", "999999999|mark|token"],
  ["another process that had this process's ID", `${process.pid}|another time|token`],
  ["nobody that can be understood", "what is this"],
])("a lock of %s is taken over, with what lies around it", async (_, target) => {
  using directory = temporaryDirectory();
  symlinkSync(target, directory.join(LOCK_FILE));
  symlinkSync(target, directory.join(`${LOCK_FILE}.token`));
  expect(directoryHolder(directory.path)).toBeUndefined();
  using _lock = await lockDirectory(modules, directory.path);
  expect(directoryHolder(directory.path)).toBe(process.pid);
  expect(readdirSync(directory.path)).toEqual([LOCK_FILE]);
});

test("a file in the lock's place is taken away", async () => {
  using directory = temporaryDirectory();
  writeFileSync(directory.join(LOCK_FILE), "x");
  using _lock = await lockDirectory(modules, directory.path);
  expect(directoryHolder(directory.path)).toBe(process.pid);
});

test("of many that ask at once, one has the directory at a time", async () => {
  using directory = temporaryDirectory();
  symlinkSync("999999999|mark|token", directory.join(LOCK_FILE));
  const asked = await Promise.allSettled(Array.from({ length: 20 }, () => lockDirectory(modules, directory.path)));
  expect(asked.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("of nodes that start at once in a directory where one was killed, one runs, and the others say so", async () => {
  using directory = temporaryDirectory();
  const flags = Object.entries({ ...LOOPBACK, "network-id": "local", "data-dir": directory.path });
  const args = flags.map(([name, value]) => `--${name}=${value}`);
  const start = () =>
    Bun.spawn([...AVX_SOURCE, "node", "run", ...args], {
      env: avxEnvironment(),
      stdin: "ignore",
      stdout: "ignore",
      stderr: "pipe",
    });
  const context = directory.join("process.json");

  const killed = start();
  await eventually("the node says where it is", () => existsSync(context));
  killed.kill("SIGKILL");
  await killed.exited;
  expect(existsSync(context)).toBe(true);

  const nodes = [start(), start(), start()];
  try {
    await eventually("one is left", () => nodes.filter(({ exitCode }) => exitCode === null).length === 1);
    const [winner] = nodes.filter(({ exitCode }) => exitCode === null);
    await eventually("it says where it is", () => readProcessContext(context)?.pid === winner?.pid);
    for (const node of nodes) {
      if (node === winner) continue;
      expect(await node.exited).toBe(1);
      expect(await node.stderr.text()).toContain(`The node of process ${winner?.pid} runs here already`);
    }
    expect(readFileSync(directory.join("logs", "main.log"), "utf8")).not.toContain("FATAL");
    winner?.kill("SIGTERM");
    expect(await winner?.exited).toBe(0);
    expect(readdirSync(directory.path).filter((name) => name.startsWith(LOCK_FILE))).toEqual([]);
  } finally {
    for (const node of nodes) node.kill("SIGKILL");
    await Promise.all(nodes.map(({ exited }) => exited));
  }
}, 60_000);
