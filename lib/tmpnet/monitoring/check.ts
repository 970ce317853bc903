/**
 * Whether metrics and logs of a network have arrived where they are sent to.
 *
 * Source: upstream `tests/fixture/tmpnet/check_monitoring.go`.
 *
 * @module
 */

import { type Clock, systemClock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import { sleep } from "../../core/sleep.ts";
import { fetchBounded } from "../../platform/rpc/fetch_bounded.ts";
import { DEFAULT_NETWORK_TIMEOUT_MS } from "../defaults.ts";
import { TmpnetError } from "../errors.ts";
import { presentable } from "../runtime/log_watch.ts";
import { type CollectorModules, collectorState } from "./collector_process.ts";
import { type Collector, METRICS_COLLECTOR } from "./collectors.ts";
import type { Labels } from "./labels.ts";
import { queryTarget, type Target } from "./targets.ts";

/** How far back is looked, in milliseconds. */
const RANGE_MS = 3_600_000;

/** How often is asked, in milliseconds. */
const POLL_INTERVAL_MS = 1_000;

/** How long one answer may take, in milliseconds, and how long it may be, in bytes. */
const ANSWER_TIMEOUT_MS = 15_000;
const MAX_ANSWER_BYTES = 1024 * 1024;

/** How much of an answer that is none is quoted. */
const QUOTED_ANSWER_LENGTH = 200;

/** How a check behaves. */
export interface CheckOptions {
  /** @default {120000} How long to ask again, in milliseconds. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** Hears why an attempt failed, when it is not for the reason of the one before. */
  readonly onProblem?: ((problem: string) => void) | undefined;
}

/** What was found. */
export interface Collected {
  /** How many series of metrics there are now, or how many lines of logs there were in the last hour. */
  readonly count: number;
  readonly url: string;
  /** What was asked, in the server's own language. */
  readonly query: string;
}

/** The question whether anything with these labels was collected, as the server takes it. */
export function collectedQuery({ collects }: Collector, labels: Labels): string {
  // Both languages quote as JSON does.
  const selectors = Object.entries(labels).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
  const selector = `{${selectors.join(",")}}`;
  return collects === "metrics" ? `count(${selector})` : `sum(count_over_time(${selector}[1h]))`;
}

/**
 * Where a collector's metrics or logs can be asked for: what the environment says, else the collector itself where it
 * keeps them.
 *
 * @throws {TmpnetError} `missing-variable`, or `option` when what the variable holds is no HTTP URL.
 *
 * @example
 * ```ts
 * const { url } = whereToAsk(METRICS_COLLECTOR, { env: { PROMETHEUS_URL: "https://prometheus.example" } });
 * console.log(url); // "https://prometheus.example"
 * ```
 */
export function whereToAsk(collector: Collector, modules: CollectorModules = {}): Target {
  const env = modules.env ?? process.env;
  const state = env[`${collector.envPrefix}_URL`] ? undefined : collectorState(collector, modules);
  return state?.local ? { url: state.url } : queryTarget(collector, env);
}

/**
 * Waits until something with these labels was collected.
 *
 * @param labels Which: `{ network_uuid: network.uuid }`.
 * @throws {TmpnetError} `not-collected` when there is nothing in time, `interrupted` by the signal.
 *
 * @example
 * ```ts no-run
 * const network = Network.read("/home/me/.tmpnet/networks/latest");
 * const target = whereToAsk(METRICS_COLLECTOR);
 * const { count } = await waitForCollected(METRICS_COLLECTOR, target, { network_uuid: network.uuid });
 * console.log(`${count} series of metrics have arrived`);
 * ```
 */
export async function waitForCollected(
  collector: Collector,
  target: Target,
  labels: Labels,
  options: CheckOptions = {},
): Promise<Collected> {
  const { timeoutMs = DEFAULT_NETWORK_TIMEOUT_MS, signal, clock = systemClock, onProblem } = options;
  const query = collectedQuery(collector, labels);
  const { url } = target;
  const until = clock.monotonic() + timeoutMs;
  let problem: string | undefined;
  for (let question = 1; ; question++) {
    const leftMs = Math.max(1, until - clock.monotonic());
    const patienceMs = Math.min(leftMs, ANSWER_TIMEOUT_MS);
    try {
      const count = await countOf(collector, target, query, patienceMs, clock, signal);
      if (count > 0) return { count, url, query };
      problem = undefined;
    } catch (error) {
      // The last question has what time is left: that it was not answered in that says nothing, where others were asked.
      const isCutOff = question > 1 && patienceMs < ANSWER_TIMEOUT_MS && clock.monotonic() >= until;
      const now = isCutOff ? problem : presentable(errorMessage(error));
      if (now !== undefined && now !== problem) onProblem?.(now);
      problem = now;
    }
    if (signal?.aborted) throw new TmpnetError({ code: "interrupted" }, "The check was interrupted");
    if (clock.monotonic() >= until) throw notCollected(collector, url, query, timeoutMs, problem);
    await sleep(clock, Math.min(POLL_INTERVAL_MS, until - clock.monotonic()), signal);
  }
}

async function countOf(
  collector: Collector,
  target: Target,
  query: string,
  timeoutMs: number,
  clock: Clock,
  signal: AbortSignal | undefined,
): Promise<number> {
  const url =
    collector === METRICS_COLLECTOR
      ? `${target.url}/api/v1/query_range?${new URLSearchParams({ query, ...lastHour(clock.now()) })}`
      : `${target.url}/query?${new URLSearchParams({ query })}`;
  const bounds = { what: "the query", timeoutMs, maxBytes: MAX_ANSWER_BYTES, signal };
  const { status, body } = await fetchBounded(url, { headers: credentials(target) }, bounds);
  const text = body.toString("utf8");
  const said = presentable(text.replaceAll(/\s+/g, " "), QUOTED_ANSWER_LENGTH);
  if (status !== 200) throw new Error(`${target.url} answered with HTTP status ${status}: ${said}`);
  const count = lastValue(text);
  if (count === undefined) throw new Error(`${target.url} is no server of ${collector.collects}: it answered ${said}`);
  return count;
}

function lastHour(nowMs: number): Record<string, string> {
  const seconds = (ms: number) => String(Math.floor(ms / 1000));
  return { start: seconds(nowMs - RANGE_MS), end: seconds(nowMs), step: "60" };
}

function credentials({ username, password }: Target): Record<string, string> {
  if (username === undefined || password === undefined) return {};
  return { authorization: `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}` };
}

/** The newest value of the first series of a matrix (`values`) or a vector (`value`); 0 where there is none. */
function lastValue(text: string): number | undefined {
  let result: unknown;
  try {
    result = JSON.parse(text)?.data?.result;
  } catch {
    return undefined;
  }
  if (!Array.isArray(result)) return undefined;
  if (result.length === 0) return 0;
  const pair = result[0]?.value ?? result[0]?.values?.at?.(-1);
  const value = Array.isArray(pair) ? Number(pair[1]) : Number.NaN;
  return Number.isFinite(value) ? Math.round(value) : undefined;
}

function notCollected(
  { collects, name }: Collector,
  url: string,
  query: string,
  timeoutMs: number,
  problem: string | undefined,
): TmpnetError {
  const seconds = Math.round(timeoutMs / 1000);
  const sentence = `No ${collects} were found at ${url} in ${seconds} s\n  the question was ${query}`;
  return new TmpnetError(
    { code: "not-collected", url, ...(problem === undefined ? {} : { problem }) },
    problem === undefined ? sentence : `${sentence}\n  the last answer was none: ${problem}`,
    { hint: `${name} must run (avx net start-${collects}-collector) while the network does` },
  );
}
