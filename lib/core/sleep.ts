/**
 * Waiting, on a clock that can be handed in, and no longer than a signal allows.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/**
 * Waits.
 *
 * @param signal Ends the wait early; that is no error: whoever waits looks at the signal next.
 */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = () => {
      timer.cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = clock.setTimeout(done, ms);
    signal?.addEventListener("abort", done, { once: true });
  });
}
