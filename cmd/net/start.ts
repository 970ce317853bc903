/**
 * `avx net start`: a new network, healthy, and what to do with it.
 *
 * @module
 */

import { resolve } from "node:path";
import { Option } from "commander";
import { AVALANCHEGO_PATH_ENV, DEFAULT_NODE_COUNT, PLUGIN_DIR_ENV } from "../../lib/tmpnet/defaults.ts";
import { withDefaults } from "../../lib/tmpnet/flags_map.ts";
import { type Collector, LOGS_COLLECTOR, METRICS_COLLECTOR } from "../../lib/tmpnet/monitoring/collectors.ts";
import { Network } from "../../lib/tmpnet/network.ts";
import { readNetworkFile } from "../../lib/tmpnet/network_file/network_file.ts";
import type { NetworkOptions } from "../../lib/tmpnet/network_options.ts";
import { networkReport } from "../../lib/tmpnet/report.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { UsageError } from "../errors.ts";
import { parseGoBool } from "../go_bool.ts";
import { startCollectors } from "./collectors.ts";
import { collect, flagOption, refusedAsUsage } from "./node_options.ts";
import { jsonOption, parseCount, programToRun, rootNetworkDirOption, timeoutOption } from "./options.ts";
import { refuseUnfitFlags } from "./own_flags.ts";
import { type ProgressView, progressView } from "./progress.ts";
import { printReport } from "./report_text.ts";
import { addKindOptions, type KindOptions, kindOptions } from "./start_options.ts";

interface StartOptions extends KindOptions {
  readonly file?: string;
  readonly allowCommands?: boolean;
  readonly nodeCount?: number;
  readonly networkOwner?: string;
  readonly rootNetworkDir?: string;
  readonly runtime: string;
  readonly avalanchegoPath?: string;
  readonly avalanchegoVersion?: string;
  readonly pluginDir?: string;
  readonly app?: readonly string[];
  readonly flag: Readonly<Record<string, string>>;
  readonly tmpnetDefaults?: boolean;
  readonly startMetricsCollector?: boolean;
  readonly startLogsCollector?: boolean;
  readonly wait: boolean;
  readonly timeout: number;
  readonly json?: boolean;
}

export const registerStart: RegisterCommand = (group, context) => {
  const command = group.command("start").description("Start a new network and wait until it is healthy.");
  command
    .option("-f, --file <file>", "what the network is to be, as a file says it; see avx net schema")
    .option("--allow-commands", "run the commands that the file names: for files of your own")
    .addOption(
      new Option("--node-count <n>", `how many nodes (default: ${DEFAULT_NODE_COUNT})`).argParser(
        parseCount("--node-count"),
      ),
    )
    .option("--network-owner <name>", "who the network is for: a part of its directory's name")
    .addOption(rootNetworkDirOption())
    .addOption(new Option("--runtime <name>", "what runs the nodes").default("process"))
    .option(
      "--avalanchego-path <path>",
      `the avalanchego to run (default: ${AVALANCHEGO_PATH_ENV}, or avx's own nodes, which run no chains)`,
    )
    .option("--avalanchego-version <version>", "the avalanchego to run, as avx install has installed it")
    .option(
      "--plugin-dir <dir>",
      `where VM plugins are (default: ${PLUGIN_DIR_ENV}, or ~/.avalanchego/plugins for avalanchego)`,
    )
    .addOption(
      new Option("--app <file>", "a TypeScript file that every node runs as an app; may be repeated").argParser(
        collect,
      ),
    )
    .addOption(flagOption("a flag for every node; may be repeated, and wins over every default"))
    .option("--tmpnet-defaults", "leave out the flags that make nodes healthy quickly: have what tmpnetctl has")
    .option("--no-wait", "end once the nodes can be reached, and do not wait until they are healthy")
    .addOption(collectorOption(METRICS_COLLECTOR))
    .addOption(collectorOption(LOGS_COLLECTOR))
    .addOption(timeoutOption())
    .addOption(jsonOption("where the network is and what it has"))
    .action((options: StartOptions) => start(options, context));
  addKindOptions(command);
};

