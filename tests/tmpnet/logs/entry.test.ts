import { expect, test } from "bun:test";
import { entryDetails, entryText, harmless, parseJSONHead, parsePlainHead } from "../../../lib/tmpnet/logs/entry.ts";

test.each([
  [
    '[11-21|10:50:35.231] WARN ulimit/ulimit_unix.go:49 fd-limit is low {"limit": 20000}',
    {
      stamp: "11-21|10:50:35.231",
      level: "warn",
      logger: "",
      file: "ulimit/ulimit_unix.go:49",
      said: 'fd-limit is low {"limit": 20000}',
    },
  ],
  [
    "[11-21|10:50:35.270] INFO <C Chain> cchain/factory.go:22 Creating new VM",
    {
      stamp: "11-21|10:50:35.270",
      level: "info",
      logger: "C Chain",
      file: "cchain/factory.go:22",
      said: "Creating new VM",
    },
  ],
  [
    "[01-02|03:04:05.678] \u001b[0;31mFATAL\u001b[0;0m node/node.go:1 the end",
    { stamp: "01-02|03:04:05.678", level: "fatal", logger: "", file: "node/node.go:1", said: "the end" },
  ],
  [
    "[01-02|03:04:05.678] INFO no place is told",
    { stamp: "01-02|03:04:05.678", level: "info", logger: "", file: "", said: "no place is told" },
  ],
  ["[01-02|03:04:05.678] INFO", { stamp: "01-02|03:04:05.678", level: "info", logger: "", file: "", said: "" }],
] as const)("a line of the plain form is taken apart: %s", (line, expected) => {
  expect(parsePlainHead(line)).toEqual(expected);
});

test.each([
  "goroutine 1 [running]:",
  "",
  "[11-21|10:50:35] INFO x",
  "[11-21|10:50:35.231] INFORMATION x",
  " [11-21|10:50:35.231] INFO x",
])("what is no line of a log is told apart: %j", (line) => {
  expect(parsePlainHead(line)).toBeUndefined();
  expect(parseJSONHead(line)).toBeUndefined();
});

test.each(["2026-11-21T06:17:09.123Z", "2026-11-21T07:17:09.123+0100", "2026-11-21T00:47:09.123-0530"])(
  "a line of the JSON form says its year and zone: %s",
  (timestamp) => {
    const line = JSON.stringify({ level: "info", timestamp, logger: "<P Chain>", caller: "a/b.go:1", msg: "hi", n: 1 });
    expect(parseJSONHead(line)).toEqual({
      time: Date.parse("2026-11-21T06:17:09.123Z"),
      level: "info",
      logger: "P Chain",
      file: "a/b.go:1",
      said: 'hi {"n":1}',
    });
  },
);

test.each(['{"level":"info"}', '{"level":"loud","timestamp":"2026-11-21T06:17:09Z","msg":"x"}', '{"a', "{}"])(
  "other JSON is no line of a log: %s",
  (line) => {
    expect(parseJSONHead(line)).toBeUndefined();
  },
);

test.each([
  ['reconnected {"peers": 4}', { message: "reconnected", fields: { peers: 4 } }],
  ['took {"a"} for {"n": {"m": [1]}}', { message: 'took {"a"} for', fields: { n: { m: [1] } } }],
  ["no fields {here}", { message: "no fields {here}", fields: {} }],
  [
    'Activating precompile     name=warpConfig "two words"=x config="{\\"a\\":1}"',
    { message: "Activating precompile", fields: { name: "warpConfig", "two words": "x", config: '{"a":1}' } },
  ],
  ['it broke {"n": 1}\nat here\nat there', { message: "it broke\nat here\nat there", fields: { n: 1 } }],
])("fields are taken off a message: %j", (said, expected) => {
  expect(entryDetails({ said })).toEqual(expected);
});

test("a stranger's words cannot move the cursor, set a title or turn the direction of reading", () => {
  const text = harmless("a\u001b[31mred\u001b[0m\u001b]0;title\u0007\u009b2J\rb\u202ec\td\ne");
  expect(text).toBe("ared\\u001b]0;title\\u0007\\u009b2J\\u000db\\u202ec\td\ne");
  expect(entryText({ logger: "C\u001b[2J", file: "a.go:1", said: "x\u0000" })).toBe("<C\\u001b[2J> a.go:1 x\\u0000");
});
