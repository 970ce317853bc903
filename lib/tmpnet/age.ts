/**
 * Lengths of time and moments as people type them.
 *
 * @module
 */

import { parseDuration } from "../core/duration.ts";

const DAY_MS = 24 * 60 * 60 * 1_000;

/**
 * Reads a length of time: Go's form, with weeks and days before it.
 *
 * @returns Milliseconds, above 0; `undefined` for anything else.
 *
 * @example
 * ```ts
 * parseAge("7d"); // 604800000
 * parseAge("1d12h"); // 129600000
 * ```
 */
export function parseAge(text: string): number | undefined {
  const match = /^(?:(\d{1,5})w)?(?:(\d{1,5})d)?(.*)$/.exec(text);
  if (match === null || text === "") return undefined;
  const [, weeks = "0", days = "0", rest = ""] = match;
  const within = rest === "" ? 0 : rest.startsWith("-") ? undefined : parseDuration(rest);
  if (within === undefined) return undefined;
  const ms = (Number(weeks) * 7 + Number(days)) * DAY_MS + within;
  return ms > 0 ? ms : undefined;
}

/**
 * Reads a moment: a length of time before now, a date and time, a time of today (or of yesterday where that is still
 * to come), or the stamp of one of avalanchego's log lines.
 *
 * @param now Milliseconds since 1970-01-01 UTC.
 * @returns The same; `undefined` for anything else.
 *
 * @example
 * ```ts
 * parseMoment("5m", Date.parse("2026-11-21T12:00:00Z")); // Date.parse("2026-11-21T11:55:00Z")
 * ```
 */
export function parseMoment(text: string, now: number): number | undefined {
  const age = parseAge(text);
  if (age !== undefined) return now - age;
  if (/^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d.*)?$/.test(text)) {
    // A date alone is local, as a time without a zone is.
    const time = Date.parse(text.length === 10 ? `${text}T00:00` : text.replace(" ", "T"));
    return Number.isNaN(time) ? undefined : time;
  }
  const match = /^(?:\[?(\d\d)-(\d\d)\|)?(\d{1,2}):(\d\d)(?::(\d\d)(?:\.(\d{3}))?)?\]?$/.exec(text);
  if (match === null) return undefined;
  const [month, day, hour, minute, second = 0, ms = 0] = match
    .slice(1)
    .map((part) => (part === undefined ? undefined : Number(part)));
  if ((hour ?? 0) > 23 || (minute ?? 0) > 59 || second > 59) return undefined;
  const date = new Date(now);
  if (month !== undefined) date.setMonth(month - 1, day);
  date.setHours(hour ?? 0, minute, second, ms);
  if (date.getTime() <= now) return date.getTime();
  if (month === undefined) date.setDate(date.getDate() - 1);
  else date.setFullYear(date.getFullYear() - 1);
  return date.getTime();
}
