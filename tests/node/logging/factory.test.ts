import { afterAll, expect, test } from "bun:test";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { ManualClock } from "../../../lib/core/clock.ts";
import { LogFactory, LoggingError, type LoggingOptions } from "../../../lib/node/logging/factory.ts";

const root = mkdtempSync(join(tmpdir(), "avx-logging-"));
afterAll(() => rmSync(root, { recursive: true }));

let directories = 0;
function setUp(options: Partial<LoggingOptions> = {}, directory = join(root, String(directories++))) {
  const clock = new ManualClock(Date.UTC(2026, 10, 21, 7, 50, 10, 38));
  const shown: string[] = [];
  const factory = new LogFactory(
    { clock, display: { write: (text) => shown.push(text) } },
    {
      directory,
      logLevel: "info",
      displayLevel: "warn",
      format: "plain",
      rotation: { maxBytes: 1_000, maxFiles: 2, maxAgeDays: 0, compress: false },
      ...options,
    },
  );
  return { clock, shown, factory, directory, main: () => readFileSync(join(directory, "main.log"), "utf8") };
}

test("a line goes to the file and the display by the level of each", async () => {
  const { factory, shown, main } = setUp();
  await using _ = factory;
  const log = factory.make("main");
  log.debug("quiet");
  log.info("written");
  log.warn("loud");
  expect(main()).toMatch(/INFO logging\/factory\.test\.ts:\d+ written\n.* WARN .* loud\n$/);
  expect(shown.join("")).toMatch(/^\[.*\] WARN .* loud\n$/);
  expect(log.enabled("debug")).toBe(false);
});

test("levels change while the logger lives", async () => {
  const { factory, shown, main } = setUp();
  await using _ = factory;
  const log = factory.make("main");
  factory.setLevels("main", { displayLevel: "debug" });
  expect(factory.levels("main")).toEqual({ logLevel: "info", displayLevel: "debug" });
  expect(log.enabled("debug")).toBe(true);
  log.debug("now");
  expect(shown).toHaveLength(1);
  expect(main()).toBe("");
  expect(() => factory.setLevels("other", {})).toThrow(LoggingError);
  expect(() => factory.make("main")).toThrow(LoggingError);
});

test("the display has colours, the file none", async () => {
  const { factory, shown, main } = setUp({ format: "colors" });
  await using _ = factory;
  factory.make("main").error("broken");
  expect(shown[0]).toContain("\u001b[0;33mERROR");
  expect(main()).not.toContain("\u001b");
});

test("logs are closed to strangers", async () => {
  const { factory, directory } = setUp();
  await using _ = factory;
  factory.make("main");
  expect(statSync(directory).mode & 0o007).toBe(0);
  expect(statSync(join(directory, "main.log")).mode & 0o007).toBe(0);
});

test("the file of an earlier run is continued, unless it tells of a death", async () => {
  const first = setUp();
  await using _ = first.factory;
  first.factory.make("main").info("first run");
  const second = setUp({}, first.directory);
  await using _2 = second.factory;
  second.factory.make("main").fatal("failed to start");
  expect(second.main()).toMatch(/first run\n.*FATAL/);
  const third = setUp({}, first.directory);
  await using _3 = third.factory;
  third.factory.make("main").info("third run");
  expect(third.main()).not.toContain("FATAL");
  expect(readdirSync(first.directory).sort()).toEqual(["main-2026-11-21T07-50-10.038.log", "main.log"]);
});

test("full files are put aside, the newest are kept, and compressed on wish", async () => {
  const { factory, clock, directory } = setUp({
    rotation: { maxBytes: 200, maxFiles: 2, maxAgeDays: 0, compress: true },
  });
  const log = factory.make("main");
  mkdirSync(join(directory, "main-not-a-log"));
  writeFileSync(join(directory, "main-mine.log"), "keep");
  for (let i = 0; i < 10; i++) {
    clock.advance(1_000);
    log.info("x".repeat(150), { i });
  }
  await factory.close();
  const aside = readdirSync(directory).filter((name) => name.endsWith(".gz"));
  expect(aside).toHaveLength(2);
  expect(readdirSync(directory)).toContain("main-mine.log");
  const newest = gunzipSync(readFileSync(join(directory, aside.sort()[1] as string))).toString();
  expect(newest).toContain('"i": 8');
});

test("files put aside too long ago are removed", async () => {
  const { factory, clock, directory } = setUp({
    rotation: { maxBytes: 100, maxFiles: 0, maxAgeDays: 1, compress: false },
  });
  const log = factory.make("main");
  log.info("x".repeat(150));
  log.info("x".repeat(150));
  clock.advance(25 * 60 * 60 * 1_000);
  log.info("x".repeat(150));
  await factory.close();
  expect(readdirSync(directory).filter((name) => name !== "main.log")).toHaveLength(1);
});

test("a directory that cannot be made is known at once", () => {
  const path = join(root, "file");
  writeFileSync(path, "");
  expect(() => setUp({}, join(path, "logs")).factory.make("main")).toThrow();
});

test("lines that a failing disk does not take are dropped and counted", async () => {
  const { factory, directory, main, shown } = setUp({ displayLevel: "info" });
  const log = factory.make("main");
  log.info("x".repeat(900));
  renameSync(directory, `${directory}-moved`);
  writeFileSync(directory, "");
  log.info("y".repeat(900));
  log.info("z".repeat(900));
  expect(shown).toHaveLength(3);
  rmSync(directory);
  log.info("back");
  expect(main()).toMatch(/back\n.* WARN .* lines before this were lost \{"lines": 2\}\n$/);
  await factory.close();
});
