/**
 * Writes avx as one executable: `bun scripts/build.ts [--target linux-arm64]`; with `--bench`, the program that measures
 * it. Called by compile.sh.
 *
 * The file is written beside its place and moved there when it is whole, so that a running avx is left alone and
 * a build that fails leaves no half of one.
 *
 * @module
 */

import {
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { deriveProofAddons, NATIVE_DIRECTORY } from "./derive_blst.ts";
import { isMachOSigned, signMachO } from "./macho_signature.ts";

const ROOT = resolve(import.meta.dir, "..");

/** A kind of machine that avx is built for. */
interface Target {
  /** As Bun names it. */
  readonly runtime: Bun.Build.CompileTarget;
  /** As package managers name it. */
  readonly os: string;
  readonly cpu: string;
}

/** What `--target` takes. The Linux builds are for glibc. */
export const TARGETS: Readonly<Record<string, Target>> = {
  "linux-x64": { runtime: "bun-linux-x64", os: "linux", cpu: "x64" },
  "linux-arm64": { runtime: "bun-linux-arm64", os: "linux", cpu: "arm64" },
  "darwin-x64": { runtime: "bun-darwin-x64", os: "darwin", cpu: "x64" },
  "darwin-arm64": { runtime: "bun-darwin-arm64", os: "darwin", cpu: "arm64" },
  "windows-x64": { runtime: "bun-windows-x64", os: "win32", cpu: "x64" },
};

/** What to build. */
export interface BuildOptions {
  /** Absolute path of the module to start with. */
  readonly entry: string;
  /** Absolute path of the executable to write. */
  readonly outfile: string;
  /** A key of {@link TARGETS}; this machine if left out. */
  readonly target?: string | undefined;
}

/** Where a target's native addons are. */
interface AddonPlaces {
  /** The directory whose node_modules holds the packages. */
  readonly packages: string;
  /** What was derived from them. */
  readonly native: string;
}

/**
 * Compiles a module and all that it imports into an executable.
 *
 * Native addons are one package for each kind of machine. This machine's lie in node_modules; another target's
 * locked dependencies are installed into `.tools/targets/`, and addons are derived and resolved there.
 *
 * @throws {AggregateError} Bun's, with one error for each module that cannot be resolved or parsed.
 */
export async function buildExecutable(options: BuildOptions): Promise<void> {
  const target = options.target === undefined ? undefined : TARGETS[options.target];
  const addons = placesOf(target);
  deriveProofAddons(addons.packages, addons.native);
  mkdirSync(dirname(options.outfile), { recursive: true });
  const workshop = mkdtempSync(join(dirname(options.outfile), ".build-"));
  const partial = join(workshop, basename(options.outfile));
  try {
    await Bun.build({
      entrypoints: [options.entry],
      target: "bun",
      format: "esm",
      // A module that is imported when it is needed stays apart, and what is parsed here is not parsed at every start:
      // a node has written its process.json after 48 ms, and without both after 96 ms (two cores), for 7 MB.
      splitting: true,
      bytecode: true,
      // Names stay as they are: errors carry the names of their classes.
      minify: { whitespace: true, syntax: true, identifiers: false },
      // Stacks name the source files. The maps are in the executable; those beside it are thrown away.
      sourcemap: "linked",
      define: { AVX_COMMIT: JSON.stringify(commit()) },
      // A file that happens to lie where avx is started must not change how it behaves.
      compile: {
        outfile: partial,
        autoloadDotenv: false,
        autoloadBunfig: false,
        ...(target === undefined ? {} : { target: target.runtime }),
      },
      plugins: [addonsFrom(addons)],
    });
    if (target?.os === "darwin" || (target === undefined && process.platform === "darwin")) ensureSigned(partial);
    renameSync(partial, options.outfile);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
}

const MISSING = "missing-addon";

/**
 * Resolves native addons as the target has them. One that it lacks fails at run time, where a fallback waits: were it
 * left to be resolved there, it would be looked for where avx is started, and what lies there would be run.
 */
function addonsFrom({ packages, native }: AddonPlaces): Bun.BunPlugin {
  return {
    name: "addons",
    setup(build) {
      const missing = (path: string) => ({ path, namespace: MISSING });
      build.onResolve({ filter: /^@chainsafe\/blst-/ }, ({ path }) =>
        // A target's directory lies in the checkout: resolving goes on to this machine's own packages.
        existsSync(join(packages, "node_modules", path)) ? { path: Bun.resolveSync(path, packages) } : missing(path),
      );
      build.onResolve({ filter: /^\.\/native\/blst-.*\.node$/ }, (request) => {
        const path = join(native, basename(request.path));
        return existsSync(path) ? { path } : missing(request.path);
      });
      build.onLoad({ filter: /./, namespace: MISSING }, ({ path }) => ({
        contents: `throw new Error(${JSON.stringify(`${path} is not in this executable`)});`,
        loader: "js",
      }));
    },
  };
}

/** Signs an executable for macOS where Bun's own signature does not fit it. */
function ensureSigned(path: string): void {
  const file = readFileSync(path);
  if (!isMachOSigned(file)) writeFileSync(path, signMachO(file, "avx"));
}

function isThisMachine(target: Target): boolean {
  return target.os === process.platform && target.cpu === process.arch;
}

function placesOf(target: Target | undefined): AddonPlaces {
  if (target === undefined || isThisMachine(target)) return { packages: ROOT, native: NATIVE_DIRECTORY };
  const packages = installFor(target);
  return { packages, native: join(packages, "native") };
}

/** Installs the locked dependencies of another kind of machine, once. */
function installFor(target: Target): string {
  const directory = join(ROOT, ".tools", "targets", `${target.os}-${target.cpu}`);
  const files = ["package.json", "bun.lock"];
  const stampFile = join(directory, "stamp");
  const stamp = String(Bun.hash(files.map((file) => readFileSync(join(ROOT, file), "utf8")).join("\0")));
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp) return directory;

  say(`installing dependencies for ${target.os}-${target.cpu}`);
  rmSync(directory, { recursive: true, force: true });
  mkdirSync(directory, { recursive: true });
  for (const file of files) copyFileSync(join(ROOT, file), join(directory, file));
  const options = ["--frozen-lockfile", "--production", "--ignore-scripts", "--os", target.os, "--cpu", target.cpu];
  const { exitCode, stderr } = Bun.spawnSync([process.execPath, "install", ...options, "--libc", "glibc"], {
    cwd: directory,
    stdout: "ignore",
    stderr: "pipe",
  });
  if (exitCode !== 0) throw new Error(`the dependencies could not be installed: ${stderr.toString().trim()}`);
  writeFileSync(stampFile, stamp);
  return directory;
}

/** The commit that is built, with `-dirty` where tracked files differ from it; `unknown` outside a git checkout. */
function commit(): string {
  const head = git("rev-parse", "--short=12", "HEAD");
  if (head === undefined) return "unknown";
  return git("status", "--porcelain", "--untracked-files=no") === "" ? head : `${head}-dirty`;
}

function git(...args: string[]): string | undefined {
  try {
    const { success, stdout } = Bun.spawnSync(["git", ...args], { cwd: ROOT, stderr: "ignore" });
    return success ? stdout.toString().trim() : undefined;
  } catch {
    return undefined; // no git on this machine
  }
}

function say(text: string): void {
  process.stderr.write(`compile.sh: ${text}\n`);
}

/** Makes `link` another name of `file`, or a copy of it where the file system has no links. */
function alsoNamed(file: string, link: string): void {
  const partial = `${link}.${process.pid}`;
  try {
    linkSync(file, partial);
  } catch {
    copyFileSync(file, partial);
  }
  renameSync(partial, link);
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { target: { type: "string" }, bench: { type: "boolean" } } });
  const started = performance.now();
  const name = values.bench ? "avx-bench" : "avx";
  const entry = values.bench ? "bench/main.ts" : "cmd/main.ts";
  const own = join(ROOT, "dist", process.platform === "win32" ? `${name}.exe` : name);
  const target = values.target === undefined ? undefined : TARGETS[values.target];
  const suffix = target?.os === "win32" ? ".exe" : "";
  const outfile = target === undefined ? own : join(ROOT, "dist", `${name}-${values.target}${suffix}`);

  await buildExecutable({ entry: join(ROOT, entry), outfile, target: values.target });
  if (target !== undefined && isThisMachine(target)) alsoNamed(outfile, own);

  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
  say(`wrote dist/${basename(outfile)} (${megabytes} MB) in ${seconds} s`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    const errors = error instanceof AggregateError ? error.errors : [error];
    for (const each of errors) process.stderr.write(`${each instanceof Error ? each.message : Bun.inspect(each)}\n`);
    say("the build failed; what is wrong is above.");
    process.exit(1);
  }
}
