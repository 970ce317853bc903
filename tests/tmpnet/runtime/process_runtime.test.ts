/** Nodes as processes, with a program that misbehaves as it is told. */

import { beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../../lib/core/clock.ts";
import { parseNodeID } from "../../../lib/core/ids/node_id.ts";
import type { RuntimeNode } from "../../../lib/tmpnet/runtime/contract.ts";
import { ProcessRuntime } from "../../../lib/tmpnet/runtime/process_runtime.ts";
import { systemProcessTable } from "../../../lib/tmpnet/runtime/process_table.ts";
import { homeForEachTest } from "../home.ts";
import { errorOf, nodeProcessesIn, readJSON, until } from "../support.ts";

const NODE_ID = parseNodeID("NodeID-326UTy2XrnQajHe4mMTdvRpsPsVnAvwYu");

// Each test starts programs: on a busy machine that takes its time.
setDefaultTimeout(60_000);

const home = homeForEachTest();
let node: RuntimeNode;

beforeEach(() => {
  const dataDir = home.directory.join(NODE_ID);
  mkdirSync(dataDir);
  node = { nodeID: NODE_ID, dataDir, runtimeConfig: { process: { avalancheGoPath: home.program } } };
});

function newRuntime(stopGraceMs = 3_000): ProcessRuntime {
  return new ProcessRuntime({ clock: systemClock }, { env: process.env, stopGraceMs });
}

function start(fake: string, runtime = newRuntime(), signal?: AbortSignal) {
  return runtime.start(node, { ...runtime.defaultFlags(node), fake }, { signal });
}

const sessionOf = (pid: number) => readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ")[3];

test("a node starts as a session of its own, can be reached, and is stopped", async () => {
  const runtime = newRuntime();
  const running = await start("healthy", runtime);
  expect(running).toMatchObject({ status: "running", pid: readJSON(join(node.dataDir, "process.json")).pid });
  expect(running.uri).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  if (process.platform === "linux") expect(sessionOf(running.pid)).toBe(String(running.pid));
  const { startedAt, ...constant } = running;
  expect(runtime.inspect(node)).toMatchObject(constant);
  expect(newRuntime().inspect(node)).toMatchObject(constant);
  expect(Math.abs(startedAt - Date.now())).toBeLessThan(10_000);
  for (const name of ["flags.json", "stdio.log", "avx-process.json"]) {
    expect(statSync(join(node.dataDir, name)).mode & 0o777).toBe(0o600);
  }

  expect(await runtime.stop(node)).toEqual({ how: "stopped" });
  expect(runtime.inspect(node)).toEqual({ status: "stopped", unproven: [] });
  expect(existsSync(join(node.dataDir, "avx-process.json"))).toBe(false);
  expect(await runtime.stop(node)).toEqual({ how: "not-running", unproven: [] });
});

test("a node that runs is not started again", async () => {
  const runtime = newRuntime();
  const { pid } = await start("healthy", runtime);
  const error = await errorOf(start("healthy", newRuntime()));
  expect(error.type).toEqual({ code: "already-running", nodeID: NODE_ID, pid });
  expect(nodeProcessesIn(home.directory.path)).toEqual([pid]);
});

test("a node that logs FATAL is quoted, and nothing of it is left", async () => {
  const error = await errorOf(start("fatal"));
  expect(error.type).toMatchObject({ code: "node-died", nodeID: NODE_ID });
  expect(error.message).toStartWith(`${NODE_ID} did not start: it logged FATAL\n  [11-21|06:14:21.321] FATAL`);
  expect(error.message).toContain("the moon is full");
  expect(error.message).toContain("INFO fake/node.ts:1 initializing node");
  expect(nodeProcessesIn(home.directory.path)).toEqual([]);
});

test("a node that ends before it has a log is quoted from what it printed", async () => {
  const error = await errorOf(start("exit"));
  expect(error.message).toStartWith(`${NODE_ID} did not start: it ended with exit code 7`);
  expect(error.message).toContain("couldn't load node config: the moon is full");
});

test("a FATAL of an earlier start is not taken for this one's", async () => {
  await errorOf(start("fatal"));
  expect((await start("healthy")).status).toBe("running");
});

test("a node that is stopped while it starts leaves nothing", async () => {
  const controller = new AbortController();
  const starting = errorOf(start("silent", newRuntime(), controller.signal));
  await until(() => nodeProcessesIn(home.directory.path).length === 1);
  controller.abort();
  expect((await starting).type).toEqual({ code: "interrupted" });
  expect(nodeProcessesIn(home.directory.path)).toEqual([]);
});

test("a signal that comes in the moment of the start leaves nothing", async () => {
  const controller = new AbortController();
  const starting = errorOf(start("silent", newRuntime(), controller.signal));
  controller.abort();
  expect((await starting).type).toEqual({ code: "interrupted" });
  await Bun.sleep(50);
  expect(nodeProcessesIn(home.directory.path)).toEqual([]);
});

test("a node that never says where it is has a deadline", async () => {
  const runtime = newRuntime();
  const deadline = systemClock.monotonic() + 300;
  const error = await errorOf(runtime.start(node, { ...runtime.defaultFlags(node), fake: "silent" }, { deadline }));
  expect(error.type.code).toBe("unhealthy");
  expect(error.message).toContain("did not say in time where it can be reached");
  expect(nodeProcessesIn(home.directory.path)).toEqual([]);
});

test("a node that ignores SIGTERM is killed", async () => {
  const runtime = newRuntime(200);
  const { pid } = await start("stubborn", runtime);
  expect(await runtime.stop(node)).toEqual({ how: "killed" });
  expect(systemProcessTable().read(pid)).toBeUndefined();
  expect(existsSync(join(node.dataDir, "process.json"))).toBe(false);
});

test("a node that was killed from outside is stopped, and its process.json told as stale and then removed", async () => {
  const { pid } = await start("healthy");
  process.kill(pid, "SIGKILL");
  await until(() => systemProcessTable().read(pid) === undefined);
  const runtime = newRuntime();
  expect(runtime.inspect(node)).toEqual({ status: "stopped", unproven: [], stalePID: pid });
  expect(await runtime.stop(node)).toEqual({ how: "not-running", unproven: [] });
  expect(existsSync(join(node.dataDir, "process.json"))).toBe(false);
});

test("trouble after the start is told: FATAL, or the end", async () => {
  const runtime = newRuntime();
  await start("fatal-later", runtime);
  await until(() => runtime.trouble(node) !== undefined);
  expect(runtime.trouble(node)).toContain("chain C ended: the moon is full");
  await runtime.stop(node);
  await start("exit-later", runtime);
  await until(() => runtime.trouble(node) !== undefined);
  expect(runtime.trouble(node)).toBe("ended with exit code 3");
});

describe("nobody else is hurt", () => {
  test("by a process.json that names another process", async () => {
    const bystander = spawn("sleep", ["60"], { detached: true, stdio: "ignore" });
    try {
      const context = { pid: bystander.pid, uri: "http://127.0.0.1:1", stakingAddress: "127.0.0.1:2" };
      writeFileSync(join(node.dataDir, "process.json"), JSON.stringify(context));
      expect(await newRuntime().stop(node)).toEqual({ how: "not-running", unproven: [] });
      expect(existsSync(join(node.dataDir, "process.json"))).toBe(false);
      expect(bystander.exitCode).toBeNull();
      expect(systemProcessTable().read(bystander.pid as number)).toBeDefined();
    } finally {
      bystander.kill("SIGKILL");
    }
  });

  test("by a note whose pid has another start", async () => {
    const decoy = spawn("sh", ["-c", "sleep 60; :", "--config-file", join(node.dataDir, "flags.json")], {
      detached: true,
      stdio: "ignore",
    });
    try {
      await until(() => nodeProcessesIn(home.directory.path).length === 1);
      const record = { spawnedAt: Date.now(), process: { pid: decoy.pid, startMark: "another boot:1" } };
      writeFileSync(join(node.dataDir, "avx-process.json"), JSON.stringify(record));
      expect(await newRuntime().stop(node)).toEqual({ how: "not-running", unproven: [decoy.pid as number] });
      expect(systemProcessTable().read(decoy.pid as number)).toBeDefined();
    } finally {
      process.kill(-(decoy.pid as number), "SIGKILL");
    }
  });

  test("by a start that was cut off: the node is found and ended, a look-alike from before is not", async () => {
    const flagsPath = join(node.dataDir, "flags.json");
    const before = spawn("sh", ["-c", "sleep 60; :", "--config-file", flagsPath], { detached: true, stdio: "ignore" });
    await until(() => nodeProcessesIn(home.directory.path).length === 1);
    await Bun.sleep(2_000);
    writeFileSync(join(node.dataDir, "avx-process.json"), JSON.stringify({ spawnedAt: Date.now() }));
    const after = spawn("sh", ["-c", "sleep 60; :", "--config-file", flagsPath], { detached: true, stdio: "ignore" });
    try {
      await until(() => nodeProcessesIn(home.directory.path).length === 2);
      expect(await newRuntime().stop(node)).toEqual({ how: "stopped" });
      expect(nodeProcessesIn(home.directory.path)).toEqual([before.pid as number]);
    } finally {
      for (const { pid } of [before, after]) {
        try {
          process.kill(-(pid as number), "SIGKILL");
        } catch {
          // It has ended.
        }
      }
    }
  });
});

test.each([
  ["none", "No program is named", ""],
  ["one that is not there", "there is no such file", "/nowhere/avalanchego"],
  ["a directory", "there is no such file", "/"],
  ["a file that is not executable", "it is not executable", import.meta.path],
])("a program that is %s is refused before anything is made", async (_, word, avalancheGoPath) => {
  node = { ...node, runtimeConfig: { process: { avalancheGoPath } } };
  const error = await errorOf(start("healthy"));
  expect(error.type.code).toBe("binary");
  expect(error.message).toContain(word);
  expect(existsSync(join(node.dataDir, "flags.json"))).toBe(false);
});

test("a file that is executable and no program is told as such", async () => {
  const path = home.directory.join("nonsense");
  writeFileSync(path, "\u0000\u0001\u0002", { mode: 0o700 });
  node = { ...node, runtimeConfig: { process: { avalancheGoPath: path } } };
  const error = await errorOf(start("healthy"));
  expect(["binary", "node-died"]).toContain(error.type.code);
  expect(nodeProcessesIn(home.directory.path)).toEqual([]);
});

test("a node of a runtime that avx does not have is refused by the runtime's name", async () => {
  node = { ...node, runtimeConfig: { other: { kube: { image: "x" } } } };
  expect((await errorOf(newRuntime().start(node, {}))).message).toContain('the runtime "kube"');
  expect((await errorOf(newRuntime().stop(node))).type).toEqual({ code: "unsupported", what: "kube" });
});

test("what a node displays is kept to errors, unless the user wants otherwise", async () => {
  const program = home.directory.join("env-node");
  writeFileSync(program, '#!/bin/sh\necho "level=$AVAGO_LOG_DISPLAY_LEVEL"\nexit 1\n', { mode: 0o700 });
  node = { ...node, runtimeConfig: { process: { avalancheGoPath: program } } };
  expect((await errorOf(start("healthy"))).message).toContain("level=error");
  const env = { ...process.env, AVAGO_LOG_DISPLAY_LEVEL: "info" };
  const runtime = new ProcessRuntime({ clock: systemClock }, { env });
  expect((await errorOf(runtime.start(node, {}))).message).toContain("level=info");
});

test("a node is killed at once for a caller that is about to end", async () => {
  const runtime = newRuntime();
  const { pid } = await start("stubborn", runtime);
  runtime.kill(node);
  await until(() => systemProcessTable().read(pid) === undefined);
  runtime.kill(node); // of no effect on one that has ended
});
