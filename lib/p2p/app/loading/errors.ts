/**
 * Why an app does not run.
 *
 * @module
 */

import { AvxError } from "../../../core/errors.ts";
import type { ID } from "../../../core/ids/id.ts";

/** What is wrong with an app; `path` is absolute. */
export type AppLoadErrorType =
  | { readonly code: "app-file-missing"; readonly path: string }
  | { readonly code: "app-import-failed"; readonly path: string }
  | { readonly code: "app-no-default-export"; readonly path: string }
  | { readonly code: "app-invalid"; readonly path: string | undefined; readonly field: string }
  | { readonly code: "app-unknown-chain"; readonly app: string; readonly chain: string }
  | { readonly code: "app-duplicate"; readonly app: string; readonly chainID: ID }
  | { readonly code: "app-start-failed"; readonly app: string };

/**
 * An app that cannot be loaded, or does not start.
 *
 * @example
 * ```ts
 * await loadApp("no_such_app.ts").catch((error) => {
 *   if (error instanceof AppLoadError) console.log(error.message);
 * });
 * ```
 */
export class AppLoadError extends AvxError<AppLoadErrorType> {}
