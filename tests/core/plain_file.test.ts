import { afterEach, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { symlinkSync, writeFileSync } from "node:fs";
import { openPlainFile, readPlainFile } from "../../lib/core/plain_file.ts";
import { readProcessContext } from "../../lib/platform/process_context.ts";
import { tailLines } from "../../lib/tmpnet/runtime/log_watch.ts";
import { type TemporaryDirectory, temporaryDirectory } from "../support/temporary.ts";

let directory: TemporaryDirectory;
beforeEach(() => {
  directory = temporaryDirectory();
});
afterEach(() => directory[Symbol.dispose]());

test("a file is read up to the size that is allowed, also by a link", () => {
  writeFileSync(directory.join("a"), "12345");
  symlinkSync("a", directory.join("link"));
  expect(readPlainFile(directory.join("link"), 5)).toBe("12345");
  expect(() => readPlainFile(directory.join("a"), 4)).toThrow("it has 5 bytes, and 4 are the most");
  expect(() => readPlainFile(directory.join("b"), 4)).toThrow("ENOENT");
});

test("a directory is refused", () => {
  expect(() => openPlainFile(directory.path)).toThrow("it is a directory");
  expect(() => readProcessContext(directory.path)).toThrow("it is a directory");
});

test.skipIf(process.platform === "win32")("a pipe is not waited for, and a device without an end is not begun", () => {
  const pipe = directory.join("pipe");
  expect(spawnSync("mkfifo", [pipe]).status).toBe(0);
  const endless = directory.join("endless");
  symlinkSync("/dev/zero", endless);
  for (const path of [pipe, endless]) {
    expect(() => readPlainFile(path, 10)).toThrow("it is no plain file");
    expect(() => readProcessContext(path)).toThrow("it is no plain file");
    expect(tailLines(path)).toEqual([]);
  }
});
