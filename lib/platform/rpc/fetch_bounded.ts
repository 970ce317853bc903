/**
 * HTTP requests that end: in time, and before an answer fills the memory.
 *
 * @module
 */

import { AvxError, errorMessage } from "../../core/errors.ts";
import { RPCError } from "./errors.ts";

/** What bounds a request. */
export interface FetchBounds {
  /** Names the request in errors, such as a method. */
  readonly what: string;
  /** How long it may take until the answer is whole, in milliseconds. */
  readonly timeoutMs: number;
  /** The longest answer that is read, in bytes. */
  readonly maxBytes: number;
  /** Ends it early with `aborted`. */
  readonly signal?: AbortSignal | undefined;
}

/** An answer, whole. */
export interface BoundedAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/**
 * Makes a request and reads its answer.
 *
 * @throws {RPCError} `unreachable`, `timeout`, `aborted`, or `malformed` for an answer that is too long.
 *
 * @example
 * ```ts
 * const bounds = { what: "metrics", timeoutMs: 1000, maxBytes: 1 << 20 };
 * const { status, body } = await fetchBounded("http://127.0.0.1:9650/ext/metrics", {}, bounds);
 * ```
 */
export async function fetchBounded(
  url: string,
  init: RequestInit,
  { what, timeoutMs, maxBytes, signal }: FetchBounds,
): Promise<BoundedAnswer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  try {
    const response = await fetch(url, {
      ...init,
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    return { status: response.status, body: await readBody(response, url, what, maxBytes) };
  } catch (error) {
    if (error instanceof AvxError) throw error;
    if (signal?.aborted) throw new RPCError({ code: "aborted", url }, `${what} was given up`, { cause: error });
    if (timeout.aborted) {
      throw new RPCError({ code: "timeout", url, timeoutMs }, `${url} did not answer ${what} in ${timeoutMs} ms`, {
        cause: error,
      });
    }
    const reason = errorMessage(error);
    throw new RPCError({ code: "unreachable", url }, `Cannot reach ${url}: ${reason}`, { cause: error });
  }
}

/** The body, as far as it may be read. */
async function readBody(response: Response, url: string, what: string, maxBytes: number): Promise<Buffer> {
  const tooLong = () =>
    new RPCError({ code: "malformed", url }, `The answer of ${url} to ${what} is too long: over ${maxBytes} bytes`);
  if (Number(response.headers.get("content-length") ?? 0) > maxBytes) {
    await response.body?.cancel();
    throw tooLong();
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) throw tooLong();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length);
}
