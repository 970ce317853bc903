/**
 * Tries again what may go well the next time: a server that is overloaded, a line that breaks.
 *
 * @module
 */

import { type Clock, systemClock } from "../../core/clock.ts";
import { sleep } from "../../core/sleep.ts";
import { InstallError } from "./errors.ts";

/** Waits between attempts that brought nothing, in milliseconds; after the last of them it is given up. */
export const RETRY_DELAYS_MS: readonly number[] = [500, 1_000, 2_000, 4_000];

/** How attempts are made. */
export interface RetryOptions {
  readonly clock?: Clock | undefined;
  readonly signal?: AbortSignal | undefined;
  /** @default {RETRY_DELAYS_MS} */
  readonly retryDelaysMs?: readonly number[] | undefined;
  /** Told before each further attempt. */
  readonly onRetry?: ((error: InstallError, delayMs: number) => void) | undefined;
}

/**
 * Does something until it goes well, fails for good, or has failed too often.
 *
 * @param attempt Calls `progress` when it got further than before: what was lost so far is forgiven then.
 */
export async function retrying<T>(
  attempt: (progress: () => void) => Promise<T>,
  { clock = systemClock, signal, retryDelaysMs = RETRY_DELAYS_MS, onRetry }: RetryOptions,
): Promise<T> {
  let failures = 0;
  for (;;) {
    try {
      return await attempt(() => {
        failures = 0;
      });
    } catch (error) {
      const delayMs = retryDelaysMs[failures++];
      if (!(error instanceof InstallError) || !mayPass(error) || delayMs === undefined) throw error;
      onRetry?.(error, delayMs);
      await sleep(clock, delayMs, signal);
    }
  }
}

/** Whether the same may go well a moment later. */
function mayPass({ type }: InstallError): boolean {
  if (type.code === "status") return type.status >= 500 || type.status === 429 || type.status === 408;
  return type.code === "unreachable" || type.code === "stalled";
}
