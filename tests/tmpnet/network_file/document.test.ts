import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { formatPath, JSONDocument } from "../../../lib/tmpnet/network_file/document.ts";

function mistake(text: string): string {
  try {
    new JSONDocument("network.json", text);
  } catch (error) {
    return (error as Error).message;
  }
  return "none";
}

test("comments, commas at the end and a byte order mark are no mistakes", () => {
  const { value } = new JSONDocument(
    "n",
    '\uFEFF// one\n{ "a": [1, 2,], /* two */ "b": { "c": "// no comment", }, }\n',
  );
  expect(value).toEqual({ a: [1, 2], b: { c: "// no comment" } });
});

test.each([
  ['{\n  "a" 1\n}', "Cannot read network.json:\n  network.json:2:7: a colon is missing"],
  ["", "Cannot read network.json:\n  network.json:1:1: a value is missing"],
  ['{"a": 1,\n\n"a": 2}', "Cannot read network.json:\n  network.json:3:1: a: this field is there twice"],
  ['{"a": "x\ny"}', "Cannot read network.json:\n  network.json:1:7: a text has no closing quotation mark"],
  ["{} {}", "Cannot read network.json:\n  network.json:1:4: there is more after the end"],
  ["[".repeat(200), "Cannot read network.json:\n  its lists are 200 deep, and 100 are the most"],
])("%j is refused with its place", (text, message) => {
  expect(mistake(text)).toStartWith(message);
});

test("faults are told in the order of their places, and not without end", () => {
  const document = new JSONDocument("n", '{"a": {"b": [1,\n2]}}');
  const faults = [
    { path: ["a", "b", 1], message: "second" },
    { path: ["a", "b", 0], message: "first" },
    { path: ["a", "nothing"], message: "of what would hold it" },
  ];
  expect(document.fail(faults).message.split("\n").slice(1)).toEqual([
    "  n:1:7: a.nothing: of what would hold it",
    "  n:1:14: a.b[0]: first",
    "  n:2:1: a.b[1]: second",
  ]);
  const many = Array.from({ length: 25 }, () => ({ path: [], message: "no" }));
  expect(document.fail(many).message).toEndWith("\n  and 15 more");
});

test("a value's JSON keeps numbers as they are written", () => {
  const text = '{"a": {"x": 123456789012345678901234567890, /* c */ "y": 1e400, "z": ["\\u0041\\n", null, true,],},}';
  const document = new JSONDocument("n", text);
  expect(document.jsonOf(["a"])).toBe('{"x":123456789012345678901234567890,"y":1e400,"z":["A\\n",null,true]}');
  expect(document.jsonOf(["a", "x"])).toBe("123456789012345678901234567890");
});

test("whatever JSON holds, its JSON holds the same", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const document = new JSONDocument("n", text);
      expect(JSON.parse(document.jsonOf([]))).toEqual(JSON.parse(text));
    }),
  );
});

describe("paths", () => {
  test.each([
    [[], ""],
    [["a"], "a"],
    [["a", 0, "b", 1, 2], "a[0].b[1][2]"],
  ])("%j is written %j", (path, text) => {
    expect(formatPath(path)).toBe(text);
  });
});
