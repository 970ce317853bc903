/**
 * What a health check is and what it finds.
 *
 * @module
 */

import { toNanoseconds } from "../../core/duration.ts";
import { formatRFC3339, ZERO_TIME } from "../rfc3339.ts";

/** What a check found. */
export interface Finding {
  /** Shown as `message`; left out where it is `undefined`. */
  readonly details?: unknown;
  /** Why it is bad; absent where it is good. */
  readonly error?: string | undefined;
}

/** Looks whether something is well. What it throws counts as an error. */
export type Checker = () => Finding | Promise<Finding>;

/** The last finding of a check and how it came about. */
export interface CheckResult extends Finding {
  /** When it was found, milliseconds since 1970-01-01 UTC; `undefined` before the first run. */
  readonly timeMs: number | undefined;
  /** How long the check took. */
  readonly durationMs: number;
  readonly contiguousFailures: number;
  readonly firstFailureMs: number | undefined;
}

/** What stands for a check that has not run. */
export const NOT_YET_RUN: CheckResult = {
  error: "not yet run",
  timeMs: undefined,
  durationMs: 0,
  contiguousFailures: 0,
  firstFailureMs: undefined,
};

/** A result as the API answers it (upstream `api/health/result.go`). */
export function checkResultToJSON(result: CheckResult): Record<string, unknown> {
  return {
    message: sorted(result.details),
    error: result.error,
    timestamp: result.timeMs === undefined ? ZERO_TIME : formatRFC3339(result.timeMs),
    duration: toNanoseconds(result.durationMs),
    contiguousFailures: result.contiguousFailures || undefined,
    timeOfFirstFailure: result.firstFailureMs === undefined ? undefined : formatRFC3339(result.firstFailureMs),
  };
}

/** The same with the keys of objects in order, as Go prints its maps. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])]));
}
