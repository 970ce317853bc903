import { expect, test } from "bun:test";
import { formatDuration, parseDuration } from "../../lib/core/duration.ts";

test.each([
  ["0", 0],
  ["30s", 30_000],
  ["22.5s", 22_500],
  ["1h0m0s", 3_600_000],
  ["2h45m", 9_900_000],
  ["-1.5h", -5_400_000],
  ["1us", 0.001],
  ["1µs", 0.001],
  ["703.604194ms", 703.604194],
  [".5s", 500],
  ["5.s", 5_000],
  ["8760h0m0s", 31_536_000_000],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "5", "s", ".s", "5 s", "5x", "1h-2m", "--1s", "9999999999h", "1e3s", "NaN"])(
  "%p is no duration",
  (text) => {
    expect(parseDuration(text)).toBeUndefined();
  },
);

test.each([
  [0, "0s"],
  [0.000001, "1ns"],
  [0.0011, "1.1µs"],
  [2.2, "2.2ms"],
  [703.604194, "703.604194ms"],
  [1_000, "1s"],
  [60_001, "1m0.001s"],
  [99_000, "1m39s"],
  [3_600_000, "1h0m0s"],
  [22_500, "22.5s"],
  [-1_500, "-1.5s"],
])("%d ms is written %s", (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});
