/**
 * What must hold beside the tests: `bun scripts/check.ts [name...]`. Called by compile.sh and .ci/run.
 *
 * Prints one line for each check, what a failed one said, and a last line `N passed, N failed, N skipped`.
 *
 * @module
 */

import { existsSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { buildExecutable } from "./build.ts";
import { FLAGS_PAGE, flagsPage } from "./write_flags.ts";
import { JSON_PAGE, jsonPage } from "./write_json_page.ts";

const ROOT = resolve(import.meta.dir, "..");
const GENERATED = "lib/p2p/message/gen";

/** What is printed is shown as plain text; what Deno keeps stays in the checkout, and it looks for no newer self. */
const TOOL_ENVIRONMENT = { NO_COLOR: "1", DENO_DIR: join(ROOT, ".tools/deno"), DENO_NO_UPDATE_CHECK: "1" };

/** A check did not hold. The message is what the person at the terminal needs to see. */
class CheckError extends Error {}

/** What can be checked, in the order that finds mistakes soonest. */
const CHECKS: Readonly<Record<string, () => Promise<void>>> = {
  lint: () => tool("biome", "lint", "."),
  format: () => tool("biome", "format", "."),
  types: () => tool("tsc", "--project", "."),
  deno: checkDeno,
  floors: async () => void (await run([process.execPath, "test", "tests/floors.test.ts"])),
  generated: checkGenerated,
  binary: checkBinary,
};

/** The library and the commands type-check on Deno, and start there. */
async function checkDeno(): Promise<void> {
  const doors = ["mod.ts", "cmd", "lib"].filter((path) => existsSync(join(ROOT, path)));
  await tool("deno", "check", "--quiet", ...doors);
  await tool("deno", "run", "--quiet", "--allow-all", "cmd/main.ts", "--version");
}

/** What is committed as generated is what is generated now. */
async function checkGenerated(): Promise<void> {
  if (readFileSync(join(ROOT, FLAGS_PAGE), "utf8") !== flagsPage()) {
    throw new CheckError(`${FLAGS_PAGE} is not what the table of flags makes. Run bun scripts/write_flags.ts.`);
  }
  if (readFileSync(join(ROOT, JSON_PAGE), "utf8") !== jsonPage()) {
    throw new CheckError(`${JSON_PAGE} is not what the types make. Run bun scripts/write_json_page.ts.`);
  }
  const directory = mkdtempSync(join(tmpdir(), "avx-generated-"));
  try {
    await tool("buf", "generate", "--output", directory);
    const fresh = readTree(join(directory, GENERATED));
    const present = readTree(join(ROOT, GENERATED));
    const names = new Set([...fresh.keys(), ...present.keys()]);
    const stale = [...names].filter((name) => fresh.get(name) !== present.get(name));
    if (stale.length > 0) {
      throw new CheckError(`${GENERATED} is not what proto/ generates: ${stale.join(", ")}. Run ./compile.sh.`);
    }
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  if (!existsSync(join(ROOT, ".git"))) return;
  const changed = await run(["git", "status", "--porcelain", "--", GENERATED]);
  if (changed !== "") throw new CheckError(`Generated code is not committed:\n${changed}`);
}

function readTree(directory: string): Map<string, string> {
  const files = new Map<string, string>();
  if (!existsSync(directory)) return files;
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(path.slice(directory.length + 1), readFileSync(path, "utf8"));
  }
  return files;
}

/** The compiled avx runs far from the checkout, by itself, knows its version, and holds both native BLS addons. */
async function checkBinary(): Promise<void> {
  const directory = realpathSync(mkdtempSync(join(tmpdir(), "avx-binary-")));
  try {
    const binary = join(directory, "avx");
    await buildExecutable({ entry: join(ROOT, "cmd/main.ts"), outfile: binary });
    const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
    const alone = { cwd: directory, env: { HOME: directory, PATH: "" } };
    expectText(await run([binary, "--version"], alone), `avx ${version} (`);
    expectText(await run([binary, "--help"], alone), "Usage: avx");
    const printer = join(directory, "bls");
    await buildExecutable({ entry: join(ROOT, "scripts/print_bls_backend.ts"), outfile: printer });
    const backend = await run([printer], alone);
    if (backend !== "blst") throw new CheckError(`the native BLS library was to do all, but it is done by ${backend}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function expectText(printed: string, wanted: string): void {
  if (!printed.includes(wanted)) throw new CheckError(`"${wanted}" was to be printed, but it was:\n${printed}`);
}

/** Runs a development tool. All are packages; `--bun` lets them run where there is no Node. */
async function tool(name: string, ...args: string[]): Promise<void> {
  await run([process.execPath, "run", "--bun", name, ...args]);
}

/**
 * Runs a command at the root.
 *
 * @returns What it printed to stdout, trimmed.
 * @throws {CheckError} with all that it printed, when it fails.
 */
async function run(command: string[], options: { cwd?: string; env?: Record<string, string> } = {}): Promise<string> {
  const child = Bun.spawn(command, {
    cwd: options.cwd ?? ROOT,
    env: options.env ?? { ...process.env, ...TOOL_ENVIRONMENT },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  if (code !== 0) throw new CheckError(`${stdout}${stderr}`.trim() || `${command.join(" ")} ended with ${code}`);
  return stdout.trim();
}

async function main(names: readonly string[]): Promise<number> {
  const unknown = names.find((name) => !(name in CHECKS));
  if (unknown !== undefined) {
    process.stderr.write(`there is no check "${unknown}"; there are ${Object.keys(CHECKS).join(", ")}\n`);
    return 2;
  }
  let passed = 0;
  let failed = 0;
  for (const [name, check] of Object.entries(CHECKS)) {
    if (names.length > 0 && !names.includes(name)) continue;
    const started = performance.now();
    let complaint: string | undefined;
    try {
      await check();
      passed++;
    } catch (error) {
      failed++;
      complaint = error instanceof CheckError ? error.message : Bun.inspect(error);
    }
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    process.stdout.write(`check ${name}: ${complaint === undefined ? "ok" : "FAILED"} (${seconds} s)\n`);
    if (complaint !== undefined) process.stdout.write(`${complaint}\n`);
  }
  process.stdout.write(`${passed} passed, ${failed} failed, 0 skipped\n`);
  return failed === 0 ? 0 : 1;
}

if (import.meta.main) process.exit(await main(process.argv.slice(2)));
