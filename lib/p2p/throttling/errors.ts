/**
 * What a throttler can fail with.
 *
 * @module
 */

import { AvxError } from "../../core/errors.ts";

export type ThrottlingErrorType = {
  /** So many wait already that one more is refused. */
  readonly code: "too-many-waiting";
  readonly waiting: number;
};

export class ThrottlingError extends AvxError<ThrottlingErrorType> {}
