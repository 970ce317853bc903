/**
 * Why a request of an app has failed: a number that both sides switch on, and a sentence for people.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

/** What an app error is made of. */
export interface AppErrorType {
  readonly code: "app-error";
  /** An `int32`; what it means is the app's. */
  readonly appCode: number;
}

/**
 * The failure of an app request (upstream `snow/engine/common/error.go`).
 *
 * The message of one that came from a peer is the peer's: data, not to be shown unescaped.
 *
 * @example
 * ```ts
 * const handler: ProtocolHandler = {
 *   appRequest() {
 *     throw new AppError(7, "not today");
 *   },
 * };
 * ```
 */
export class AppError extends AvxError<AppErrorType> {
  constructor(appCode: number, message: string) {
    super({ code: "app-error", appCode }, message);
  }

  /** An `int32`; what it means is the app's. */
  get code(): number {
    return this.type.appCode;
  }
}

/** A code and its text. */
export interface AppErrorCode {
  readonly code: number;
  readonly message: string;
}

/** No answer came in time (upstream `snow/engine/common/error.go`, `ErrTimeout`). */
export const APP_ERROR_TIMEOUT: AppErrorCode = { code: -1, message: "timed out" };

/** The request is of a protocol that the node does not have (upstream `network/p2p/error.go`). */
export const APP_ERROR_UNREGISTERED_HANDLER: AppErrorCode = { code: -2, message: "unregistered handler" };
