/**
 * How a temporary network can fail.
 *
 * @module
 */

import { AvxError } from "../core/errors.ts";
import type { NodeID } from "../core/ids/node_id.ts";

/** What a node left behind that tells why it ended: see `lastWords`. */
export interface LastWords {
  /** The line that the node logged as FATAL. */
  readonly fatal?: string;
  /** The end of its main log, and of what it printed: file and lines, each cut to a readable width. */
  readonly tails: readonly { readonly path: string; readonly lines: readonly string[] }[];
}

/** What cannot be done, by code. */
export type TmpnetErrorType =
  /** No directory, or no network in it. */
  | { readonly code: "no-network"; readonly path: string }
  /** A file of a network's directory that cannot be understood. */
  | { readonly code: "bad-file"; readonly path: string }
  /** A file or directory that cannot be written. */
  | { readonly code: "unwritable"; readonly path: string }
  /** The program to run as a node is missing or not executable. */
  | { readonly code: "binary"; readonly path: string }
  /** No avx that could run avx's own nodes: the library is used where its source is not, or neither Bun nor Deno. */
  | { readonly code: "no-avx" }
  /** Something asked for that cannot be. */
  | { readonly code: "option"; readonly option: string }
  /** Nodes that avx has no means to run: other runtimes, other systems. */
  | { readonly code: "unsupported"; readonly what: string }
  /** A port that a node is to listen on. */
  | { readonly code: "port-taken"; readonly port: number; readonly pid?: number }
  /** VM plugins that speak another version of the protocol than the program that is to run them. */
  | { readonly code: "plugins"; readonly program: string }
  /** A directory from elsewhere that would have something run here. */
  | { readonly code: "untrusted"; readonly path: string }
  /** Another command is at work on the network and holds its lock. */
  | { readonly code: "busy"; readonly path: string; readonly pid: number; readonly purpose: string }
  /** No node of the network goes by this name. */
  | { readonly code: "no-node"; readonly node: string }
  /** No chain goes by this name, or no node runs it. */
  | { readonly code: "no-chain"; readonly chain: string }
  | { readonly code: "already-running"; readonly nodeID: NodeID; readonly pid: number }
  /** A node's process ended, or logged FATAL, before it was healthy. */
  | { readonly code: "node-died"; readonly nodeID: NodeID; readonly lastWords: LastWords }
  /** A node did not get healthy in time. */
  | { readonly code: "unhealthy"; readonly nodeID: NodeID; readonly lastWords: LastWords }
  /** A network that is not as it was waited for: each node's reasons are in the message. */
  | { readonly code: "not-healthy"; readonly path: string; readonly nodeIDs: readonly NodeID[] }
  /** A network of which something runs, where nothing may. */
  | { readonly code: "running"; readonly path: string }
  /** A path by which something else would be touched than what is meant. */
  | { readonly code: "unsafe"; readonly path: string }
  /** Processes that could not be ended. */
  | { readonly code: "not-stopped"; readonly nodeIDs: readonly NodeID[] }
  /** A variable of the environment that must be set for this. */
  | { readonly code: "missing-variable"; readonly name: string }
  /** A collector of metrics or logs that does not start, or cannot be ended. */
  | { readonly code: "collector"; readonly collector: string }
  /** Metrics or logs that were looked for in vain; `problem` is what the last attempt said, where it failed. */
  | { readonly code: "not-collected"; readonly url: string; readonly problem?: string }
  /** The caller's signal ended it; nothing is left running. */
  | { readonly code: "interrupted" };

/**
 * What cannot be done with a temporary network, and why.
 *
 * @example
 * ```ts
 * try {
 *   Network.read("/no/such/directory");
 * } catch (error) {
 *   if (error instanceof TmpnetError) console.log(error.type.code); // "no-network"
 * }
 * ```
 */
export class TmpnetError extends AvxError<TmpnetErrorType> {}

/** Refuses what an option asks for. */
export function refused(option: string, message: string): TmpnetError {
  return new TmpnetError({ code: "option", option }, message);
}
