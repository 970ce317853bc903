/**
 * `avx net snapshot`: networks saved, listed, loaded, removed, and carried about in files.
 *
 * @module
 */

import { basename, resolve } from "node:path";
import type { Command } from "commander";
import { networkReport } from "../../lib/tmpnet/report.ts";
import { exportSnapshot, importSnapshot, loadSnapshot } from "../../lib/tmpnet/snapshot/load.ts";
import { type SavedSnapshot, saveSnapshot } from "../../lib/tmpnet/snapshot/save.ts";
import {
  ARCHIVE_ENDINGS,
  isArchivePath,
  listSnapshots,
  removeSnapshot,
  SNAPSHOTS_DIR_ENV,
  type SnapshotListing,
  snapshotsDirectory,
} from "../../lib/tmpnet/snapshot/store.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import type {
  MadeNetworkDocument,
  SnapshotExportDocument,
  SnapshotImportDocument,
  SnapshotRemovalDocument,
} from "../json_documents.ts";
import {
  addNetworkOptions,
  commandFor,
  findNetwork,
  jsonOption,
  namedProgram,
  programOf,
  rootNetworkDirOption,
  timeoutOption,
  type WhichNetwork,
  type WhichProgram,
} from "./options.ts";
import { printReport } from "./report_text.ts";
import { snapshotView } from "./snapshot_progress.ts";
import { type Cell, columns, counted, size } from "./text.ts";

interface SnapshotOptions {
  readonly snapshotsDir?: string;
  readonly json?: boolean;
}

interface SaveOptions extends SnapshotOptions, WhichNetwork {
  readonly timeout: number;
}

interface LoadOptions extends SnapshotOptions, WhichProgram {
  readonly rootNetworkDir?: string;
  readonly pluginDir?: string;
  readonly keepPorts?: boolean;
  readonly trust?: boolean;
  readonly start: boolean;
  readonly timeout: number;
}

const FILE = `a file that ends in ${Object.keys(ARCHIVE_ENDINGS).join(", ")}`;

const help = (program: string) => `
A network that runs is stopped for the moment of copying, and started again.
Loaded, it has its chains, keys and network ID, and a uuid and ports of its own.

  ${program} net snapshot save funded
  ${program} net snapshot load funded
  ${program} net snapshot save funded.tar.zst`;

export const registerSnapshot: RegisterCommand = (group, context) => {
  const snapshot = group
    .command("snapshot")
    .description("Save networks, and make networks from what was saved.")
    .usage("<command> [options]")
    .helpCommand(false)
    .addHelpText("after", help(programOf(context)));
  const add = (name: string, description: string) => withSnapshotsDir(snapshot.command(name).description(description));

  addNetworkOptions(add("save", "Save a network."))
    .argument("<name>", `what to call it; or ${FILE}`)
    .addOption(timeoutOption())
    .addOption(jsonOption("what was saved"))
    .action((name: string, options: SaveOptions) => save(name, options, context));
  add("load", "Make a network from a snapshot, and start it.")
    .argument("<name>", `its name; or ${FILE}`)
    .addOption(rootNetworkDirOption())
    .option("--avalanchego-path <path>", "what runs its nodes (default: what it names, where it was saved here)")
    .option("--avalanchego-version <version>", "what runs its nodes, as avx install has installed it")
    .option("--plugin-dir <dir>", "where VM plugins are (default: where they were)")
    .option("--keep-ports", "ask for the ports that are fixed in it; by default nodes choose free ones")
    .option("--trust", "run what a snapshot from elsewhere names")
    .option("--no-start", "make the network, and do not start it")
    .addOption(timeoutOption())
    .addOption(jsonOption("where the network is and what it has"))
    .action((name: string, options: LoadOptions) => load(name, options, context));
  add("list", "List snapshots.")
    .addOption(jsonOption("the list"))
    .action((options: SnapshotOptions) => list(options, context));
  add("remove", "Remove snapshots.")
    .argument("<name...>", "which")
    .addOption(jsonOption("what was removed"))
    .action((names: string[], options: SnapshotOptions) => remove(names, options, context));
  add("export", "Write a snapshot into a file.")
    .argument("<name>", "which")
    .argument("<file>", FILE)
    .addOption(jsonOption("what was written"))
    .action((name: string, file: string, options: SnapshotOptions) => exportOne(name, file, options, context));
  add("import", "Take a snapshot from a file.")
    .argument("<file>", FILE)
    .argument("[name]", "what to call it (default: the file's name without its ending)")
    .addOption(jsonOption("what was taken"))
    .action((file: string, name: string | undefined, options: SnapshotOptions) =>
      importOne(file, name, options, context),
    );
};

function withSnapshotsDir(command: Command): Command {
  return command.option(
    "--snapshots-dir <dir>",
    `where snapshots lie (default: ${SNAPSHOTS_DIR_ENV}, or ~/.tmpnet/snapshots)`,
  );
}

