/**
 * Waiting for something to be so, in place of waiting for so long.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { AvxError, errorMessage } from "./errors.ts";
import { sleep } from "./sleep.ts";

/** Why a wait ended without what was waited for. */
export type WaitErrorType =
  | { readonly code: "timeout"; readonly waitedFor: string; readonly timeoutMs: number }
  | { readonly code: "interrupted"; readonly waitedFor: string };

/**
 * What was waited for did not come. The message tells what it was, and what was found instead.
 *
 * @example
 * ```ts
 * await waitUntil("pigs fly", () => false, { timeoutMs: 10 }).catch((error) => {
 *   if (error instanceof WaitError) console.log(error.type.code); // "timeout"
 * });
 * ```
 */
export class WaitError extends AvxError<WaitErrorType> {}

/** How a wait behaves. Times are milliseconds. */
export interface WaitUntilOptions {
  /** @default {30000} */
  readonly timeoutMs?: number;
  /** @default {50} The pause between two looks. */
  readonly intervalMs?: number;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
}

export const DEFAULT_WAIT_TIMEOUT_MS = 30_000;
export const DEFAULT_WAIT_INTERVAL_MS = 50;

/** Not so yet, and why: what a look may throw to have it told. */
type Falsy = undefined | null | false | 0 | 0n | "";

/**
 * Looks again and again until something is so.
 *
 * @param what What is waited for, in words that follow "until": `the transfer is accepted`.
 * @param look Gives what was waited for, or nothing while it is not so. What it throws counts as nothing, and is told if
 * the time runs out.
 * @returns What `look` gave.
 * @throws {WaitError} `timeout`, with what the last look found; `interrupted` by the signal.
 *
 * @example
 * ```ts
 * let ready = false;
 * setTimeout(() => { ready = true; }, 20);
 * await waitUntil("it is ready", () => ready);
 * ```
 */
export async function waitUntil<T>(
  what: string,
  look: () => T | Promise<T>,
  options: WaitUntilOptions = {},
): Promise<Exclude<T, Falsy>> {
  const { timeoutMs = DEFAULT_WAIT_TIMEOUT_MS, intervalMs = DEFAULT_WAIT_INTERVAL_MS, signal } = options;
  const { clock = systemClock } = options;
  const until = clock.monotonic() + timeoutMs;
  for (;;) {
    let found: string;
    let cause: unknown;
    try {
      const value = await look();
      if (value) return value as Exclude<T, Falsy>;
      found = `the last look found ${JSON.stringify(value) ?? "nothing"}`;
    } catch (error) {
      found = `the last look failed: ${errorMessage(error)}`;
      cause = error;
    }
    if (signal?.aborted)
      throw new WaitError({ code: "interrupted", waitedFor: what }, `The wait until ${what} was interrupted`);
    if (clock.monotonic() >= until) {
      const message = `Waited ${timeoutMs / 1_000} s until ${what}; ${found}`;
      throw new WaitError({ code: "timeout", waitedFor: what, timeoutMs }, message, { cause });
    }
    await sleep(clock, Math.min(intervalMs, Math.max(0, until - clock.monotonic())), signal);
  }
}
