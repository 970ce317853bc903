/** Which process is a node: what is proven, what is only suspected, what is somebody else's. */

import { expect, test } from "bun:test";
import { utimesSync } from "node:fs";
import { writeProcessContext } from "../../../lib/platform/process_context.ts";
import type { ProcessInfo, ProcessTable } from "../../../lib/tmpnet/runtime/process_table.ts";
import { findNode, isStillRunning } from "../../../lib/tmpnet/runtime/proof.ts";
import { writeSpawnRecord } from "../../../lib/tmpnet/runtime/spawn_record.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../../support/temporary.ts";

const NOW = 1_760_000_000_000;

function tableOf(...processes: ProcessInfo[]): ProcessTable {
  return {
    read: (pid) => processes.find((info) => info.pid === pid),
    list: (wanted) => processes.filter(({ commandLine }) => wanted(commandLine)),
  };
}

function nodeIn(directory: TemporaryDirectory, changes: Partial<ProcessInfo> = {}): ProcessInfo {
  const commandLine = `/bin/avalanchego --config-file ${directory.join("flags.json")}`;
  return { pid: 42, startMark: "boot:100", startedAt: NOW, commandLine, leadsGroup: true, ...changes };
}

/** Writes `process.json` as the node would, at a time. */
function writeContext(directory: TemporaryDirectory, pid: number, at: number): void {
  const path = directory.join("process.json");
  writeProcessContext(path, { pid, uri: "http://127.0.0.1:1", stakingAddress: "127.0.0.1:2" });
  utimesSync(path, at / 1000, at / 1000);
}

function pids(directory: TemporaryDirectory, ...processes: ProcessInfo[]) {
  const { proven, suspects } = findNode(directory.path, tableOf(...processes));
  return { proven: proven.map(({ pid }) => pid), suspects: suspects.map(({ pid }) => pid) };
}

test("a process that avx noted is proven by its start, and any other start refutes it", () => {
  using directory = temporaryDirectory();
  writeSpawnRecord(directory.path, { spawnedAt: NOW, process: { pid: 42, startMark: "boot:100" } });
  expect(pids(directory, nodeIn(directory))).toEqual({ proven: [42], suspects: [] });
  expect(pids(directory, nodeIn(directory, { startMark: "boot:101" }))).toEqual({ proven: [], suspects: [42] });
  expect(pids(directory, nodeIn(directory, { commandLine: "/bin/sleep 1000" }))).toEqual({ proven: [], suspects: [] });
});

test("a process that has no command line yet is proven by the note alone", () => {
  using directory = temporaryDirectory();
  writeSpawnRecord(directory.path, { spawnedAt: NOW, process: { pid: 42, startMark: "boot:100" } });
  expect(pids(directory, nodeIn(directory, { commandLine: "" }))).toEqual({ proven: [42], suspects: [] });
  const kernelThread = nodeIn(directory, { commandLine: "", startMark: "boot:7" });
  expect(pids(directory, kernelThread)).toEqual({ proven: [], suspects: [] });
});

test("a start that was cut off before its note was whole is found by its command", () => {
  using directory = temporaryDirectory();
  writeSpawnRecord(directory.path, { spawnedAt: NOW - 5 });
  expect(pids(directory, nodeIn(directory))).toEqual({ proven: [42], suspects: [] });
  expect(pids(directory, nodeIn(directory, { startedAt: NOW - 60_000 }))).toEqual({ proven: [], suspects: [42] });
});

test("a node that tmpnet started is proven by its process.json", () => {
  using directory = temporaryDirectory();
  writeContext(directory, 42, NOW + 300);
  expect(pids(directory, nodeIn(directory))).toEqual({ proven: [42], suspects: [] });
});

test("a process that got a node's pid and its command line after process.json was written is a suspect", () => {
  using directory = temporaryDirectory();
  writeContext(directory, 42, NOW - 60_000);
  expect(pids(directory, nodeIn(directory))).toEqual({ proven: [], suspects: [42] });
});

test("a process.json that names somebody else's process proves nothing", () => {
  using directory = temporaryDirectory();
  writeContext(directory, 42, NOW + 300);
  const stranger = nodeIn(directory, { commandLine: "/usr/bin/editor /home/me/novel.txt" });
  expect(pids(directory, stranger)).toEqual({ proven: [], suspects: [] });
});

test("a node that tmpnet started after avx had is proven by its process.json", () => {
  using directory = temporaryDirectory();
  writeSpawnRecord(directory.path, { spawnedAt: NOW - 60_000, process: { pid: 41, startMark: "boot:1" } });
  writeContext(directory, 42, NOW + 300);
  expect(pids(directory, nodeIn(directory))).toEqual({ proven: [42], suspects: [] });
});

test("a process with the command line that no file speaks of is a suspect", () => {
  using directory = temporaryDirectory();
  expect(pids(directory, nodeIn(directory))).toEqual({ proven: [], suspects: [42] });
});

test("a program that handed over to another is found with it", () => {
  using directory = temporaryDirectory();
  writeSpawnRecord(directory.path, { spawnedAt: NOW, process: { pid: 41, startMark: "boot:99" } });
  writeContext(directory, 42, NOW + 300);
  const wrapper = nodeIn(directory, {
    pid: 41,
    startMark: "boot:99",
    commandLine: `/bin/sh w --config-file ${directory.join("flags.json")}`,
  });
  expect(pids(directory, wrapper, nodeIn(directory))).toEqual({ proven: [41, 42], suspects: [] });
});

test("a node of another directory, also one whose name goes on, is not this one", () => {
  using directory = temporaryDirectory();
  const other = nodeIn(directory, {
    commandLine: `/bin/avalanchego --config-file ${directory.path}-second/flags.json`,
  });
  expect(pids(directory, other)).toEqual({ proven: [], suspects: [] });
});

test("files that cannot be understood prove nothing", () => {
  using directory = temporaryDirectory();
  for (const name of ["process.json", "avx-process.json"]) Bun.write(directory.join(name), "{");
  expect(pids(directory, nodeIn(directory))).toEqual({ proven: [], suspects: [42] });
});

test("a pid that has changed hands is not running any more", () => {
  using directory = temporaryDirectory();
  const node = nodeIn(directory);
  expect(isStillRunning(node, tableOf(node))).toBe(true);
  expect(isStillRunning(node, tableOf({ ...node, startMark: "boot:101" }))).toBe(false);
  expect(isStillRunning(node, tableOf())).toBe(false);
});
