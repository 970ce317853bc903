import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PlatformError } from "../../lib/platform/errors.ts";
import {
  PROCESS_CONTEXT_FILE_NAME,
  readProcessContext,
  removeProcessContext,
  writeProcessContext,
} from "../../lib/platform/process_context.ts";

const scratch = mkdtempSync(join(tmpdir(), "avx-process-context-"));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

let directories = 0;
function freshPath(): string {
  const directory = join(scratch, String(directories++));
  mkdirSync(directory);
  return join(directory, PROCESS_CONTEXT_FILE_NAME);
}

const context = { pid: 23669, uri: "http://127.0.0.1:38381", stakingAddress: "127.0.0.1:33847" };

test("the file is avalanchego's, byte for byte", () => {
  const path = freshPath();
  writeProcessContext(path, context);
  expect(readFileSync(path, "utf8")).toBe(
    '{\n  "pid": 23669,\n  "uri": "http://127.0.0.1:38381",\n  "stakingAddress": "127.0.0.1:33847"\n}',
  );
  if (process.platform !== "win32") expect(statSync(path).mode & 0o137).toBe(0);
});

test("what was written is read, replaced and removed, and nothing else is left beside it", () => {
  const path = freshPath();
  writeProcessContext(path, context);
  writeProcessContext(path, { ...context, pid: 7, stakingAddress: "[::1]:9651" });
  expect(readProcessContext(path)).toEqual({ ...context, pid: 7, stakingAddress: "[::1]:9651" });
  expect(readdirSync(join(path, ".."))).toEqual([PROCESS_CONTEXT_FILE_NAME]);
  removeProcessContext(path);
  removeProcessContext(path);
  expect(readProcessContext(path)).toBeUndefined();
});

test("a file that is absent, empty or under no directory is not there", () => {
  const path = freshPath();
  expect(readProcessContext(path)).toBeUndefined();
  writeFileSync(path, "");
  expect(readProcessContext(path)).toBeUndefined();
  expect(readProcessContext(join(path, "process.json"))).toBeUndefined();
});

test("a failed write leaves no unfinished file", () => {
  const path = freshPath();
  mkdirSync(path);
  expect(() => writeProcessContext(path, context)).toThrow();
  expect(readdirSync(join(path, ".."))).toEqual([PROCESS_CONTEXT_FILE_NAME]);
});

test("fields of a later version are passed over, and the staking address may be missing", () => {
  const path = freshPath();
  writeFileSync(path, '{"pid":1,"uri":"http://[::1]:9650","more":{}}');
  expect(readProcessContext(path)).toEqual({ pid: 1, uri: "http://[::1]:9650", stakingAddress: "" });
});

test.each([
  ["it is not JSON", '{"pid": 1'],
  ["it is not an object", "null"],
  ["it is not an object", "[]"],
  ["pid is no process ID", '{"uri":"http://127.0.0.1:1"}'],
  ["pid is no process ID", '{"pid":"1","uri":"http://127.0.0.1:1"}'],
  ["pid is no process ID", '{"pid":-1,"uri":"http://127.0.0.1:1"}'],
  ["pid is no process ID", '{"pid":1.5,"uri":"http://127.0.0.1:1"}'],
  ["uri is no URI", '{"pid":1}'],
  ["uri is no URI", '{"pid":1,"uri":"here"}'],
  ["stakingAddress is no text", '{"pid":1,"uri":"http://127.0.0.1:1","stakingAddress":9651}'],
])("refused because %s: %s", (reason, text) => {
  const path = freshPath();
  writeFileSync(path, text);
  let thrown: unknown;
  try {
    readProcessContext(path);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(PlatformError);
  expect((thrown as PlatformError).type).toEqual({ code: "process-context", path });
  expect((thrown as PlatformError).message).toBe(`Cannot read ${path}: ${reason}`);
});
