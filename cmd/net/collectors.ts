/**
 * `avx net start-metrics-collector` and its kin: Prometheus and Promtail for the networks of this machine.
 *
 * @module
 */

import { type Command, Option } from "commander";
import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { type CollectorState, startCollector, stopCollector } from "../../lib/tmpnet/monitoring/collector_process.ts";
import { type Collector, LOGS_COLLECTOR, METRICS_COLLECTOR } from "../../lib/tmpnet/monitoring/collectors.ts";
import type { CommandContext, RegisterCommand } from "../command.ts";
import { UsageError } from "../errors.ts";
import type { CollectorStopDocument } from "../json_documents.ts";
import { jsonOption, programOf } from "./options.ts";

interface StartCollectorOptions {
  readonly local?: boolean;
  readonly port?: number;
  readonly json?: boolean;
}

interface StopCollectorOptions {
  readonly json?: boolean;
}

export const registerStartMetricsCollector: RegisterCommand = (group, context) => {
  startCommand(group, METRICS_COLLECTOR, context)
    .description("Start Prometheus, so that it collects the metrics of all networks and sends them on.")
    .option("--local", "keep the metrics on this machine and show them, instead of sending them on")
    .addHelpText("after", variablesHelp(METRICS_COLLECTOR));
};

export const registerStopMetricsCollector: RegisterCommand = (group, context) => {
  stopCommand(group, METRICS_COLLECTOR, context).description("Stop the Prometheus that collects networks' metrics.");
};

export const registerStartLogsCollector: RegisterCommand = (group, context) => {
  startCommand(group, LOGS_COLLECTOR, context)
    .description("Start Promtail, so that it sends the logs of all networks to Loki.")
    .addHelpText("after", variablesHelp(LOGS_COLLECTOR));
};

export const registerStopLogsCollector: RegisterCommand = (group, context) => {
  stopCommand(group, LOGS_COLLECTOR, context).description("Stop the Promtail that collects networks' logs.");
};

/** Starts the collectors that a network is to be collected by, and says so on stderr: before the network is made. */
export async function startCollectors(collectors: readonly Collector[], context: CommandContext): Promise<void> {
  for (const collector of collectors) {
    const state = await start(collector, {}, context);
    context.stderr.write(startedText(collector, state, context));
  }
}

function startCommand(group: Command, collector: Collector, context: CommandContext): Command {
  return group
    .command(commandName("start", collector))
    .addOption(
      new Option(
        "--port <n>",
        `the port of its own pages on 127.0.0.1; 0 for any (default: ${collector.defaultPort})`,
      ).argParser(parsePort),
    )
    .addOption(jsonOption("its process and its pages"))
    .action(async (options: StartCollectorOptions) => {
      const state = await start(collector, options, context);
      context.stdout.write(
        options.json ? `${JSON.stringify(state, null, 2)}\n` : startedText(collector, state, context),
      );
    });
}

function stopCommand(group: Command, collector: Collector, context: CommandContext): Command {
  return group
    .command(commandName("stop", collector))
    .addOption(jsonOption("what became of it"))
    .action(async (options: StopCollectorOptions) => {
      const state = await stopCollector(collector, { env: context.env });
      const wasRunning = state !== undefined;
      const text = wasRunning ? `Stopped ${collector.name}, process ${state.pid}` : `${collector.name} was not running`;
      const document: CollectorStopDocument = {
        collector: collector.name,
        wasRunning,
        ...(wasRunning ? { pid: state.pid } : {}),
      };
      context.stdout.write(options.json ? `${JSON.stringify(document, null, 2)}\n` : `${text}\n`);
    });
}

async function start(
  collector: Collector,
  options: Pick<StartCollectorOptions, "local" | "port">,
  context: CommandContext,
): Promise<CollectorState> {
  try {
    return await startCollector(collector, { ...options, signal: context.signal }, { env: context.env });
  } catch (error) {
    if (!(error instanceof TmpnetError) || error.type.code !== "missing-variable") throw error;
    const message = `${collector.name} is not told where to send the ${collector.collects}: ${error.message}`;
    throw new TmpnetError(error.type, message, { cause: error, hint: missingHint(collector, context) });
  }
}

function missingHint(collector: Collector, context: CommandContext): string {
  const set = `Set ${variables(collector)}`;
  if (collector.collects === "logs") return set;
  return `${set}, or keep them on this machine: ${programOf(context)} net ${commandName("start", collector)} --local`;
}

function startedText(collector: Collector, state: CollectorState, context: CommandContext): string {
  const began = state.wasRunning ? `${collector.name} runs already` : `Started ${collector.name}`;
  const does = state.local ? "keeps them" : "sends them on";
  const stop = `${programOf(context)} net ${commandName("stop", collector)}`;
  return [
    `${began}, process ${state.pid}: it collects the ${collector.collects} of all networks and ${does}`,
    state.local ? `Look at them: ${state.url}` : `How it fares: ${state.url}, ${state.logPath}`,
    `To stop it: ${stop}`,
    "",
  ].join("\n");
}

function commandName(verb: "start" | "stop", { collects }: Collector): string {
  return `${verb}-${collects}-collector`;
}

function variables({ envPrefix }: Collector): string {
  return `${envPrefix}_PUSH_URL, ${envPrefix}_USERNAME and ${envPrefix}_PASSWORD`;
}

function variablesHelp(collector: Collector): string {
  return `\nWhere to send them:\n  ${variables(collector)}`;
}

function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port must be a whole number up to 65535, not "${text}"`);
}
