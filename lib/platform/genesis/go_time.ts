/**
 * Unix seconds beyond what `Date` can hold, as Go's `time` takes and prints them.
 *
 * A genesis holds times as uint64; upstream reads them as int64, so that what is too large lies in the past.
 *
 * @module
 */

/** Seconds from the year 1 to 1970: Go counts from there, in an int64 that wraps. */
const UNIX_TO_INTERNAL = 62_135_596_800n;

const NANOSECONDS_PER_MS = 1_000_000n;
const NANOSECONDS_PER_SECOND = 1_000_000_000n;
const SECONDS_PER_DAY = 86_400n;

/** Go's int64: wraps. */
export function int64(value: bigint): bigint {
  return BigInt.asIntN(64, value);
}

/**
 * Whether a time is later than now.
 *
 * @param seconds Unix seconds, a uint64.
 * @param nowMs Unix milliseconds.
 */
export function isAfter(seconds: bigint, nowMs: number): boolean {
  const internal = int64(int64(seconds) + UNIX_TO_INTERNAL) * NANOSECONDS_PER_SECOND;
  const now = BigInt(Math.floor(nowMs)) * NANOSECONDS_PER_MS + UNIX_TO_INTERNAL * NANOSECONDS_PER_SECOND;
  return internal > now;
}

/**
 * A time as Go prints it in UTC.
 *
 * @param seconds Unix seconds, a uint64.
 *
 * @example
 * ```ts
 * formatUnixTime(32503680000n); // "3000-01-01 00:00:00 +0000 UTC"
 * ```
 */
export function formatUnixTime(seconds: bigint): string {
  const unix = int64(seconds);
  const days = floorDivide(unix, SECONDS_PER_DAY);
  const second = Number(unix - days * SECONDS_PER_DAY);
  const clock = [Math.floor(second / 3_600), Math.floor(second / 60) % 60, second % 60];
  return `${formatDay(days)} ${clock.map(twoDigits).join(":")} +0000 UTC`;
}

/**
 * When a staker's time ends.
 *
 * @param startSeconds Unix seconds, a uint64.
 * @param seconds How long it lasts; as upstream, its nanoseconds wrap in an int64.
 * @param earlierNanoseconds How much sooner it ends, an int64.
 * @returns Unix seconds, a uint64.
 */
export function endTime(startSeconds: bigint, seconds: bigint, earlierNanoseconds: bigint): bigint {
  const lasts = nanoseconds(seconds);
  const end = int64(startSeconds) * NANOSECONDS_PER_SECOND + lasts + int64(-earlierNanoseconds);
  return BigInt.asUintN(64, floorDivide(end, NANOSECONDS_PER_SECOND));
}

/** Seconds as a Go duration: nanoseconds in an int64 that wraps. */
export function nanoseconds(seconds: bigint): bigint {
  return int64(int64(seconds) * NANOSECONDS_PER_SECOND);
}

/** The Gregorian calendar, counted in eras of 400 years that begin on a 1 March. */
function formatDay(daysSince1970: bigint): string {
  const daysPerEra = 146_097n;
  const daysFromEraZero = daysSince1970 + 719_468n;
  const era = floorDivide(daysFromEraZero, daysPerEra);
  const dayOfEra = Number(daysFromEraZero - era * daysPerEra);
  const leaps = Math.floor(dayOfEra / 1_460) - Math.floor(dayOfEra / 36_524) + Math.floor(dayOfEra / 146_096);
  const yearOfEra = Math.floor((dayOfEra - leaps) / 365);
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  const year = era * 400n + BigInt(yearOfEra) + (month <= 2 ? 1n : 0n);
  return `${formatYear(year)}-${twoDigits(month)}-${twoDigits(day)}`;
}

function formatYear(year: bigint): string {
  return year < 0n ? `-${(-year).toString().padStart(4, "0")}` : year.toString().padStart(4, "0");
}

function twoDigits(value: number): string {
  return String(value).padStart(2, "0");
}

function floorDivide(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend % divisor < 0n ? quotient - 1n : quotient;
}