async function start(options: StartOptions, context: CommandContext): Promise<void> {
  if (options.runtime !== "process") {
    throw new UsageError(`avx runs nodes as processes; it has no runtime "${options.runtime}"`, {
      hint: "Leave --runtime out, or use tmpnetctl for Kubernetes",
    });
  }
  const network = await networkOptions(options, context);
  const isOwn = !network.avalanchegoPath;
  if (isOwn) await refuseUnfitFlags(network.defaultFlags ?? {});
  await refusedAsUsage(() => startNetwork(network, options, context));
}

/** What the command line says, and below it what a file does: of the environment only what neither names. */
async function networkOptions(options: StartOptions, context: CommandContext): Promise<NetworkOptions> {
  const { env, cwd, signal } = context;
  const { allowCommands, file } = options;
  const fromHere = (path: string | undefined) => (path ? resolve(cwd, path) : undefined);
  const described = file === undefined ? {} : await readNetworkFile(resolve(cwd, file), { env, allowCommands, signal });
  const namesProgram = options.avalanchegoPath !== undefined || options.avalanchegoVersion !== undefined;
  const said: NetworkOptions = {
    ...kindOptions(options, context),
    nodeCount: options.nodeCount,
    owner: options.networkOwner,
    rootNetworkDir: fromHere(options.rootNetworkDir),
    avalanchegoPath: namesProgram || !described.avalanchegoPath ? programToRun(options, context) : undefined,
    pluginDir: fromHere(options.pluginDir),
    apps: options.app?.map((path) => resolve(cwd, path)),
    tmpnetDefaults: options.tmpnetDefaults,
  };
  const wins = Object.entries(said).filter(([, value]) => value !== undefined);
  const defaultFlags = withDefaults(options.flag, described.defaultFlags ?? {});
  return { ...described, ...Object.fromEntries(wins), defaultFlags };
}

async function startNetwork(kind: NetworkOptions, options: StartOptions, context: CommandContext): Promise<void> {
  await startCollectors(collectorsOf(options, context), context);
  const startedAt = performance.now();
  let network: Network;
  let healthy: ProgressView["healthy"];
  {
    using view = progressView(context.stderr);
    ({ healthy } = view);
    network = await Network.start(
      kind,
      {
        signal: context.signal,
        timeoutMs: options.timeout,
        // The network knows better than a default: one that joins mainnet is not waited for.
        ...(options.wait ? {} : { waitForHealth: false }),
        onProgress: (progress) => view.show(progress),
      },
      { env: context.env },
    );
  }
  const tookMs = performance.now() - startedAt;
  // Read anew, nodes stand in the order in which all commands list them, and count them.
  network = Network.read(network.dir, { env: context.env });
  printReport(await networkReport(network), { tookMs, healthy }, options.json === true, context);
}

/** `--start-metrics-collector`, `--start-logs-collector` */
function collectorOption(collector: Collector): Option {
  const { name, collects } = collector;
  const help = `make sure that ${name} collects the ${collects} (default: ${collectorVariable(collector)})`;
  return new Option(`--start-${collects}-collector`, help);
}

function collectorsOf(options: StartOptions, { env }: CommandContext): Collector[] {
  const isWanted = (collector: Collector, asked: boolean | undefined) =>
    asked ?? parseGoBool(env[collectorVariable(collector)] ?? "") === true;
  return [
    ...(isWanted(METRICS_COLLECTOR, options.startMetricsCollector) ? [METRICS_COLLECTOR] : []),
    ...(isWanted(LOGS_COLLECTOR, options.startLogsCollector) ? [LOGS_COLLECTOR] : []),
  ];
}

/** Upstream's name: `flags/collector.go`. */
function collectorVariable({ collects }: Collector): string {
  return `TMPNET_START_${collects.toUpperCase()}_COLLECTOR`;
}
