import { beforeAll, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { allScenarios } from "./scenarios/all.ts";
import type { ScenarioResult } from "./scenarios/scenarios.ts";

const ROOT = resolve(import.meta.dir, "../..");
const DENO = resolve(ROOT, "node_modules/.bin/deno");
const DENO_TIMEOUT_MS = 60_000;
const names = Object.keys(allScenarios);

describe("under Bun", () => {
  test.each(names)("%s", async (name) => {
    await allScenarios[name]?.();
  });
});

describe("under Deno", () => {
  const results = new Map<string, ScenarioResult>();
  let stderr = "";

  beforeAll(async () => {
    if (!existsSync(DENO)) throw new Error("there is no node_modules/.bin/deno; ./compile.sh test installs it");
    const deno = Bun.spawn([DENO, "run", "--quiet", "--allow-all", "tests/runtime/deno/run_scenarios.ts"], {
      cwd: ROOT,
      env: { ...process.env, DENO_DIR: resolve(ROOT, ".tools/deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: DENO_TIMEOUT_MS,
      killSignal: "SIGKILL",
    });
    const [stdout, errors] = await Promise.all([deno.stdout.text(), deno.stderr.text()]);
    stderr = errors;
    for (const line of stdout.split("\n").filter((text) => text !== "")) {
      const result = JSON.parse(line) as ScenarioResult;
      results.set(result.name, result);
    }
  }, DENO_TIMEOUT_MS + 5_000);

  test.each(names)("%s", (name) => {
    const result = results.get(name);
    if (result === undefined) throw new Error(`Deno ended before this was told: ${stderr}`);
    expect(result.error).toBeNull();
  });
});
