import { expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { ManualClock } from "../../../lib/core/clock.ts";
import { LogFactory } from "../../../lib/node/logging/factory.ts";
import { temporaryDirectory } from "../../support/temporary.ts";
import { nodeConfig } from "../support.ts";
import { startedNode } from "./started.ts";

test("log-dir is where logs are written", async () => {
  await using started = await startedNode({ "log-dir": "@/elsewhere" });
  expect(existsSync(started.directory.join("elsewhere", "main.log"))).toBe(true);
  expect(existsSync(started.directory.join("logs"))).toBe(false);
});

test("log-level is the level of files, and that of the display where log-display-level does not say another", async () => {
  const said = async (flags: Record<string, string>): Promise<boolean[]> => {
    await using started = await startedNode(flags);
    const file = existsSync(started.directory.join("logs")) ? started.log() : "";
    return [file.includes("initializing node"), started.shown.join("").includes("initializing node")];
  };
  expect(await said({})).toEqual([true, true]);
  expect(await said({ "log-level": "error" })).toEqual([false, false]);
  expect(await said({ "log-level": "OFF", "log-display-level": "info" })).toEqual([false, true]);
  expect(await said({ "log-level": "info", "log-display-level": "error" })).toEqual([true, false]);
});

test("log-format is the form of files and of the display, which alone has colours", async () => {
  const forms = async (flags: Record<string, string>, colors = true) => {
    const shown: string[] = [];
    const display = { write: (text: string) => void shown.push(text), colors };
    await using started = await startedNode(flags, { display });
    const form = (line = ""): string => {
      return line.startsWith("{")
        ? "json"
        : line.includes("\u001b[")
          ? "colors"
          : line.startsWith("[")
            ? "plain"
            : line;
    };
    return [form(started.log()), form(shown[0])];
  };
  expect(await forms({})).toEqual(["plain", "colors"]);
  expect(await forms({}, false)).toEqual(["plain", "plain"]);
  expect(await forms({ "log-format": "plain" })).toEqual(["plain", "plain"]);
  expect(await forms({ "log-format": "colors" }, false)).toEqual(["plain", "colors"]);
  expect(await forms({ "log-format": "JSON" })).toEqual(["json", "json"]);
});

test("each chain of the Primary Network has a log of its own in log-dir", async () => {
  await using started = await startedNode();
  for (const alias of ["P", "X", "C"]) {
    expect(started.log(alias)).toMatch(new RegExp(` INFO <${alias} Chain> .* the chain is observed, and not run `));
  }
  expect(started.log()).not.toContain("the chain is observed");
  expect(started.shown.join("")).toContain("<P Chain>");
});

const MIB = 2 ** 20;
const DAY_MS = 86_400_000;

/** Writes half a MiB a day for some days, as a node with these flags does; gives the files put aside, oldest first. */
async function rotated(flags: Record<string, string>, days: number): Promise<{ name: string; bytes: Uint8Array }[]> {
  using directory = temporaryDirectory();
  const { logging } = nodeConfig({ "network-id": "local", "log-dir": directory.path, ...flags });
  const clock = new ManualClock(Date.UTC(2026, 10, 21));
  const factory = new LogFactory({ clock }, { ...logging, displayLevel: "off", format: "plain" });
  const log = factory.make("main");
  const text = "x".repeat(2_000);
  for (let day = 0; day < days; day++) {
    for (let i = 0; i < 256; i++) log.info(text);
    clock.advance(DAY_MS);
  }
  await factory.close();
  const names = readdirSync(directory.path).filter((name) => name !== "main.log");
  return names.sort().map((name) => ({ name, bytes: readFileSync(directory.join(name)) }));
}

test("a log file is put aside at log-rotater-max-size MiB", async () => {
  for (const size of [1, 2]) {
    const aside = await rotated({ "log-rotater-max-size": String(size) }, 10);
    expect(aside.length).toBeGreaterThanOrEqual(10 / (2 * size) - 1);
    for (const { bytes } of aside) {
      expect(bytes.length).toBeLessThanOrEqual(size * MIB);
      expect(bytes.length).toBeGreaterThan(size * MIB - 3_000);
    }
  }
});

test("log-rotater-max-files files put aside are kept", async () => {
  const flags = { "log-rotater-max-size": "1" };
  expect(await rotated({ ...flags, "log-rotater-max-files": "2" }, 12)).toHaveLength(2);
  expect((await rotated({ ...flags, "log-rotater-max-files": "0" }, 20)).length).toBeGreaterThan(8);
});

test("files put aside are kept log-rotater-max-age days", async () => {
  const flags = { "log-rotater-max-size": "1", "log-rotater-max-files": "0" };
  const old = await rotated({ ...flags, "log-rotater-max-age": "0" }, 16);
  const young = await rotated({ ...flags, "log-rotater-max-age": "3" }, 16);
  expect(young.length).toBeGreaterThan(0);
  expect(young.length).toBeLessThan(old.length / 2);
});

test("files put aside are compressed with log-rotater-compress-enabled", async () => {
  const flags = { "log-rotater-max-size": "1" };
  const plain = await rotated(flags, 4);
  const compressed = await rotated({ ...flags, "log-rotater-compress-enabled": "true" }, 4);
  expect(compressed.map(({ name }) => name)).toEqual(plain.map(({ name }) => `${name}.gz`));
  expect(gunzipSync(compressed[0]!.bytes).length).toBe(plain[0]!.bytes.length);
});
