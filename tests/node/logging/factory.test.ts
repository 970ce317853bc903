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

test("a chain has a file of its own, with its name in each line, and goes on with it when it runs anew", async () => {
  const { factory, directory, main } = setUp();
  factory.make("main");
  factory.makeChain("C").info("accepted");
  factory.makeChain("C").info("again");
  await factory.close();
  const lines = readFileSync(join(directory, "C.log"), "utf8").trimEnd().split("\n");
  expect(lines).toHaveLength(2);
  expect(lines[0]).toMatch(/ INFO <C Chain> logging\/factory\.test\.ts:\d+ accepted$/);
  expect(main()).toBe("");
  expect(factory.names).toEqual(["main", "C"]);
});

test("whatever a chain is called, its file lies in the directory and is nobody else's", async () => {
  const { factory, directory } = setUp();
  factory.make("main").info("the node's own");
  for (const alias of ["main", "../../up", "a/b", ".", ""]) factory.makeChain(alias).info("x");
  await factory.close();
  expect(readdirSync(directory).sort()).toEqual([
    "_.._up.log",
    "a_b.log",
    "chain-chain.log",
    "chain.log",
    "main-chain.log",
    "main.log",
  ]);
});

test("a chain whose file cannot be opened runs, and its lines are counted when they can be written", async () => {
  const { factory, directory } = setUp();
  writeFileSync(directory, "");
  const log = factory.makeChain("C");
  log.info("lost");
  rmSync(directory);
  log.info("back");
  await factory.close();
  expect(readFileSync(join(directory, "C.log"), "utf8")).toMatch(
    /back\n.*lines before this were lost \{"lines": 1\}\n$/,
  );
});

test("files put aside within one millisecond are all kept, compressed or not", async () => {
  const { factory, directory } = setUp({ rotation: { maxBytes: 100, maxFiles: 0, maxAgeDays: 0, compress: true } });
  const log = factory.make("main");
  for (let i = 0; i < 5; i++) log.info(`line ${i} ${"x".repeat(100)}`);
  await factory.close();
  expect(readdirSync(directory)).toHaveLength(5);
});

test("rotation goes on where an earlier run has left it, each logger with its own files", async () => {
  const rotation = { maxBytes: 100, maxFiles: 2, maxAgeDays: 0, compress: false };
  const first = setUp({ rotation });
  for (const name of ["main", "main-2", "C"]) {
    const log = first.factory.make(name);
    for (let i = 0; i < 3; i++) log.info("x".repeat(100));
  }
  await first.factory.close();
  const second = setUp({ rotation }, first.directory);
  second.clock.advance(1_000);
  for (const name of ["main", "main-2", "C"]) second.factory.make(name).info("y".repeat(100));
  await second.factory.close();
  const files = readdirSync(first.directory);
  for (const name of ["main", "main-2", "C"]) {
    const aside = files.filter((file) => file.replace(/-\d{4}-.*$/, "") === name);
    expect(aside).toHaveLength(2);
    expect(readFileSync(join(first.directory, `${name}.log`), "utf8")).toContain("yyy");
  }
});

test("what was half compressed when the process ended is compressed anew", async () => {
  const first = setUp({ rotation: { maxBytes: 100, maxFiles: 0, maxAgeDays: 0, compress: false } });
  const log = first.factory.make("main");
  log.info("x".repeat(100));
  log.info("x".repeat(100));
  await first.factory.close();
  const [aside = ""] = readdirSync(first.directory).filter((name) => name !== "main.log");
  writeFileSync(join(first.directory, `${aside}.gz.partial`), "half");
  const second = setUp({ rotation: { maxBytes: 100, maxFiles: 0, maxAgeDays: 0, compress: true } }, first.directory);
  second.factory.make("main");
  await second.factory.close();
  expect(readdirSync(first.directory).sort()).toEqual([`${aside}.gz`, "main.log"]);
});
