/**
 * Comparing what was done with what a vector says about it.
 *
 * @module
 */

import { errorMessage } from "../../lib/core/errors.ts";

/** The fields that every vector with a verdict has: `error` is null when the reference accepted. */
export interface Verdict {
  readonly ok: boolean;
  readonly error: string | null;
}

/** What came of an attempt. */
export type Outcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: string | null };

/** Runs `attempt` and tells its value or its error's text. */
export function outcome<T>(attempt: () => T): Outcome<T> {
  try {
    return { ok: true, value: attempt() };
  } catch (error) {
    return { ok: false, error: errorMessage(error) };
  }
}

/** The bytes of a vector's hex. */
export function bytesOf(hex: string): Uint8Array {
  return new Uint8Array(Buffer.from(hex, "hex"));
}
