import { expect, test } from "bun:test";
import { columns, foldingColumns, wrapped } from "../../../cmd/net/text.ts";

const ROWS = [
  [["faint", "NAME"] as const, "URI", "PID"],
  ["a-long-name", "http://127.0.0.1:1", "17"],
  ["b", "http://127.0.0.1:22", "3"],
];

const terminal = (columnCount: number, isTTY = true) => ({
  write() {},
  isTTY,
  columns: columnCount,
  color: false,
});

const WHOLE = [
  "  NAME         URI                  PID",
  "  a-long-name  http://127.0.0.1:1   17",
  "  b            http://127.0.0.1:22  3",
];

const FOLDED = [
  "  NAME",
  "    URI                  PID",
  "  a-long-name",
  "    http://127.0.0.1:1   17",
  "  b",
  "    http://127.0.0.1:22  3",
];

const lines = (text: string) => text.split("\n").slice(0, -1);

test("rows stand in columns", () => {
  expect(lines(columns(terminal(10), ROWS, "  "))).toEqual(WHOLE);
});

test.each([
  ["a terminal that is wide enough", terminal(39), WHOLE],
  ["a terminal that is too narrow", terminal(38), FOLDED],
  ["a pipe, whatever its width", terminal(38, false), WHOLE],
])("rows that may fold, for %s", (_, output, expected) => {
  expect(lines(foldingColumns(output, ROWS, "  "))).toEqual(expected);
});

test("no rows are no lines", () => {
  expect(foldingColumns(terminal(10), [])).toBe("");
});

test("what a name holds moves no cursor and ends no line", () => {
  expect(
    columns(terminal(80), [
      ["a\nb", "\u001b[2Jc\u0007"],
      ["d", "e"],
    ]),
  ).toBe("a\\nb  \\u001b[2Jc\\u0007\nd     e\n");
});

test("a text is broken between words on a terminal, and stays a line in a pipe or where there is no room", () => {
  const text = `one two ${"x".repeat(30)} three four five six seven`;
  expect(wrapped(terminal(30), text, 5)).toBe(`one two\n     ${"x".repeat(30)}\n     three four five six seven`);
  expect(wrapped(terminal(29), text, 5)).toBe(`one two\n     ${"x".repeat(30)}\n     three four five six\n     seven`);
  expect(wrapped(terminal(30, false), text, 5)).toBe(text);
  expect(wrapped(terminal(24), text, 5)).toBe(text);
});
