/**
 * `avx install`: gets releases of avalanchego for `--avalanchego-version`.
 *
 * @module
 */

import type { Command } from "commander";
import { InstallError } from "../lib/tmpnet/install/errors.ts";
import { DEFAULT_STALL_MS } from "../lib/tmpnet/install/http.ts";
import { type InstallOptions, installAvalanchego, releasesOptions } from "../lib/tmpnet/install/install.ts";
import { DEFAULT_RELEASES_URL, listReleases, RELEASES_URL_ENV } from "../lib/tmpnet/install/releases.ts";
import { AVX_HOME_ENV, installedVersions, removeVersion, versionsDirectory } from "../lib/tmpnet/install/store.ts";
import { parseVersion } from "../lib/tmpnet/install/version.ts";
import type { CommandContext, RegisterCommand } from "./command.ts";
import { UsageError } from "./errors.ts";
import { installView } from "./install_progress.ts";
import type { AvailableVersion, VersionRemovalDocument } from "./json_documents.ts";
import { programOf, timeoutOption } from "./net/options.ts";
import { type Cell, columns } from "./net/text.ts";

interface Options {
  readonly list?: boolean;
  readonly available?: boolean;
  readonly remove?: boolean;
  readonly force?: boolean;
  readonly sha256?: string;
  readonly allowUnchecked?: boolean;
  readonly allowHttp?: boolean;
  readonly releaseUrl?: string;
  readonly timeout: number;
  readonly json?: boolean;
}

/** The only program that there is to install. */
const PROGRAM = "avalanchego";

const help = (program: string) => `
Versions are kept in ~/.avx/avalanchego, or below the directory that
${AVX_HOME_ENV} names.

  ${program} install avalanchego@v1.14.2
  ${program} net start --avalanchego-version v1.14.2

What --json prints is in docs/json.md`;

/** The command itself: it has no commands below it. */
export const registerInstall: RegisterCommand = (command, context) => {
  command
    .usage("avalanchego[@version] [options]")
    .argument("[program]", "avalanchego, avalanchego@v1.14.2; without a version, the latest release")
    .option("--list", "list the versions that are installed")
    .option("--available", "list the releases that there are")
    .option("--remove", "remove the version")
    .option("--force", "install anew what is installed already")
    .option("--sha256 <hex>", "the checksum that the downloaded file must have (default: what the release says)")
    .option("--allow-unchecked", "take a file whose checksum the release does not say")
    .option("--allow-http", "take addresses without encryption")
    .option(
      "--release-url <url>",
      `where releases are asked for (default: ${RELEASES_URL_ENV}, or ${DEFAULT_RELEASES_URL})`,
    )
    .addOption(timeoutOption("how long the line may bring nothing, such as 30s").default(DEFAULT_STALL_MS, "30s"))
    .option("--json", "print what is installed, or there is, as JSON")
    .addHelpText("after", help(programOf(context)))
    .action((program: string | undefined, options: Options, self: Command) => install(program, options, self, context));
};

async function install(program: string | undefined, options: Options, self: Command, context: CommandContext) {
  const { list = false, available = false, remove = false } = options;
  if ([list, available, remove].filter(Boolean).length > 1) {
    throw new UsageError("Only one of --list, --available and --remove can be done at a time");
  }
  try {
    if (list || available) {
      if (program !== undefined && program !== PROGRAM) throw unknownProgram(program);
      await (list ? printInstalled(options, context) : printAvailable(options, context));
      return;
    }
    if (program === undefined) {
      const what = remove ? "remove" : "install";
      const hint = remove ? `--remove ${PROGRAM}@v1.14.2` : PROGRAM;
      throw new UsageError(`avx install needs to be told what to ${what}`, { hint: `Run avx ${self.name()} ${hint}` });
    }
    const version = versionIn(program);
    await (remove ? removeOne(version, options, context) : installOne(version, options, context));
  } catch (error) {
    if (error instanceof InstallError && error.type.code === "option") {
      throw new UsageError(error.message, error.hint === undefined ? {} : { hint: error.hint });
    }
    throw error;
  }
}

