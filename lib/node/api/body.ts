/**
 * Bodies of requests, never more and never for longer than is reasonable.
 *
 * @module
 */

import { systemClock } from "../../core/clock.ts";
import { textResponse } from "./go_http.ts";

/**
 * The longest body of a request: 1 MiB. No call of avx needs a hundredth of it.
 */
export const MAX_BODY_BYTES = 2 ** 20;

/**
 * Reads the body as text.
 *
 * @param timeoutMs How long it may take to arrive; 0 or less for no limit.
 * @returns The text, or the answer that refuses it: 413 where it is too long, 408 where it takes too long, 400, which
 *   nobody reads, where the client went away.
 */
export async function readBody(request: Request, timeoutMs: number): Promise<string | Response> {
  const reader = request.body?.getReader();
  if (reader === undefined) return "";

  let timedOut = false;
  const stop = (): void => {
    timedOut = true;
    void reader.cancel().catch(() => {});
  };
  const timer = timeoutMs > 0 ? systemClock.setTimeout(stop, timeoutMs) : undefined;
  try {
    const chunks: Uint8Array[] = [];
    let bytes = 0;
    for (;;) {
      const { done, value } = await reader.read();
      if (timedOut) return textResponse(408, "the request's body took too long");
      if (done) return Buffer.concat(chunks).toString("utf8");
      bytes += value.length;
      chunks.push(value);
      if (bytes > MAX_BODY_BYTES) {
        void reader.cancel().catch(() => {});
        return tooLarge();
      }
    }
  } catch {
    return textResponse(400, "the request's body did not come to its end");
  } finally {
    timer?.cancel();
  }
}

function tooLarge(): Response {
  return textResponse(413, `the request's body is larger than ${MAX_BODY_BYTES} bytes`);
}
