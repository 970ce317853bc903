import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  bytesOf,
  expectedOutcome,
  type MessagesConfig,
  ParseBench,
  type ParseEntry,
} from "../support/vector_messages.ts";
import { loadVectors } from "../support/vectors.ts";

const { config, parse } = loadVectors<{ readonly config: MessagesConfig; readonly parse: readonly ParseEntry[] }>(
  "messages_parse",
);

describe("messages_parse.json", () => {
  // One parser reads them in order, as the reference did: what it makes of damaged zstd depends on what came before.
  const bench = new ParseBench(config);

  parse.forEach((entry, i) => {
    test(`#${i}: ${entry.kind}`, () => {
      const bytes = bytesOf(entry);
      if (entry.length !== undefined) expect(bytes.length).toBe(entry.length);
      if (entry.sha256 !== undefined) expect(createHash("sha256").update(bytes).digest("hex")).toBe(entry.sha256);
      expect(bench.outcome(bytes, entry)).toEqual(expectedOutcome(entry));
    });
  });
});
