import { describe, expect, test } from "bun:test";
import { existsSync, symlinkSync, writeFileSync } from "node:fs";
import { VERSION } from "../../cmd/version.ts";
import { AVX_COMPILED, AVX_SOURCE, avxEnvironment, needsCompiled, runAvx } from "../support/cli.ts";
import { temporaryDirectory } from "../support/temporary.ts";

/** Starting Bun anew takes a moment on a machine that is busy with other tests. */
const PROCESS_TIMEOUT_MS = 30_000;

const NET_COMMANDS = ["start", "stop", "restart", "list", "status"];

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
        const program = how === "compiled" ? command?.[0] : "avx";
        expect(stderr).toBe(`avx: unknown option "-x"\nRun ${program} --help to see how it is used.\n`);
      },
      PROCESS_TIMEOUT_MS,
    );

    each(
      name("a leading flag is a node's: avalanchego's versions, and a flag that does not exist"),
      async () => {
        const version = await avx("--version-json");
        expect([version.code, version.stderr]).toEqual([0, ""]);
        expect(JSON.parse(version.stdout).application).toBe("avalanchego/1.14.2");
        const unknown = await avx("--http-prot", "1");
        expect([unknown.code, unknown.stdout]).toEqual([2, ""]);
        expect(unknown.stderr).toContain("--http-port");
      },
      PROCESS_TIMEOUT_MS,
    );

    each(
      name("every command has its help"),
      async () => {
        const commands = ["node", "node run", "net", ...NET_COMMANDS.map((command) => `net ${command}`)];
        for (const words of commands) {
          const { code, stdout, stderr } = await avx(...words.split(" "), "--help");
          expect([words, code, stderr]).toEqual([words, 0, ""]);
          expect(stdout).toStartWith(`Usage: avx ${words} `);
        }
        expect((await avx("help", "node", "run")).stdout).toStartWith("Usage: avx node run ");
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

test.skipIf(!existsSync("/dev/full"))(
  "what cannot be written is said, and exit code 1",
  async () => {
    const child = Bun.spawn(["bash", "-c", '"$@" --help >/dev/full', "bash", ...AVX_SOURCE], {
      env: avxEnvironment(),
      stderr: "pipe",
    });
    expect(await child.stderr.text()).toStartWith("avx: Cannot write its output: ENOSPC");
    expect(await child.exited).toBe(1);
  },
  PROCESS_TIMEOUT_MS,
);

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

test.skipIf(AVX_COMPILED === undefined)(
  needsCompiled("called as avalanchego, the compiled avx is a node"),
  async () => {
    using directory = temporaryDirectory();
    const link = directory.join("avalanchego");
    symlinkSync((AVX_COMPILED as readonly string[])[0] as string, link);
    const { code, stdout } = await runAvx(["--version"], { command: [link] });
    expect(code).toBe(0);
    expect(stdout).toStartWith("avalanchego/1.14.2 [database=v1.4.5, rpcchainvm=45");
    expect((await runAvx(["net", "list"], { command: [link] })).code).toBe(2);
  },
  PROCESS_TIMEOUT_MS,
);
