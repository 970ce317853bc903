/**
 * Waits until chains are up on the nodes that are to run them.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { sleep } from "../../core/sleep.ts";
import { RPCError } from "../../platform/rpc/errors.ts";
import { failingChecks, getHealth } from "../../platform/rpc/health_client.ts";
import { isBootstrapped } from "../../platform/rpc/info_client.ts";
import type { CallOptions } from "../../platform/rpc/json_rpc.ts";
import { presentable } from "../runtime/log_watch.ts";
import { SubnetError } from "./errors.ts";

/** A chain on a node. */
export interface ChainOnNode {
  readonly chainID: ID;
  readonly nodeID: NodeID;
  readonly uri: string;
}

/** How often a node is asked, in milliseconds. */
const POLL_INTERVAL_MS = 50;

/** Every so many times the node's health is asked, too: it tells of a VM that failed. */
const HEALTH_EVERY = 10;

/** How that health check begins (upstream `chains/manager.go`). */
const CREATION_FAILED = "failed to create chain";

/** How long one answer may take, in milliseconds. */
const ANSWER_TIMEOUT_MS = 5_000;

/**
 * Waits until each chain is bootstrapped on its node, and the node healthy with it.
 *
 * @throws {SubnetError} `chain` when one failed, or is not up in time; `interrupted`.
 */
export async function waitForChains(
  chains: readonly ChainOnNode[],
  clock: Clock,
  {
    signal,
    deadline,
    onReady,
  }: {
    readonly signal?: AbortSignal | undefined;
    /** Of the clock's monotonic time. */
    readonly deadline: number;
    readonly onReady?: ((chain: ChainOnNode) => void) | undefined;
  },
): Promise<void> {
  const failure = new AbortController();
  const either = signal === undefined ? failure.signal : AbortSignal.any([signal, failure.signal]);
  const wait = async (chain: ChainOnNode): Promise<void> => {
    for (let asked = 1; ; asked++) {
      const reason = await reasonAgainst(chain, asked % HEALTH_EVERY === 0, either);
      if (reason === undefined) return onReady?.(chain);
      if (either.aborted) throw new SubnetError({ code: "interrupted" }, "The wait for chains was interrupted");
      if (reason.isFinal || clock.monotonic() >= deadline) throw notUp(chain, reason.text);
      await sleep(clock, POLL_INTERVAL_MS, either);
    }
  };
  const outcomes = await Promise.allSettled(
    chains.map((chain) =>
      wait(chain).catch((error: unknown) => {
        // The first failure is what happened; the others are only given up.
        const first = failure.signal.aborted ? undefined : error;
        failure.abort();
        throw first ?? error;
      }),
    ),
  );
  const failed = outcomes.filter((outcome) => outcome.status === "rejected").map(({ reason }) => reason as unknown);
  const cause = failed.find((error) => error instanceof SubnetError && error.type.code !== "interrupted") ?? failed[0];
  if (cause !== undefined) throw cause;
}

/** What keeps a chain from being up, and whether waiting helps. */
interface Reason {
  readonly text: string;
  readonly isFinal: boolean;
}

/** Why a chain is not up; `undefined` when it is. */
async function reasonAgainst(
  { uri, chainID }: ChainOnNode,
  askHealth: boolean,
  signal: AbortSignal,
): Promise<Reason | undefined> {
  const options = { signal, timeoutMs: ANSWER_TIMEOUT_MS };
  try {
    if (await isBootstrapped(uri, chainID, options)) return await healthReason(uri, chainID, options);
    return { text: "it still bootstraps", isFinal: false };
  } catch (error) {
    const isAnswer = error instanceof RPCError && error.type.code === "method";
    const reason = { text: errorMessage(error), isFinal: false };
    if (!askHealth || !isAnswer) return reason;
    const told = await healthReason(uri, chainID, options).catch(() => undefined);
    return told?.isFinal ? told : reason;
  }
}

/** Why a node is not healthy: that it could not make the chain, before anything else. */
async function healthReason(uri: string, chainID: ID, options: CallOptions): Promise<Reason | undefined> {
  const health = await getHealth(uri, options);
  if (health.healthy) return undefined;
  const failing = failingChecks(health);
  const failed = failing.find(([name, { error }]) => name === chainID && error?.includes(CREATION_FAILED));
  if (failed !== undefined) return { text: presentable(failed[1].error ?? ""), isFinal: true };
  const names = failing.map(([name, { error }]) => presentable(`${name}: ${error}`));
  return { text: names.join("; "), isFinal: false };
}

function notUp({ chainID, nodeID }: ChainOnNode, reason: string): SubnetError {
  return new SubnetError({ code: "chain", chainID, nodeID }, `Chain ${chainID} is not up on ${nodeID}: ${reason}`, {
    hint: `See the node's logs: its main log, and that of the chain, ${chainID}.log`,
  });
}
