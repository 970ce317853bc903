/**
 * tmpnetctl's commands about collectors of metrics and logs.
 *
 * @module
 */

import { TmpnetError } from "../../lib/tmpnet/errors.ts";
import { waitForCollected } from "../../lib/tmpnet/monitoring/check.ts";
import { startCollector, stopCollector } from "../../lib/tmpnet/monitoring/collector_process.ts";
import { type Collector, LOGS_COLLECTOR, METRICS_COLLECTOR } from "../../lib/tmpnet/monitoring/collectors.ts";
import { githubLabels, type Labels } from "../../lib/tmpnet/monitoring/labels.ts";
import { queryTarget, type Target } from "../../lib/tmpnet/monitoring/targets.ts";
import type { CtlCommand, CtlContext } from "./command.ts";
import { FlagError } from "./flags.ts";

export const COLLECTOR_COMMANDS: readonly CtlCommand[] = [METRICS_COLLECTOR, LOGS_COLLECTOR].flatMap((collector) => [
  {
    name: `start-${collector.collects}-collector`,
    summary: `Start the collector of ${collector.collects} for nodes of this machine`,
    flags: () => [],
    run: (context) => start(collector, context),
  },
  {
    name: `stop-${collector.collects}-collector`,
    summary: `Stop the collector of ${collector.collects} for nodes of this machine`,
    flags: () => [],
    run: (context) => stop(collector, context),
  },
  {
    name: `check-${collector.collects}`,
    summary: `Check whether ${collector.collects} of a network have arrived`,
    flags: () => [
      { name: "network-uuid", type: "string", help: "the network's UUID (default: labels of GH_* variables)" },
    ],
    run: (context) => check(collector, context),
  },
]);

async function start(collector: Collector, context: CtlContext): Promise<void> {
  const { env, signal } = context;
  const log = context.log();
  const cmd = collector.name;
  const state = await inOldWords(() => startCollector(collector, { signal }, { env }));
  if (state.wasRunning) {
    log.info("collector already running", { cmd });
  } else {
    log.info("started collector", { cmd, pid: state.pid });
    log.info("collector ready", { cmd, url: state.url, logPath: state.logPath });
  }
  log.info(`To stop: tmpnetctl stop-${collector.collects}-collector`);
}

async function stop(collector: Collector, context: CtlContext): Promise<void> {
  const log = context.log();
  const cmd = collector.name;
  const state = await stopCollector(collector, { env: context.env });
  if (state === undefined) log.info("collector not running", { cmd });
  else log.info("collector stopped", { cmd, pid: state.pid });
}

async function check(collector: Collector, context: CtlContext): Promise<void> {
  const { env, signal, flags } = context;
  const log = context.log();
  const target = await inOldWords((): Target => queryTarget(collector, env), "failed to get collector credentials: ");
  const labels: Labels = flags["network-uuid"] ? { network_uuid: flags["network-uuid"] } : githubLabels(env);
  if (Object.keys(labels).length === 0) throw new FlagError("no GH_* env vars set to use for selectors");
  const type = collector.collects;
  log.info(`checking if ${type} exist`, { url: target.url, ...labels });
  const onProblem = (error: string) => log.warn("failed to query for collected count", { type, error });
  const { count } = await waitForCollected(collector, target, labels, { signal, onProblem });
  log.info("collected count is non-zero", { type, count });
}

/** A variable that is not set is told as tmpnetctl tells it: scripts look for the sentence. */
async function inOldWords<T>(work: () => T | Promise<T>, prefix = ""): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof TmpnetError) || error.type.code !== "missing-variable") throw error;
    throw new FlagError(`${prefix}${error.type.name} env var not set`);
  }
}
