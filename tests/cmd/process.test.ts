import { describe, expect, test } from "bun:test";
import { symlinkSync, writeFileSync } from "node:fs";
import { VERSION } from "../../cmd/version.ts";
import { AVX_COMPILED, AVX_SOURCE, avxEnvironment, needsCompiled, runAvx } from "../support/cli.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** Starting Bun anew takes a moment on a machine that is busy with other tests. */
const PROCESS_TIMEOUT_MS = 30_000;

const RUNS = [
  ["from source", AVX_SOURCE],
  ["compiled", AVX_COMPILED],
] as const;

for (const [how, command] of RUNS) {
  describe(how, () => {
    const avx = (...args: string[]) => runAvx(args, { command: command as readonly string[] });
    const name = (text: string) => (how === "compiled" ? needsCompiled(text) : text);
    const each = test.skipIf(command === undefined);

    each(
      name("--version and --help go to stdout and exit with 0"),
      async () => {
        const version = await avx("--version");
        expect([version.code, version.stderr]).toEqual([0, ""]);
        expect(version.stdout).toStartWith(`avx ${VERSION} (`);
        const help = await avx("--help");
        expect([help.code, help.stderr]).toEqual([0, ""]);
        expect(help.stdout).toStartWith("Usage: avx");
        expect(help.stdout).not.toContain("\u001b");
      },
      PROCESS_TIMEOUT_MS,
    );

    each(
      name("wrong usage goes to stderr and exits with 2"),
      async () => {
        const { code, stdout, stderr } = await avx("-x");
        expect([code, stdout]).toEqual([2, ""]);
        expect(stderr).toBe('avx: unknown option "-x"\nRun avx --help to see how it is used.\n');
      },
      PROCESS_TIMEOUT_MS,
    );

    each(
      name("a reader that has gone is no failure"),
      async () => {
        const script = `"$@" --help | true; echo "\${PIPESTATUS[0]}"`;
        const child = Bun.spawn(["bash", "-c", script, "bash", ...(command as readonly string[])], {
          env: avxEnvironment(),
          stdout: "pipe",
          stderr: "pipe",
        });
        const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()]);
        expect([stdout, stderr]).toEqual(["0\n", ""]);
      },
      PROCESS_TIMEOUT_MS,
    );
  });
}

test.skipIf(AVX_COMPILED === undefined)(
  needsCompiled("the compiled avx knows its commit, and files around it change nothing"),
  async () => {
    using directory = temporaryDirectory();
    writeFileSync(directory.join(".env"), "AVX_DEBUG=1\n");
    writeFileSync(directory.join("bunfig.toml"), 'preload = ["./missing.ts"]\n');
    writeFileSync(directory.join("package.json"), '{"version": "9.9.9"}');
    const link = directory.join("other name");
    symlinkSync((AVX_COMPILED as readonly string[])[0] as string, link);
    const options = { command: [link], cwd: directory.path };
    expect((await runAvx(["--version"], options)).stdout).not.toContain("source");
    expect((await runAvx(["--version"], options)).stdout).toStartWith(`avx ${VERSION} (`);
    expect((await runAvx(["-x"], options)).stderr.split("\n")).toHaveLength(3);
  },
  PROCESS_TIMEOUT_MS,
);
