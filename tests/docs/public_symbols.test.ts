import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { basename } from "node:path";
import { temporaryDirectory } from "../support/temporary.ts";
import { endLeftovers, nodeProcessesIn, until } from "../tmpnet/support.ts";
import { DENO, type ExampleFiles, publicSymbols, ROOT, run, writeExamples } from "./public_symbols.ts";

const TIMEOUT_MS = 400_000;
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
      // Those elsewhere are for the check of types to tell.
      expect(printed.split("\n").filter((line) => line.includes(basename(files.directory)))).toEqual([]);
    },
    TIMEOUT_MS,
  );

  test.each([
    ["Bun", [process.execPath]],
    ["Deno", [DENO, "run", "--quiet", "--allow-all"]],
  ])(
    "run on %s",
    async (_runtime, command) => {
      using networks = temporaryDirectory();
      try {
        expectAllRan(await run([...command, "tests/docs/run_examples.ts", ...files.paths], networks.path));
        // Networks that examples share end once their process has.
        await until(() => nodeProcessesIn(networks.path).length === 0, 30_000);
      } finally {
        endLeftovers(networks.path);
      }
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
