/**
 * avx as a process: from its source files, and compiled.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dir, "../..");

/** The command that runs avx from its source files with the runtime of the tests. */
export const AVX_SOURCE: readonly string[] = [process.execPath, resolve(ROOT, "cmd/main.ts")];

/**
 * The command that runs the compiled avx: `dist/avx`, which `./compile.sh test` has just built, or the file that
 * `AVX_BINARY` names. `undefined` where it was not built.
 */
export const AVX_COMPILED: readonly string[] | undefined = findCompiled();

/** Names a test so that a skip says why: give it to the test that is skipped without the compiled avx. */
export function needsCompiled(name: string): string {
  return AVX_COMPILED === undefined ? `${name} (skipped: no dist/avx; ./compile.sh builds it)` : name;
}

/** How a run of avx ended. */
export interface AvxResult {
  /** Exit code; 128 and the signal's number where a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** How avx is run. */
export interface AvxOptions {
  /** {@link AVX_SOURCE} if left out. */
  readonly command?: readonly string[];
  /** The name that it is called by, as by a link of that name; its own if left out. */
  readonly invokedAs?: string;
  /** Laid over a small environment of its own: what the caller's shell has set does not reach avx. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /**
   * Ends avx by SIGKILL after this many milliseconds.
   *
   * @default {20000} Far more than any command takes that ends by itself.
   */
  readonly timeoutMs?: number;
}

export const DEFAULT_AVX_TIMEOUT_MS = 20_000;

/**
 * Runs avx to its end, with pipes for streams.
 *
 * @example
 * ```ts
 * const { code, stdout } = await runAvx(["net", "list", "--json"], { env: { HOME: directory.path } });
 * ```
 */
export async function runAvx(args: readonly string[], options: AvxOptions = {}): Promise<AvxResult> {
  const child = Bun.spawn([...(options.command ?? AVX_SOURCE), ...args], {
    env: avxEnvironment(options.env),
    cwd: options.cwd ?? ROOT,
    ...(options.invokedAs === undefined ? {} : { argv0: options.invokedAs }),
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: options.timeoutMs ?? DEFAULT_AVX_TIMEOUT_MS,
    killSignal: "SIGKILL",
  });
  const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
  return { code, stdout, stderr };
}

/** The environment of an avx under test: where to find programs and to keep files, and nothing else. */
export function avxEnvironment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of ["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "SystemRoot", "USERPROFILE"]) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  return { ...environment, ...extra };
}

function findCompiled(): readonly string[] | undefined {
  const path = resolve(
    process.env["AVX_BINARY"] || resolve(ROOT, "dist", process.platform === "win32" ? "avx.exe" : "avx"),
  );
  if (existsSync(path)) return [path];
  // A path that was given and is wrong must not look like a skip.
  if (process.env["AVX_BINARY"]) throw new Error(`AVX_BINARY names no file: ${path}`);
  return undefined;
}
