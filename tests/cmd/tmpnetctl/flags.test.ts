/** Flags as Go's pflag reads them, and the word among them that is the command. */

import { expect, test } from "bun:test";
import { commandAt, type Flag, FlagError, flagLines, parseFlags } from "../../../cmd/tmpnetctl/flags.ts";

const FLAGS: readonly Flag[] = [
  { name: "path", type: "string", help: "a path", default: "/x" },
  { name: "yes", type: "bool", help: "a yes" },
  { name: "count", type: "int", help: "a count", default: "2" },
  { name: "size", type: "uint", help: "a size", default: "0" },
];

test.each<[string[], Record<string, string>]>([
  [[], { path: "/x", yes: "", count: "2", size: "0" }],
  [["--path", "a", "--count=5"], { path: "a", count: "5" }],
  [["--path=", "--yes"], { path: "", yes: "true" }],
  [["--path", "--yes"], { path: "--yes", yes: "" }],
  [["--path=a=b", "--yes=F"], { path: "a=b", yes: "F" }],
  [["word", "--count", "-3", "other"], { count: "-3" }],
  [["--path", "a", "--path", "b"], { path: "b" }],
  [["--", "--path", "a"], { path: "/x" }],
  [["-", "--size", "7"], { size: "7" }],
])("%j is read", (args, values) => {
  const parsed = parseFlags(FLAGS, args);
  expect(parsed.values).toMatchObject(values);
  expect(parsed.help).toBe(false);
});

test.each([[["-h"]], [["--help"]], [["--path", "a", "--help", "--nonsense"]]])("%j asks for help", (args) => {
  expect(parseFlags(FLAGS, args).help).toBe(true);
});

test.each<[string[], string]>([
  [["--nonsense"], "unknown flag: --nonsense"],
  [["--nonsense=1"], "unknown flag: --nonsense"],
  [["-x"], "unknown shorthand flag: 'x' in -x"],
  [["-path"], "unknown shorthand flag: 'p' in -path"],
  [["--path"], "flag needs an argument: --path"],
  [["--yes=maybe"], 'invalid argument "maybe" for "--yes" flag: strconv.ParseBool: parsing "maybe": invalid syntax'],
  [["--count", "x"], 'invalid argument "x" for "--count" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  [["--size", "-1"], 'invalid argument "-1" for "--size" flag: strconv.ParseUint: parsing "-1": invalid syntax'],
])("%j is refused in tmpnetctl's words", (args, message) => {
  expect(() => parseFlags(FLAGS, args)).toThrow(new FlagError(message));
});

test.each<[string[], number]>([
  [["stop-network"], 0],
  [["--network-dir", "d", "stop-network"], 2],
  [["--network-dir=d", "stop-network", "--log-format", "x"], 1],
  [["--unknown", "3", "stop-network"], 2],
  [["-h", "stop-network"], 1],
  [["--help"], -1],
  [["--network-dir", "d"], -1],
  [["--", "stop-network"], -1],
  [[], -1],
])("the command of %j is its word %d", (args, at) => {
  expect(commandAt(args)).toBe(at);
});

test("flags are listed by name, in columns, with the defaults that are not nothing", () => {
  expect(flagLines(FLAGS, "it")).toBe(
    [
      "      --count int     a count (default 2)",
      "  -h, --help          help for it",
      '      --path string   a path (default "/x")',
      "      --size uint     a size",
      "      --yes           a yes",
      "",
    ].join("\n"),
  );
});
