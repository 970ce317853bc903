import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { type LineLevel, LOG_LEVELS } from "../../../lib/core/log.ts";
import { formatLine, type Line, type LineFormat } from "../../../lib/node/logging/format.ts";

function line(parts: Partial<Line> = {}): Line {
  return {
    level: "info",
    timeMs: new Date(2026, 10, 21, 7, 50, 10, 38).getTime(),
    logger: "",
    caller: "node/node.ts:160",
    message: "initializing node",
    fields: {},
    ...parts,
  };
}

test("a plain line is avalanchego's", () => {
  expect(formatLine(line({ fields: { limit: 8192, tags: ["a", "b"], pop: { x: [1, 2] } } }), "plain")).toBe(
    '[11-21|07:50:10.038] INFO node/node.ts:160 initializing node {"limit": 8192, "tags": ["a", "b"], "pop": {"x":[1,2]}}\n',
  );
  expect(formatLine(line({ level: "warn", logger: "P Chain", message: "up" }), "plain")).toBe(
    "[11-21|07:50:10.038] WARN <P Chain> node/node.ts:160 up\n",
  );
});

test("colours wrap the level alone", () => {
  expect(formatLine(line({ level: "fatal", message: "down" }), "colors")).toBe(
    "[11-21|07:50:10.038] \u001b[0;31mFATAL\u001b[0;0m node/node.ts:160 down\n",
  );
});

test("a JSON line is one object with avalanchego's keys", () => {
  const text = formatLine(line({ logger: "P Chain", fields: { n: 1n, list: ["a"] } }), "json");
  expect(text).toMatch(/^\{"level":"info","timestamp":"2026-11-21T07:50:10\.038(Z|[+-]\d{4})","logger":"P Chain",/);
  expect(JSON.parse(text)).toMatchObject({ caller: "node/node.ts:160", msg: "initializing node", n: "1", list: ["a"] });
});

test("values of every kind are written", () => {
  const circular: Record<string, unknown> = {};
  circular["self"] = circular;
  const fields = {
    big: 18_446_744_073_709_551_615n,
    bytes: new Uint8Array([1, 255]),
    error: new Error("no"),
    set: new Set([1]),
    map: new Map([["k", 1n]]),
    nothing: undefined,
    none: null,
    circular,
  };
  expect(formatLine(line({ fields }), "plain")).toEndWith(
    '{"big": "18446744073709551615", "bytes": "0x01ff", "error": "no", "set": [1], "map": {"k":"1"}, "none": null, "circular": "(cannot be written)"}\n',
  );
});

test("a long text is cut", () => {
  const text = formatLine(line({ fields: { genesis: "x".repeat(1_000_000) } }), "plain");
  expect(text.length).toBeLessThan(3_000);
  expect(text).toContain("(997952 more)");
});

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string().map((s) => `${s}\n[11-21|07:50:10.038] FATAL node/node.go:1 ${s}`),
  fc.constantFrom("\u001b[2J", "\u009b31m", "\r\nFATAL", "FATFATALAL", "\u202eLATAF", "\u2028", "\ud800"),
);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const HARMFUL = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/;
const levels = LOG_LEVELS.filter((level): level is LineLevel => level !== "off");

test("no text, in whatever place, shapes a line or says the word of the fatal level", () => {
  fc.assert(
    fc.property(
      hostile,
      fc.constantFrom<LineLevel>(...levels),
      fc.constantFrom<LineFormat>("plain", "json"),
      (text, level, format) => {
        const written = formatLine(
          line({ level, message: text, fields: { value: text, [text]: 1, list: [text], nested: { [text]: [text] } } }),
          format,
        );
        expect(written.endsWith("\n")).toBe(true);
        expect(HARMFUL.test(written.slice(0, -1))).toBe(false);
        if (level !== "fatal") expect(written.includes("FATAL")).toBe(false);
        if (format === "json" && text.isWellFormed()) {
          expect((JSON.parse(written) as { value: string }).value).toBe(text);
        }
      },
    ),
  );
});