/** `undefined` where none is named. */
function versionIn(program: string): string | undefined {
  const [, name, version] = /^([^@]*)(?:@(.*))?$/s.exec(program) ?? [];
  if (name !== PROGRAM) throw unknownProgram(program);
  if (version !== undefined && version !== "latest") parseVersion(version);
  return version;
}

function unknownProgram(program: string): UsageError {
  return new UsageError(`avx does not install ${JSON.stringify(program)}`, {
    hint: `Write it as ${PROGRAM} or ${PROGRAM}@v1.14.2`,
  });
}

async function installOne(version: string | undefined, options: Options, context: CommandContext): Promise<void> {
  const { stdout, stderr, env } = context;
  using view = installView(stderr);
  const result = await installAvalanchego(
    { ...installOptions(options, context), version, onProgress: (progress) => view.show(progress) },
    { env },
  );
  view[Symbol.dispose]();
  if (options.json) {
    stdout.write(`${JSON.stringify(result, null, 2)}\n`);
    return;
  }
  const { wasInstalled, path, sha256, checked } = result;
  const what = `avalanchego ${result.version}`;
  stdout.write(wasInstalled ? `${what} is installed already: ${path}\n` : `Installed ${what}: ${path}\n`);
  if (!wasInstalled) stdout.write(`SHA-256 ${sha256}, ${checked ? "as it should be" : "which nobody has checked"}\n`);
  stdout.write(`To run it: ${programOf(context)} net start --avalanchego-version ${result.version}\n`);
}

async function removeOne(
  version: string | undefined,
  { json }: Options,
  { stdout, env }: CommandContext,
): Promise<void> {
  if (version === undefined || version === "latest") {
    throw new UsageError("--remove needs to be told which version", { hint: `Write it as ${PROGRAM}@v1.14.2` });
  }
  const parsed = parseVersion(version);
  const removed = await removeVersion(parsed, env);
  const document: VersionRemovalDocument = { version: parsed, removed };
  if (json) stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  else if (removed) stdout.write(`Removed avalanchego ${parsed}\n`);
  if (removed || json) return;
  const message = `avalanchego ${parsed} is not installed`;
  throw new InstallError({ code: "not-installed", version: parsed }, message, { hint: "Run avx install --list" });
}

function printInstalled({ json }: Options, { stdout, env }: CommandContext): void {
  const versions = installedVersions(env);
  if (json) {
    stdout.write(`${JSON.stringify(versions, null, 2)}\n`);
  } else if (versions.length === 0) {
    stdout.write(`No version of avalanchego is installed in ${versionsDirectory(env)}\n`);
  } else {
    const titles = ["VERSION", "INSTALLED", "PATH"].map((title): Cell => ["faint", title]);
    const rows = versions.map(({ version, installedAt, path }) => [
      version,
      new Date(installedAt).toISOString().slice(0, 10),
      path,
    ]);
    stdout.write(columns(stdout, [titles, ...rows]));
  }
}

async function printAvailable(options: Options, context: CommandContext): Promise<void> {
  const { stdout, env } = context;
  const versions = await listReleases(releasesOptions(installOptions(options, context), {}, env));
  const installed = new Set<string>(installedVersions(env).map(({ version }) => version));
  if (options.json) {
    const list = versions.map((version): AvailableVersion => ({ version, installed: installed.has(version) }));
    stdout.write(`${JSON.stringify(list, null, 2)}\n`);
    return;
  }
  for (const version of versions) stdout.write(`${version}${installed.has(version) ? "  installed" : ""}\n`);
}

function installOptions(options: Options, { signal }: CommandContext): InstallOptions {
  const { sha256, allowUnchecked, allowHttp, force, releaseUrl, timeout } = options;
  return { sha256, allowUnchecked, allowHttp, force, releasesUrl: releaseUrl, stallMs: timeout, signal };
}
