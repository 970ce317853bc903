import { expect, test } from "bun:test";
import { parseAge, parseMoment } from "../../lib/tmpnet/age.ts";

const HOUR = 3_600_000;

test.each([
  ["7d", 7 * 24 * HOUR],
  ["1w2d3h", (9 * 24 + 3) * HOUR],
  ["90m", 1.5 * HOUR],
  ["1.5h", 1.5 * HOUR],
] as const)("a length of time: %s", (text, expected) => {
  expect(parseAge(text)).toBe(expected);
});

test.each(["", "7", "d", "0d", "-1h", "1d-1h", "1h1d", "seven", "99999999999d", "1d ", "Infinityd"])(
  "no length of time: %j",
  (text) => {
    expect(parseAge(text)).toBeUndefined();
  },
);

const now = new Date(2026, 10, 21, 12, 0, 0).getTime();

test.each([
  ["5m", now - 5 * 60_000],
  ["11:30", new Date(2026, 10, 21, 11, 30).getTime()],
  ["9:05:07", new Date(2026, 10, 21, 9, 5, 7).getTime()],
  ["23:59", new Date(2026, 10, 20, 23, 59).getTime()],
  ["[11-21|10:50:35.231]", new Date(2026, 10, 21, 10, 50, 35, 231).getTime()],
  ["12-31|10:00:00.000", new Date(2025, 11, 31, 10).getTime()],
  ["2026-11-20", new Date(2026, 10, 20).getTime()],
  ["2026-11-20 10:00", new Date(2026, 10, 20, 10).getTime()],
  ["2026-11-20T10:00:00Z", Date.UTC(2026, 10, 20, 10)],
] as const)("a moment: %s", (text, expected) => {
  expect(parseMoment(text, now)).toBe(expected);
});

test.each(["", "24:00", "12:60", "yesterday", "2026-13-01", "2026-11-20T99:00", "1:2:3:4"])("no moment: %j", (text) => {
  expect(parseMoment(text, now)).toBeUndefined();
});
