/** Processes as the system tells of them. */

import { expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { parsePs, systemProcessTable } from "../../../lib/tmpnet/runtime/process_table.ts";
import { until } from "../support.ts";

const table = systemProcessTable();

test("a process is told with its start and its whole command line", async () => {
  const before = Date.now();
  const child = spawn("sleep", ["31.4159"], { detached: true, stdio: "ignore" });
  try {
    const pid = child.pid as number;
    await until(() => table.read(pid)?.commandLine === "sleep 31.4159");
    const info = table.read(pid);
    expect(info?.leadsGroup).toBe(true);
    expect(Math.abs((info?.startedAt ?? 0) - before)).toBeLessThan(1_500);
    expect(table.read(pid)?.startMark).toBe(info?.startMark as string);
    expect(table.list((line) => line === "sleep 31.4159").map((found) => found.pid)).toEqual([pid]);
  } finally {
    child.kill("SIGKILL");
  }
  await until(() => table.read(child.pid as number) === undefined);
});

test("a child that is in its parent's group does not lead one", async () => {
  const child = spawn("sleep", ["27.1828"], { stdio: "ignore" });
  try {
    await until(() => table.read(child.pid as number)?.commandLine === "sleep 27.1828");
    expect(table.read(child.pid as number)?.leadsGroup).toBe(false);
  } finally {
    child.kill("SIGKILL");
  }
});

test("a process that has ended and was not waited for is none", async () => {
  // The shell never waits: its child stays a zombie until the shell ends.
  const shell = spawn("sh", ["-c", "sleep 0 & echo $!; exec sleep 10"], { stdio: ["ignore", "pipe", "ignore"] });
  try {
    const pid = await new Promise<number>((resolve) => {
      shell.stdout?.once("data", (text: Buffer) => resolve(Number(text.toString())));
    });
    await until(() => table.read(pid) === undefined);
    expect(() => process.kill(pid, 0)).not.toThrow(); // its entry is still there
  } finally {
    shell.kill("SIGKILL");
  }
});

test("no process is no process", () => {
  expect(table.read(2 ** 30)).toBeUndefined();
});

test("what ps prints on macOS is read", () => {
  const text = [
    "    1     1 Ss   Thu Nov 20 21:02:11 2026     /sbin/launchd",
    "  733   733 S+   Sat Nov  1 07:55:04 2026     /bin/node --config-file /n 1/flags.json",
    "  734   733 Z+   Sat Nov  1 07:55:05 2026     (node)",
    "",
  ].join("\n");
  const [launchd, node, ...rest] = parsePs(text);
  expect(rest).toEqual([]);
  expect(launchd?.pid).toBe(1);
  expect(node).toMatchObject({ pid: 733, startMark: "Sat Nov 1 07:55:04 2026", leadsGroup: true });
  expect(node?.commandLine.trim()).toBe("/bin/node --config-file /n 1/flags.json");
  expect(new Date(node?.startedAt ?? 0).getSeconds()).toBe(4);
});
