/**
 * Why a node cannot start, or cannot go on.
 *
 * @module
 */

import { AvxError } from "../core/errors.ts";

export type NodeErrorType =
  /** A key or certificate file cannot be read, made or understood. */
  | { readonly code: "bad-key-file"; readonly path: string }
  /** A key or certificate that was given as a flag's content is none. */
  | { readonly code: "bad-key"; readonly flag: string }
  /** A directory or file of the node's own cannot be written. */
  | { readonly code: "cannot-write"; readonly path: string }
  /** `address` cannot be listened on. */
  | { readonly code: "listen-failed"; readonly flag: string; readonly address: string }
  /** A name that no IP was found for. */
  | { readonly code: "unknown-host"; readonly flag: string; readonly host: string }
  /** Nobody said what the public IP is. */
  | { readonly code: "public-ip"; readonly service: string }
  /** Another node runs in the data directory. */
  | { readonly code: "in-use"; readonly path: string; readonly pid: number }
  /** The system allows too few open files. */
  | { readonly code: "fd-limit"; readonly limit: number; readonly allowed: number };

export class NodeError extends AvxError<NodeErrorType> {}
