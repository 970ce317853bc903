/**
 * Waits until a node is healthy, and knows at any time why it is not.
 *
 * @module
 */

import type { Clock } from "../core/clock.ts";
import { errorMessage } from "../core/errors.ts";
import { sleep } from "../core/sleep.ts";
import { failingChecks, getHealth } from "../platform/rpc/health_client.ts";
import { TmpnetError } from "./errors.ts";
import { nodeDied, nodeUnhealthy } from "./failures.ts";
import type { NodeRuntime, RuntimeNode, StartControl } from "./runtime/contract.ts";
import { presentable } from "./runtime/log_watch.ts";

/**
 * How often a node is asked, in milliseconds. Asking costs nodes that are busy starting, and whoever asks: upstream asks
 * every 200, one node after another.
 */
export const HEALTH_POLL_INTERVAL_MS = 100;

/** How many nodes may be asked as often as that; of more, each is asked less often. */
const NODES_ASKED_AT_ONCE = 10;

/** How long one answer may take, in milliseconds. */
const ANSWER_TIMEOUT_MS = 3_000;

/** What the wait needs. */
export interface HealthModules {
  readonly clock: Clock;
  readonly runtime: NodeRuntime;
}

/** How the wait behaves. */
export interface HealthWaitOptions extends StartControl {
  /** @default {1} How many nodes are waited for side by side. */
  readonly nodeCount?: number | undefined;
  /** Called whenever the reasons change. */
  readonly onReasons?: ((reasons: readonly string[]) => void) | undefined;
}

/**
 * Waits for a node that was started.
 *
 * @throws {TmpnetError} `node-died`, `unhealthy` at the deadline, or `interrupted` by the signal.
 */
export async function waitForHealthy(
  node: RuntimeNode,
  { clock, runtime }: HealthModules,
  options: HealthWaitOptions,
): Promise<void> {
  const { signal, deadline = Number.POSITIVE_INFINITY, onReasons, nodeCount = 1 } = options;
  const intervalMs = HEALTH_POLL_INTERVAL_MS * Math.max(1, nodeCount / NODES_ASKED_AT_ONCE);
  let told = "";
  for (;;) {
    const reasons = await reasonsAgainst(node, runtime, signal);
    if (reasons.length === 0) return;
    if (signal?.aborted) throw new TmpnetError({ code: "interrupted" }, "The wait for health was interrupted");
    if (clock.monotonic() >= deadline) {
      throw nodeUnhealthy(node, "did not get healthy in time:", reasons, runtime.lastWords(node));
    }
    const now = reasons.join("\n");
    if (now !== told) onReasons?.(reasons);
    told = now;
    await sleep(clock, intervalMs, signal);
  }
}

/** Why a node is not healthy now; nothing when it is. */
async function reasonsAgainst(
  node: RuntimeNode,
  runtime: NodeRuntime,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const state = runtime.inspect(node);
  const trouble = runtime.trouble(node) ?? (state.status === "stopped" ? "ended" : undefined);
  if (trouble !== undefined) throw nodeDied(node, trouble, runtime.lastWords(node));
  if (state.status !== "running") return ["it has not said where it can be reached"];
  try {
    const reply = await getHealth(state.uri, { signal, timeoutMs: ANSWER_TIMEOUT_MS });
    if (reply.healthy) return [];
    const failing = failingChecks(reply).map(([name, { error }]) => presentable(`${name}: ${error}`));
    return failing.length > 0 ? failing.sort() : ["it says that it is not healthy, without saying why"];
  } catch (error) {
    return [presentable(errorMessage(error))];
  }
}
