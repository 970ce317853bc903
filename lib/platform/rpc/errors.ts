/**
 * How a call to a node's API can fail.
 *
 * The codes tell apart what a caller acts on: nobody listens, no answer in time, an answer that is none, and a node
 * that answers "no".
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** What went wrong, by code. */
export type RPCErrorType =
  /** No connection, or it broke before the answer was whole. */
  | { readonly code: "unreachable"; readonly url: string }
  /** No whole answer in time. */
  | { readonly code: "timeout"; readonly url: string; readonly timeoutMs: number }
  /** The caller's signal ended the call. */
  | { readonly code: "aborted"; readonly url: string }
  /** An HTTP status other than 200. */
  | { readonly code: "status"; readonly url: string; readonly status: number }
  /** Not JSON-RPC, or too long. */
  | { readonly code: "malformed"; readonly url: string }
  /** The method answered with an error; `errorCode` is JSON-RPC's. */
  | { readonly code: "method"; readonly url: string; readonly method: string; readonly errorCode: number };

/**
 * A call to a node's API that failed, and how.
 *
 * @example
 * ```ts
 * await using network = await Network.start({ nodeCount: 2 });
 * const uri = network.node(0).uri!;
 * await callRPC(uri, "/ext/info", "info.noSuchMethod").catch((error: unknown) => {
 *   if (error instanceof RPCError && error.type.code === "method") console.log(error.message);
 * });
 * ```
 */
export class RPCError extends AvxError<RPCErrorType> {}
