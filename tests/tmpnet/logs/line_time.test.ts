import { afterEach, expect, test } from "bun:test";
import { LineTimes } from "../../../lib/tmpnet/logs/line_time.ts";

const zone = process.env["TZ"];
afterEach(() => {
  if (zone === undefined) delete process.env["TZ"];
  else process.env["TZ"] = zone;
});

const local = (text: string) => new Date(text).getTime();

test("a line of last December, read in January, is of last year", () => {
  const times = new LineTimes(local("2027-01-01T00:00:05"));
  expect(times.read("12-31|23:59:59.999")).toBe(local("2026-12-31T23:59:59.999"));
  expect(times.read("01-01|00:00:00.001")).toBe(local("2027-01-01T00:00:00.001"));
});

test("a line may be a little later than its file: clocks differ", () => {
  expect(new LineTimes(local("2026-12-31T23:59:59")).read("01-01|00:00:01.000")).toBe(local("2027-01-01T00:00:01"));
});

test("a leap day is of the last leap year, and a day of no calendar is the file's own time", () => {
  expect(new LineTimes(local("2027-03-01T00:00")).read("02-29|12:00:00.000")).toBe(local("2024-02-29T12:00"));
  expect(new LineTimes(local("2027-03-01T00:00")).read("13-45|00:00:00.000")).toBe(local("2027-03-01T00:00"));
});

test("the hour that occurs twice when clocks are set back is read in its order", () => {
  process.env["TZ"] = "Europe/Berlin";
  const times = new LineTimes(Date.parse("2026-10-25T05:00:00Z"));
  expect(times.read("10-25|02:30:00.000")).toBe(Date.parse("2026-10-25T00:30:00Z"));
  expect(times.read("10-25|02:59:59.000")).toBe(Date.parse("2026-10-25T00:59:59Z"));
  expect(times.read("10-25|02:00:00.000")).toBe(Date.parse("2026-10-25T01:00:00Z"));
  expect(times.read("10-25|02:59:00.000")).toBe(Date.parse("2026-10-25T01:59:00Z"));
  expect(times.read("10-25|03:00:00.000")).toBe(Date.parse("2026-10-25T02:00:00Z"));
});
