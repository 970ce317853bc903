import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ownCommand } from "../../lib/tmpnet/own_command.ts";
import { temporaryDirectory } from "../support/temporary.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const TIMEOUT_MS = 120_000;
const ENTRY = join(ROOT, "cmd/main.ts");

test("a runtime that can run the source runs it", () => {
  expect(ownCommand({})).toEqual([process.execPath, ENTRY]);
});

test("AVX_PATH names an avx; one that is none is refused", () => {
  using directory = temporaryDirectory();
  const program = directory.join("avx");
  writeFileSync(program, "#!/bin/sh\n");
  expect(() => ownCommand({ AVX_PATH: program })).toThrow("AVX_PATH names no executable file");
  chmodSync(program, 0o755);
  expect(ownCommand({ AVX_PATH: program })).toEqual([program]);
});

test(
  "in another's executable or bundle it is an avx from AVX_PATH or PATH, or said that there is none",
  async () => {
    using directory = temporaryDirectory();
    const source = directory.join("program.ts");
    const library = JSON.stringify(join(ROOT, "lib/tmpnet/own_command.ts"));
    const look = `try { console.log(JSON.stringify(ownCommand())); } catch (error) { console.log(error.type.code, error.hint); }`;
    writeFileSync(source, `import { ownCommand } from ${library};\n${look}\n`);
    const bin = directory.join("bin");
    mkdirSync(bin);
    writeFileSync(join(bin, "avx"), "#!/bin/sh\n", { mode: 0o755 });

    const executable = directory.join("program");
    const [compiled, bundle] = [directory.join("compiled"), directory.join("bundle")];
    await Bun.build({ entrypoints: [source], compile: { outfile: executable } });
    await Bun.build({ entrypoints: [source], target: "bun", outdir: bundle });
    mkdirSync(compiled);
    for (const command of [[executable], [process.execPath, join(bundle, "program.js")]]) {
      const answer = async (env: Record<string, string>) => {
        const child = Bun.spawn(command, { env, cwd: compiled, stdin: "ignore", stdout: "pipe" });
        return (await child.stdout.text()).trim();
      };
      expect(await answer({ PATH: bin })).toBe(JSON.stringify([join(bin, "avx")]));
      expect(await answer({ PATH: "", AVX_PATH: join(bin, "avx") })).toBe(JSON.stringify([join(bin, "avx")]));
      const none = await answer({ PATH: "" });
      expect(none).toStartWith("no-avx ");
      expect(none).toContain("AVX_PATH");
    }
  },
  TIMEOUT_MS,
);
