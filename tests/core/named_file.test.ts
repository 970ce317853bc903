import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { readNamedFile } from "../../lib/core/named_file.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";

let directory: TemporaryDirectory;

beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory[Symbol.dispose]());

function pipe(): string {
  const path = directory.join("pipe");
  expect(spawnSync("mkfifo", [path]).status).toBe(0);
  return path;
}

test("a plain file is read, by a link too; a directory, a device and a file that is too long are told", () => {
  writeFileSync(directory.join("a"), "12345");
  symlinkSync("a", directory.join("link"));
  mkdirSync(directory.join("dir"));
  expect(readNamedFile(directory.join("link")).toString()).toBe("12345");
  expect(() => readNamedFile(directory.join("a"), 4)).toThrow("it has more than 4 bytes");
  expect(() => readNamedFile(directory.join("dir"))).toThrow(/directory/);
  expect(() => readNamedFile("/dev/zero")).toThrow("it is neither a plain file nor a pipe");
  expect(() => readNamedFile(directory.join("none"))).toThrow("ENOENT");
});

test("a pipe that nobody writes to is not waited for", () => {
  expect(() => readNamedFile(pipe())).toThrow("it is a pipe that nobody writes to");
});

test("a pipe is read to its end, also where its writer takes its time, and more than fits into one is written", () => {
  const path = pipe();
  // Opened by its writer before this reads, as a shell's <(…) is.
  spawn("sh", [
    "-c",
    'exec 3<>"$0"; echo first >&3; touch "$0.open"; sleep 0.2; head -c 200000 /dev/zero > "$0"',
    path,
  ]);
  while (spawnSync("test", ["-e", `${path}.open`]).status !== 0);
  const bytes = readNamedFile(path);
  expect(bytes.subarray(0, 6).toString()).toBe("first\n");
  expect(bytes).toHaveLength(200_006);
});

test("a pipe that brings more than may be is given up", () => {
  const path = pipe();
  const writer = spawn("sh", ["-c", 'exec 3<>"$0"; touch "$0.open"; cat /dev/zero >&3', path]);
  while (spawnSync("test", ["-e", `${path}.open`]).status !== 0);
  expect(() => readNamedFile(path, 1_000_000)).toThrow("it has more than 1000000 bytes");
  writer.kill("SIGKILL");
});
