/**
 * Starts and stops collectors: processes of their own that outlive whoever started them.
 *
 * tmpnetctl and avx find each other's by `run.pid`. One is started at a time, and never a second one.
 *
 * @module
 */

import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Clock, systemClock } from "../../core/clock.ts";
import { makeDirectory, writeFileWhole } from "../disk/files.ts";
import type { Env } from "../disk/layout.ts";
import { withNetworkLock } from "../disk/lock.ts";
import { TmpnetError } from "../errors.ts";
import { endProcess } from "../runtime/end_process.ts";
import { type ProcessTable, systemProcessTable } from "../runtime/process_table.ts";
import { findOnPath } from "../runtime/program.ts";
import { failed, launchCollector, majorVersionOf, openPort, removePIDFile } from "./collector_launch.ts";
import type { Collector } from "./collectors.ts";
import { findCollector, type RunningCollector } from "./find_collector.ts";
import { collectorDir, serviceDiscoveryDir } from "./layout.ts";
import { removeLostServiceDiscovery } from "./service_discovery.ts";
import { pushTarget } from "./targets.ts";

/** How long a collector may take to end: Prometheus tries for a minute to send what it still holds. */
export const COLLECTOR_STOP_GRACE_MS = 90_000;

/** What collectors are run with; all of it has a default. */
export interface CollectorModules {
  readonly clock?: Clock | undefined;
  /** Where home is, where programs are, and where collectors send to. @default The process's. */
  readonly env?: Env | undefined;
  readonly table?: ProcessTable | undefined;
}

/** How a collector is started. */
export interface CollectorOptions {
  /** Whether Prometheus keeps its metrics and shows them, instead of sending them on. */
  readonly local?: boolean | undefined;
  /** The port of its own pages; 0 for any that is free. @default {9090} for Prometheus, 3101 for Promtail. */
  readonly port?: number | undefined;
  /** Ends the start early: nothing is left running. */
  readonly signal?: AbortSignal | undefined;
}

/** A collector that runs, and since when. */
export interface CollectorState {
  readonly collector: string;
  readonly pid: number;
  /** Its own pages. */
  readonly url: string;
  /** Whether it keeps what it collects, and can be asked for it. */
  readonly local: boolean;
  readonly logPath: string;
  /** Whether it ran before. */
  readonly wasRunning: boolean;
}

/**
 * Makes sure that a collector runs.
 *
 * @throws {TmpnetError} `missing-variable` when it is not told where to send to, `binary` when there is no such
 * program, `collector` when it does not start, `option`, `busy`, `unwritable`, `interrupted`.
 *
 * @example
 * ```ts no-run
 * const { url } = await startCollector(METRICS_COLLECTOR, { local: true });
 * console.log(`Metrics of all networks are at ${url}`);
 * ```
 */
export async function startCollector(
  collector: Collector,
  options: CollectorOptions = {},
  modules: CollectorModules = {},
): Promise<CollectorState> {
  const { env, table, clock } = complete(modules);
  const asked = collectorDir(collector.name, env);
  const found = findCollector(collector, env, table);
  if (found !== undefined) return stateOf(collector, asked, found, true);
  if (options.local && collector.collects === "logs") {
    const message = `${collector.name} keeps no logs: it sends them on, and has no local mode`;
    throw new TmpnetError({ code: "option", option: "local" }, message);
  }
  const target = options.local ? undefined : pushTarget(collector, env);
  const program = findProgram(collector, env);

  makeDirectory(serviceDiscoveryDir(collector.name, env));
  const directory = realpathSync(asked);
  const work = async (): Promise<CollectorState> => {
    const other = findCollector(collector, env, table);
    if (other !== undefined) return stateOf(collector, directory, other, true);
    const port = await openPort(collector, options.port ?? collector.defaultPort);
    const setup = {
      port,
      target,
      directory,
      serviceDiscoveryDir: serviceDiscoveryDir(collector.name, env),
      majorVersion: collector.collects === "metrics" ? majorVersionOf(program, env) : undefined,
    };
    removePIDFile(directory);
    removeLostServiceDiscovery(env);
    writeFileWhole(join(directory, collector.configFile), collector.config(setup)); // it holds a password
    const args = collector.arguments(setup);
    const started = await launchCollector(collector, program, args, setup, { env, table, clock }, options.signal);
    return stateOf(collector, directory, started, false);
  };
  return await withNetworkLock(directory, `starting ${collector.name}`, work, { signal: options.signal, clock, table });
}

/**
 * Makes sure that a collector does not run.
 *
 * @returns The one that was ended; `undefined` when none ran.
 * @throws {TmpnetError} `collector` when it cannot be ended.
 *
 * @example
 * ```ts no-run
 * const stopped = await stopCollector(METRICS_COLLECTOR);
 * if (stopped === undefined) console.log("no Prometheus was running");
 * ```
 */
export async function stopCollector(
  collector: Collector,
  modules: CollectorModules = {},
): Promise<CollectorState | undefined> {
  const { env, table, clock } = complete(modules);
  const asked = collectorDir(collector.name, env);
  if (statSync(asked, { throwIfNoEntry: false })?.isDirectory() !== true) return undefined;
  const directory = realpathSync(asked);
  const work = async (): Promise<CollectorState | undefined> => {
    const found = findCollector(collector, env, table);
    if (found !== undefined) {
      await endProcess(found.info, { clock, table }, { graceMs: COLLECTOR_STOP_GRACE_MS });
      if (findCollector(collector, env, table) !== undefined) {
        throw failed(collector, `${collector.name} could not be ended: process ${found.info.pid} runs on`);
      }
    }
    // What it names is no collector: whoever believes it would end a stranger.
    removePIDFile(directory);
    return found === undefined ? undefined : stateOf(collector, directory, found, true);
  };
  return await withNetworkLock(directory, `stopping ${collector.name}`, work, { orWithout: true, clock, table });
}

/**
 * The collector as it runs now.
 *
 * @returns `undefined` when it does not.
 *
 * @example
 * ```ts
 * console.log(collectorState(METRICS_COLLECTOR)?.url ?? "no Prometheus runs");
 * ```
 */
export function collectorState(collector: Collector, modules: CollectorModules = {}): CollectorState | undefined {
  const { env, table } = complete(modules);
  const found = findCollector(collector, env, table);
  return found === undefined ? undefined : stateOf(collector, collectorDir(collector.name, env), found, true);
}

function complete({ clock = systemClock, env = process.env, table = systemProcessTable() }: CollectorModules) {
  return { clock, env, table };
}

function stateOf(
  { name, logFile }: Collector,
  directory: string,
  { info, url, isLocal }: RunningCollector,
  wasRunning: boolean,
): CollectorState {
  return { collector: name, pid: info.pid, url, local: isLocal, logPath: join(directory, logFile), wasRunning };
}

/** @throws {TmpnetError} `binary`. */
function findProgram({ name, hint }: Collector, env: Env): string {
  const path = findOnPath(name, env);
  if (path !== undefined) return path;
  throw new TmpnetError({ code: "binary", path: name }, `There is no ${name} on PATH`, { hint });
}
