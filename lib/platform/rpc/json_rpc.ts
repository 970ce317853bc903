/**
 * Calls one JSON-RPC method of a node's HTTP API and waits for its answer, never for longer than was said.
 *
 * @module
 */

import { AvxError, errorMessage } from "../../core/errors.ts";
import { RPCError } from "./errors.ts";

/** How long a call may take, unless the caller says otherwise, in milliseconds: a busy node answers within a second. */
export const DEFAULT_RPC_TIMEOUT_MS = 5_000;

/** The longest answer that is read, in bytes; a health answer of a node with many chains is some kilobytes. */
export const MAX_RPC_ANSWER_BYTES = 16 * 1024 * 1024;

/** How a call behaves. */
export interface CallOptions {
  /** Ends the call early with `aborted`. */
  readonly signal?: AbortSignal | undefined;
  /** @default {5000} See {@link DEFAULT_RPC_TIMEOUT_MS}. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Calls a method.
 *
 * @param uri The node, such as `http://127.0.0.1:9650`; a slash at its end is allowed.
 * @param path The endpoint, such as `/ext/info`.
 * @param method Such as `info.peers`.
 * @param params As the method takes them: an object for avalanchego's own, a list for Ethereum's.
 * @returns The answer's `result`, as it came: its shape is not checked.
 * @throws {RPCError} With the codes of `RPCErrorType`.
 *
 * @example
 * ```ts
 * const { nodeID } = await callRPC<{ nodeID: string }>("http://127.0.0.1:9650", "/ext/info", "info.getNodeID", {});
 * ```
 */
export async function callRPC<T>(
  uri: string,
  path: string,
  method: string,
  params: object = {},
  options: CallOptions = {},
): Promise<T> {
  const url = `${uri.replace(/\/+$/, "")}${path}`;
  const { signal, timeoutMs = DEFAULT_RPC_TIMEOUT_MS } = options;
  const timeout = AbortSignal.timeout(timeoutMs);

  let status: number;
  let text: string;
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
    });
    status = response.status;
    text = await readText(response, url);
  } catch (error) {
    if (error instanceof AvxError) throw error;
    if (signal?.aborted) throw new RPCError({ code: "aborted", url }, `${method} was given up`, { cause: error });
    if (timeout.aborted) {
      throw new RPCError({ code: "timeout", url, timeoutMs }, `${url} did not answer ${method} in ${timeoutMs} ms`, {
        cause: error,
      });
    }
    const reason = errorMessage(error);
    throw new RPCError({ code: "unreachable", url }, `Cannot reach ${url}: ${reason}`, { cause: error });
  }
  if (status !== 200) {
    throw new RPCError({ code: "status", url, status }, `${url} answered ${method} with HTTP status ${status}`);
  }
  return resultOf<T>(text, url, method);
}

function resultOf<T>(text: string, url: string, method: string): T {
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch (error) {
    throw malformed(url, `its answer to ${method} is not JSON`, error);
  }
  if (typeof answer !== "object" || answer === null) throw malformed(url, `its answer to ${method} is not an object`);

  const { result, error } = answer as { result?: T; error?: { code?: unknown; message?: unknown } | null };
  if (error !== undefined && error !== null) {
    const errorCode = typeof error.code === "number" ? error.code : 0;
    const reason = typeof error.message === "string" ? error.message : "no reason given";
    throw new RPCError({ code: "method", url, method, errorCode }, `${method} failed at ${url}: ${reason}`);
  }
  if (result === undefined) throw malformed(url, `its answer to ${method} has neither result nor error`);
  return result;
}

/** The body, as far as it may be read. */
async function readText(response: Response, url: string): Promise<string> {
  const declared = Number(response.headers.get("content-length") ?? 0);
  if (declared > MAX_RPC_ANSWER_BYTES || response.body === null) {
    await response.body?.cancel();
    throw malformed(url, response.body === null ? "its answer is empty" : "its answer is too long");
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (length > MAX_RPC_ANSWER_BYTES) throw malformed(url, "its answer is too long");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length).toString("utf8");
}

function malformed(url: string, reason: string, cause?: unknown): RPCError {
  return new RPCError({ code: "malformed", url }, `${url} does not speak JSON-RPC: ${reason}`, { cause });
}
