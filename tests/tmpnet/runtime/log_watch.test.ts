/** What a node's logs say. */

import { expect, test } from "bun:test";
import { appendFileSync, renameSync, writeFileSync } from "node:fs";
import { LogWatch, presentable, tailLines } from "../../../lib/tmpnet/runtime/log_watch.ts";
import { temporaryDirectory } from "../../support/temporary.ts";

const FATAL = "[11-21|07:55:04.587] FATAL app/app.go:67 failed to set fd-limit {}";

test("FATAL is found once it is there, and stays found", () => {
  using directory = temporaryDirectory();
  const path = directory.join("main.log");
  const watch = new LogWatch(path);
  expect(watch.poll()).toBeUndefined();
  appendFileSync(path, "[11-21|07:55:04.586] INFO all is well\n");
  expect(watch.poll()).toBeUndefined();
  appendFileSync(path, FATAL.slice(0, 30));
  expect(watch.poll()).toBeUndefined();
  appendFileSync(path, `${FATAL.slice(30)}\nmore\n`);
  expect(watch.poll()).toBe(FATAL);
  writeFileSync(path, "");
  expect(watch.poll()).toBe(FATAL);
});

test("what a log held before is passed over", () => {
  using directory = temporaryDirectory();
  const path = directory.join("main.log");
  writeFileSync(path, `${FATAL}\n`);
  const watch = new LogWatch(path);
  expect(watch.poll()).toBeUndefined();
  appendFileSync(path, `${FATAL.replace("fd-limit", "stage")}\n`);
  expect(watch.poll()).toContain("stage");
});

test("a log that was turned over or begun anew is read from its start", () => {
  using directory = temporaryDirectory();
  const path = directory.join("main.log");
  writeFileSync(path, "a long line that was there before\n");
  const turned = new LogWatch(path);
  renameSync(path, directory.join("main-1.log"));
  writeFileSync(path, `${FATAL}\n and a line that makes it longer than the old one was\n`);
  expect(turned.poll()).toBe(FATAL);

  writeFileSync(path, `${"x".repeat(200)}\n`);
  const cut = new LogWatch(path);
  writeFileSync(path, `${FATAL}\n`);
  expect(cut.poll()).toBe(FATAL);
});

test.each([FATAL, "FATAL failed", '{"level":"fatal","msg":"failed"}', `\u001b[31m${FATAL}\u001b[0m`])(
  "the level is FATAL in %j",
  (line) => {
    using directory = temporaryDirectory();
    const watch = new LogWatch(directory.join("main.log"));
    writeFileSync(directory.join("main.log"), `${line}\n`);
    expect(watch.poll()).toBeDefined();
  },
);

test.each([
  '[11-21|07:55:04.587] DEBUG peer said {"client": "FATAL"}',
  "[11-21|07:55:04.587] INFO FATAL is only a word here",
  "FATALITY is another word",
])("the level is not FATAL in %j", (line) => {
  using directory = temporaryDirectory();
  const watch = new LogWatch(directory.join("main.log"));
  writeFileSync(directory.join("main.log"), `${line}\n`);
  expect(watch.poll()).toBeUndefined();
});

test("the end of a log is quoted, without empty lines, and nothing of a log that is not there", () => {
  using directory = temporaryDirectory();
  const path = directory.join("main.log");
  writeFileSync(path, Array.from({ length: 100 }, (_, i) => `line ${i}\n\n`).join(""));
  expect(tailLines(path, 3)).toEqual(["line 97", "line 98", "line 99"]);
  expect(tailLines(directory.join("none.log"))).toEqual([]);
});

test("a quoted line has no colours, no control characters, and an end", () => {
  expect(presentable("\u001b[31mred\u001b[0m \u0007\u001b]0;title\u0007 end  ")).toBe("red ]0;title end");
  expect(presentable("x".repeat(1000))).toHaveLength(241);
});
