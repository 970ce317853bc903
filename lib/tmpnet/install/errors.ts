/**
 * How an installation can fail.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** What went wrong, by code. */
export type InstallErrorType =
  /** A version, a checksum or an address that cannot be understood. */
  | { readonly code: "option"; readonly option: string }
  /** A machine that there are no releases for. */
  | { readonly code: "machine"; readonly machine: string }
  /** There is no such release; `near` are some that there are. */
  | { readonly code: "no-release"; readonly version: string; readonly near: readonly string[] }
  /** The release has no file for this machine. */
  | { readonly code: "no-asset"; readonly version: string; readonly asset: string }
  /** The server answered, and not with what was asked for. */
  | { readonly code: "status"; readonly url: string; readonly status: number }
  /** GitHub answers no more questions for now. */
  | { readonly code: "rate-limited"; readonly url: string }
  /** What the server says cannot be understood. */
  | { readonly code: "bad-answer"; readonly url: string }
  /** No connection, or one that broke again and again. */
  | { readonly code: "unreachable"; readonly url: string }
  /** A connection over which nothing came any more. */
  | { readonly code: "stalled"; readonly url: string; readonly stallMs: number }
  /** An address without encryption, or too many redirections. */
  | { readonly code: "refused-url"; readonly url: string }
  /** What arrived is not what the release says. */
  | { readonly code: "checksum"; readonly expected: string; readonly actual: string }
  /** The release does not say what its file's checksum is. */
  | { readonly code: "no-checksum"; readonly asset: string }
  /** The archive has no program, or one that this machine cannot run or that is another version. */
  | { readonly code: "program"; readonly path: string }
  | { readonly code: "not-installed"; readonly version: string }
  /** A version that is to be removed is run by processes. */
  | { readonly code: "in-use"; readonly version: string }
  /** The caller's signal ended it; what was downloaded is kept. */
  | { readonly code: "interrupted" };

/**
 * A version of avalanchego that is not installed, or not removed, and why.
 *
 * @example
 * ```ts
 * try {
 *   installedProgram("v9.9.9", { HOME: "/no/such/home" });
 * } catch (error) {
 *   if (error instanceof InstallError) console.log(error.type.code); // "not-installed"
 * }
 * ```
 */
export class InstallError extends AvxError<InstallErrorType> {}