async function save(name: string, options: SaveOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr, env, signal } = context;
  const dir = findNetwork(options, context);
  let saved: SavedSnapshot;
  {
    using view = snapshotView(stderr);
    saved = await saveSnapshot(
      dir,
      fileFromHere(name, context),
      {
        ...common(options, context),
        signal,
        timeoutMs: options.timeout,
        onProgress: (progress) => view.show(progress),
      },
      { env },
    );
  }
  if (options.json) {
    stdout.write(`${JSON.stringify(saved, null, 2)}\n`);
    return;
  }
  const { path, manifest, restarted } = saved;
  stdout.write(`Saved ${counted(manifest.nodeIDs.length, "node")}, ${size(manifest.bytes)}: ${path}\n`);
  if (restarted > 0) stdout.write(`${counted(restarted, "node")} stopped for it, and running again\n`);
  stdout.write(`To make a network from it: ${programOf(context)} net snapshot load ${name}\n`);
}

async function load(name: string, options: LoadOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr, env, cwd, signal } = context;
  const fromHere = (path: string | undefined) => (path ? resolve(cwd, path) : undefined);
  const startedAt = performance.now();
  using view = snapshotView(stderr);
  const network = await loadSnapshot(
    fileFromHere(name, context),
    {
      ...common(options, context),
      rootNetworkDir: fromHere(options.rootNetworkDir),
      avalanchegoPath: namedProgram(options, context),
      pluginDir: fromHere(options.pluginDir),
      keepPorts: options.keepPorts,
      trust: options.trust,
      start: options.start,
      signal,
      timeoutMs: options.timeout,
      onProgress: (progress) => view.show(progress),
    },
    { env },
  );
  view[Symbol.dispose]();
  if (options.start) {
    const outcome = { tookMs: performance.now() - startedAt, healthy: view.healthy };
    printReport(await networkReport(network), outcome, options.json === true, context);
  } else if (options.json) {
    const document: MadeNetworkDocument = { dir: network.dir, uuid: network.uuid };
    stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  } else {
    stdout.write(`Made ${network.dir}\nTo start it: ${commandFor("net restart", network.dir, context)}\n`);
  }
}

function list(options: SnapshotOptions, context: CommandContext): void {
  const { stdout, env } = context;
  const directory = snapshotsDirectory(common(options, context).snapshotsDir, env);
  const snapshots = listSnapshots(directory);
  if (options.json) {
    stdout.write(`${JSON.stringify(snapshots, null, 2)}\n`);
  } else if (snapshots.length === 0) {
    stdout.write(`There is no snapshot in ${directory}\n`);
  } else {
    const titles = ["SNAPSHOT", "SAVED", "NODES", "SIZE", "RUN BY"].map((title): Cell => ["faint", title]);
    stdout.write(columns(stdout, [titles, ...snapshots.map(row)]));
  }
}

function row({ name, manifest, problem }: SnapshotListing): readonly Cell[] {
  if (manifest === undefined) return [name, ["bad", problem ?? ""]];
  const { savedAt, nodeIDs, bytes, ownNodes, programs } = manifest;
  const runBy = [...(ownNodes ? ["avx"] : []), ...programs.map(({ path, version }) => version ?? path)];
  const saved = new Date(savedAt).toISOString().slice(0, 16).replace("T", " ");
  return [name, saved, String(nodeIDs.length), size(bytes), runBy.join(", ")];
}

function remove(names: readonly string[], options: SnapshotOptions, context: CommandContext): void {
  const { stdout, env } = context;
  const directory = snapshotsDirectory(common(options, context).snapshotsDir, env);
  for (const name of names) {
    removeSnapshot(name, directory);
    if (!options.json) stdout.write(`Removed the snapshot ${name}\n`);
  }
  const document: SnapshotRemovalDocument = { removed: names };
  if (options.json) stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

async function exportOne(name: string, file: string, options: SnapshotOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr, env, cwd, signal } = context;
  using view = snapshotView(stderr);
  const onProgress = view.show;
  const path = resolve(cwd, file);
  const manifest = await exportSnapshot(name, path, { ...common(options, context), signal, onProgress }, { env });
  view[Symbol.dispose]();
  const document: SnapshotExportDocument = { path, manifest };
  if (options.json) stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  else stdout.write(`Wrote ${path}\n`);
}

async function importOne(
  file: string,
  asked: string | undefined,
  options: SnapshotOptions,
  context: CommandContext,
): Promise<void> {
  const { stdout, stderr, env, cwd, signal } = context;
  const ending = Object.keys(ARCHIVE_ENDINGS).find((each) => file.endsWith(each)) ?? "";
  const name = asked ?? basename(file, ending);
  using view = snapshotView(stderr);
  const onProgress = view.show;
  const imported = await importSnapshot(
    resolve(cwd, file),
    name,
    { ...common(options, context), signal, onProgress },
    { env },
  );
  view[Symbol.dispose]();
  const document: SnapshotImportDocument = { name, ...imported };
  if (options.json) stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  else
    stdout.write(
      `Took ${file} as ${name}\nTo make a network from it: ${programOf(context)} net snapshot load ${name}\n`,
    );
}

function common({ snapshotsDir }: SnapshotOptions, { cwd }: CommandContext): { snapshotsDir: string | undefined } {
  return { snapshotsDir: snapshotsDir ? resolve(cwd, snapshotsDir) : undefined };
}

/** A file's path from the working directory; a name as it is. */
function fileFromHere(name: string, { cwd }: CommandContext): string {
  return isArchivePath(name) ? resolve(cwd, name) : name;
}
