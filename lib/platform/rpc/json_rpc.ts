/**
 * Calls one JSON-RPC method of a node's HTTP API and waits for its answer, never for longer than was said.
 *
 * @module
 */

import { RPCError } from "./errors.ts";
import { fetchBounded } from "./fetch_bounded.ts";

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
 * await using network = await Network.start({ nodeCount: 2 });
 * const { nodeID } = await callRPC<{ nodeID: string }>(network.node(0).uri!, "/ext/info", "info.getNodeID");
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
  const { status, body } = await fetchBounded(
    url,
    {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
    },
    { what: method, timeoutMs, maxBytes: MAX_RPC_ANSWER_BYTES, signal },
  );
  if (status !== 200) {
    throw new RPCError({ code: "status", url, status }, `${url} answered ${method} with HTTP status ${status}`);
  }
  return resultOf<T>(body.toString("utf8"), url, method);
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

function malformed(url: string, reason: string, cause?: unknown): RPCError {
  return new RPCError({ code: "malformed", url }, `${url} does not speak JSON-RPC: ${reason}`, { cause });
}
