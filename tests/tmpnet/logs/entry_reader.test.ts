import { expect, test } from "bun:test";
import fc from "fast-check";
import type { NodeID } from "../../../lib/core/ids/node_id.ts";
import type { LogEntry } from "../../../lib/tmpnet/logs/entry.ts";
import { EntryReader, MAX_LINE_BYTES } from "../../../lib/tmpnet/logs/entry_reader.ts";

const nodeID = "NodeID-A" as NodeID;
const latest = new Date("2026-11-21T12:00").getTime();

function read(pieces: readonly (string | Buffer)[], options: { readonly onlyPrinted?: boolean } = {}): LogEntry[] {
  const reader = new EntryReader({ nodeID, log: "main.log", ...options }, latest);
  const entries = pieces.flatMap((piece) => reader.push(Buffer.from(piece as string)));
  return [...entries, ...reader.flush()];
}

const TEXT = `[11-21|10:00:00.000] INFO a.go:1 first
[11-21|10:00:01.000] ERROR a.go:2 it broke
goroutine 1 [running]:
	main.go:7 — äöü 🙂

[11-21|10:00:02.000] INFO a.go:3 last\r
`;

test("lines that begin no entry stay with the one before", () => {
  const entries = read([TEXT]);
  expect(entries.map(({ level, said }) => [level, said])).toEqual([
    ["info", "first"],
    ["error", "it broke\ngoroutine 1 [running]:\n\tmain.go:7 — äöü 🙂"],
    ["info", "last"],
  ]);
  expect(entries.map(({ time }) => new Date(time).getSeconds())).toEqual([0, 1, 2]);
});

test("wherever a log is cut into pieces, the entries are the same", () => {
  const bytes = Buffer.from(TEXT);
  const whole = read([TEXT]);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 8 }), (cuts) => {
      const at = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      expect(read(at.slice(1).map((end, i) => bytes.subarray(at[i], end)))).toEqual(whole);
    }),
  );
});

test("an entry waits for the lines that may belong to it, and is given when nothing comes", () => {
  const reader = new EntryReader({ nodeID, log: "main.log" }, latest);
  expect(reader.push(Buffer.from("[11-21|10:00:00.000] INFO a.go:1 first\n"))).toEqual([]);
  expect(reader.push(Buffer.from("half a li"))).toEqual([]);
  expect(reader.hasOpen).toBe(true);
  expect(reader.flush().map(({ said }) => said)).toEqual(["first\nhalf a li"]);
  expect(reader.hasOpen).toBe(false);
  expect(reader.flush()).toEqual([]);
});

test("a line without an end is not kept whole", () => {
  const reader = new EntryReader({ nodeID, log: "main.log" }, latest);
  const piece = Buffer.alloc(256 * 1024, "x");
  let given = 0;
  for (let i = 0; i < 64; i++) given += reader.push(piece).reduce((sum, { said }) => sum + said.length, 0);
  given += reader.flush().reduce((sum, { said }) => sum + said.length, 0);
  expect(given).toBeGreaterThanOrEqual(64 * piece.length);
  expect(MAX_LINE_BYTES).toBeLessThan(64 * piece.length);
});

test("of what a node prints, lines that its log has are left out, and what it prints as it dies is kept", () => {
  const text = "couldn't load config\n[11-21|10:00:00.000] ERROR a.go:1 also in the log\npanic: oh no\ngoroutine 1\n";
  const entries = read([text], { onlyPrinted: true });
  expect(entries.map(({ level, said }) => [level, said])).toEqual([
    [undefined, "couldn't load config"],
    [undefined, "panic: oh no\ngoroutine 1"],
  ]);
  expect(entries[0]?.time).toBe(latest);
  expect(entries[1]?.time).toBe(new Date("2026-11-21T10:00").getTime());
});
