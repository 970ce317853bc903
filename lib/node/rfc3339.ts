/**
 * Times as Go's JSON has them.
 *
 * @module
 */

/**
 * A time in RFC 3339, in UTC, with as many decimals as it needs.
 *
 * @param ms Milliseconds since 1970-01-01 UTC.
 *
 * @example
 * ```ts
 * formatRFC3339(1_500); // "1970-01-01T00:00:01.5Z"
 * ```
 */
export function formatRFC3339(ms: number): string {
  return new Date(ms).toISOString().replace(/\.?0*Z$/, "Z");
}

/** Go's zero time: what stands for never. */
export const ZERO_TIME = "0001-01-01T00:00:00Z";
