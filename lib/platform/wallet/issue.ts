/**
 * Hands transactions to nodes and waits until their chain has decided.
 *
 * @module
 */

import { type Clock, systemClock } from "../../core/clock.ts";
import type { ID } from "../../core/ids/id.ts";
import { sleep } from "../../core/sleep.ts";
import { RPCError } from "../rpc/errors.ts";
import type { CallOptions } from "../rpc/json_rpc.ts";
import { type FeeConfig, getFeeConfig, getFeeState, getTxStatus, issueTx } from "../rpc/platform_wallet_client.ts";
import { gasOf, txComplexity } from "./complexity.ts";
import { WalletError } from "./errors.ts";
import type { SignedTx } from "./marshal.ts";

/** How long a chain may take to decide, in milliseconds: far more than a healthy one does. */
export const DEFAULT_DECISION_TIMEOUT_MS = 60_000;

/** How often a node is asked whether a transaction is decided, in milliseconds. */
const STATUS_POLL_INTERVAL_MS = 20;

/** How long one answer may take, in milliseconds: a machine under load is slow. */
const ANSWER_TIMEOUT_MS = 15_000;

/** How transactions are issued. */
export interface IssueControl {
  readonly signal?: AbortSignal | undefined;
  /** @default {60000} See {@link DEFAULT_DECISION_TIMEOUT_MS}. */
  readonly timeoutMs?: number | undefined;
  /** @default The machine's. */
  readonly clock?: Clock | undefined;
}

/**
 * Issues transactions that do not depend on each other, all at one time, and waits until all are accepted.
 *
 * Blocks take those first that pay more for a unit of gas.
 *
 * @param uris Nodes of the network: whichever may make the next block has the transactions then. One has to take them.
 * @throws {WalletError} `refused`, `dropped`, `undecided` or `interrupted`; {@link RPCError}.
 */
export async function issueTxs(
  uris: readonly string[],
  txs: readonly SignedTx[],
  control: IssueControl = {},
): Promise<void> {
  await issueInOrder(uris, [txs], control);
}

/**
 * As {@link issueTxs}, for transactions some of which are to come before others, in one block or earlier: these are
 * handed in once all nodes have those, and pay less.
 *
 * @param groups First what comes first.
 */
export async function issueInOrder(
  uris: readonly string[],
  groups: readonly (readonly SignedTx[])[],
  control: IssueControl = {},
): Promise<void> {
  const [first] = uris;
  const txs = groups.flat();
  if (first === undefined || txs.length === 0) return;
  await waitForGas(first, txs, control);
  for (const group of groups) await Promise.all(group.map((tx) => submit(uris, tx, control)));
  await Promise.all(txs.map((tx) => waitForTx(first, tx.txID, control)));
}

/**
 * Waits until the chain grants the gas that transactions take.
 *
 * A network begins with none, and a transaction that is refused for that is refused by this node from then on. What a
 * node tells is the state of its last block; the chain grants more with each second since then (ACP-103).
 */
async function waitForGas(uri: string, txs: readonly SignedTx[], control: IssueControl): Promise<void> {
  const { clock = systemClock, signal } = control;
  const options = callOptions(control);
  const config = await getFeeConfig(uri, options);
  let wanted = txs.reduce((sum, { unsigned }) => sum + gasOf(txComplexity(unsigned), config.weights), 0n);
  // More than there can be at one time goes into several blocks.
  if (wanted > config.maxCapacity) wanted = config.maxCapacity;
  for (;;) {
    checkSignal(signal);
    const missingMs = await gasMissingForMs(uri, wanted, config, clock, options);
    if (missingMs <= 0) return;
    await sleep(clock, missingMs, signal);
  }
}

async function gasMissingForMs(
  uri: string,
  wanted: bigint,
  { maxPerSecond }: FeeConfig,
  clock: Clock,
  options: CallOptions,
): Promise<number> {
  const { capacity, timeMs } = await getFeeState(uri, options);
  if (capacity >= wanted || maxPerSecond === 0n) return 0;
  const seconds = (wanted - capacity + maxPerSecond - 1n) / maxPerSecond;
  // Blocks have whole seconds.
  return timeMs + Number(seconds) * 1_000 - Math.floor(clock.now() / 1_000) * 1_000;
}

async function submit(uris: readonly string[], tx: SignedTx, control: IssueControl): Promise<void> {
  const options = callOptions(control);
  const outcomes = await Promise.allSettled(uris.map((uri) => issueTx(uri, tx.bytes, options)));
  if (outcomes.some(({ status }) => status === "fulfilled")) return;
  checkSignal(control.signal);
  const cause = (outcomes[0] as PromiseRejectedResult).reason;
  if (!(cause instanceof RPCError) || cause.type.code !== "method") throw cause;
  // Another node may have told it of this very transaction.
  const [uri] = uris as [string];
  const { status } = await getTxStatus(uri, tx.txID, options);
  if (status === "Processing" || status === "Committed") return;
  const message = `The P-Chain does not take ${tx.unsigned.type} ${tx.txID}: ${cause.message}`;
  throw new WalletError({ code: "refused", txID: tx.txID }, message, { cause });
}

/**
 * Waits until a transaction is accepted.
 *
 * @throws {WalletError} `dropped`, `undecided` or `interrupted`.
 */
export async function waitForTx(uri: string, txID: ID, control: IssueControl = {}): Promise<void> {
  const { clock = systemClock, timeoutMs = DEFAULT_DECISION_TIMEOUT_MS, signal } = control;
  const deadline = clock.monotonic() + timeoutMs;
  for (;;) {
    checkSignal(signal);
    const { status, reason } = await getTxStatus(uri, txID, callOptions(control));
    if (status === "Committed") return;
    if (status === "Dropped" || status === "Aborted") {
      const why = reason ? `: ${reason}` : "";
      throw new WalletError({ code: "dropped", txID, status }, `Transaction ${txID} is ${status.toLowerCase()}${why}`);
    }
    if (clock.monotonic() >= deadline) {
      throw new WalletError(
        { code: "undecided", txID, timeoutMs },
        `Transaction ${txID} was in no block after ${timeoutMs / 1_000} seconds; its status is ${status}`,
        { hint: "See with avx net status whether all nodes are healthy: without enough of them no block is made" },
      );
    }
    await sleep(clock, STATUS_POLL_INTERVAL_MS, signal);
  }
}

/** @throws {WalletError} `interrupted`. */
function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new WalletError({ code: "interrupted" }, "The wait for a transaction was interrupted");
}

function callOptions({ signal }: IssueControl): CallOptions {
  return { signal, timeoutMs: ANSWER_TIMEOUT_MS };
}
