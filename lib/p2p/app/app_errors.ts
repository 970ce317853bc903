/**
 * The errors that all apps share (upstream `network/p2p/error.go`), and how asking can fail before it has begun.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";
import { AppError, type AppErrorCode } from "../routing/app_error.ts";

/** A request failed for no reason that has a code of its own. */
export const APP_ERROR_UNEXPECTED: AppErrorCode = { code: -1, message: "unexpected error" };

/** Only validators are answered, and who asks is none. */
export const APP_ERROR_NOT_VALIDATOR: AppErrorCode = { code: -3, message: "not a validator" };

/** Who asks has asked too often. */
export const APP_ERROR_THROTTLED: AppErrorCode = { code: -4, message: "throttled" };

/**
 * An error to refuse a request with: thrown by a handler, it reaches the peer with its code.
 *
 * @example
 * ```ts
 * appError(APP_ERROR_THROTTLED).code; // -4
 * ```
 */
export function appError({ code, message }: AppErrorCode): AppError {
  return new AppError(code, message);
}

/** Why an app protocol cannot be used. */
export type AppProtocolErrorType =
  | { readonly code: "no-peers" }
  | { readonly code: "duplicate-handler"; readonly handlerID: number }
  | { readonly code: "invalid-handler-id"; readonly handlerID: number }
  | { readonly code: "invalid-option"; readonly option: string }
  | { readonly code: "closed" };

/**
 * Nobody to ask, a handler that cannot be, or an app that has stopped.
 *
 * @example
 * ```ts
 * import type { App } from "avx";
 *
 * export default {
 *   name: "lonely",
 *   async start({ log, protocols }) {
 *     // No peer is connected yet: the request fails with the code "no-peers".
 *     await protocols.newClient(0).requestAny(new Uint8Array()).catch((error) => log.info(`${error}`));
 *   },
 * } satisfies App;
 * ```
 */
export class AppProtocolError extends AvxError<AppProtocolErrorType> {}
