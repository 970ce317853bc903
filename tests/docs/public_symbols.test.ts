import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { basename } from "node:path";
import { deno, type ExampleFiles, publicSymbols, ROOT, writeExamples } from "./public_symbols.ts";

const TIMEOUT_MS = 120_000;
const symbols = await publicSymbols();

test("every public symbol says what it is", () => {
  expect(symbols.filter(({ doc }) => doc === "").map(({ name }) => name)).toEqual([]);
});

test("every public function and class has an example", () => {
  const worked = symbols.filter(({ kind }) => kind === "function" || kind === "class");
  expect(worked.filter(({ examples }) => examples.length === 0).map(({ name }) => name)).toEqual([]);
});

describe("the examples", () => {
  let files: ExampleFiles;
  beforeAll(() => {
    files = writeExamples(symbols);
  });
  afterAll(() => files[Symbol.dispose]());

  test(
    "are what the types allow",
    async () => {
      const tsc = [process.execPath, "run", "--bun", "tsc", "--project", files.directory, "--pretty", "false"];
      const child = Bun.spawn(tsc, { cwd: ROOT, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
      const printed = await child.stdout.text();
      expect(printed.trim()).toBe("");
      expect(await child.exited).toBe(0);
    },
    TIMEOUT_MS,
  );

  test("run on Bun", async () => expectAllRan(await bun("tests/docs/run_examples.ts", ...files.paths)), TIMEOUT_MS);

  test(
    "run on Deno",
    async () => {
      expectAllRan(await deno("run", "--quiet", "--allow-all", "tests/docs/run_examples.ts", ...files.paths));
    },
    TIMEOUT_MS,
  );

  function expectAllRan(printed: string): void {
    const results = printed
      .split("\n")
      .filter((line) => line.startsWith('{"name":'))
      .map((line) => JSON.parse(line) as { name: string; error: string | null });
    expect(results.filter(({ error }) => error !== null)).toEqual([]);
    expect(new Set(results.map(({ name }) => name))).toEqual(new Set(files.paths.map((path) => basename(path, ".ts"))));
  }
});

async function bun(...args: readonly string[]): Promise<string> {
  const child = Bun.spawn([process.execPath, ...args], {
    cwd: ROOT,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  const printed = await child.stdout.text();
  expect(await child.exited).toBe(0);
  return printed;
}
