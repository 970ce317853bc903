import { describe, expect, test } from "bun:test";
import { fromHex, toHex } from "../../lib/core/bytes.ts";
import { FramingError, readMessageLength, writeMessageLength } from "../../lib/p2p/message/framing.ts";
import { loadVectors } from "../support/vectors.ts";

interface Entry {
  readonly bytes?: string;
  readonly length?: number;
  readonly max: number;
  readonly ok: boolean;
  readonly error: string | null;
}

const vectors = loadVectors<{ readonly write: readonly Entry[]; readonly read: readonly Entry[] }>("framing");

/** What the reference calls the two ways to fail, and what this project does. */
const CODES = { "maximum message length exceeded": "too-large", "invalid message length": "invalid-length" } as const;

function expectRejection(run: () => unknown, error: string | null): void {
  let thrown: unknown;
  try {
    run();
  } catch (caught) {
    thrown = caught;
  }
  expect(thrown).toBeInstanceOf(FramingError);
  const { message, type } = thrown as FramingError;
  expect(message).toBe(error as string);
  expect(type.code).toBe(CODES[message.split(";")[0] as keyof typeof CODES]);
}

describe("framing.json", () => {
  vectors.write.forEach((entry, i) => {
    test(`write #${i}: ${entry.length} under ${entry.max}`, () => {
      const write = () => writeMessageLength(entry.length as number, entry.max);
      if (entry.ok) expect(toHex(write())).toBe(entry.bytes as string);
      else expectRejection(write, entry.error);
    });
  });

  vectors.read.forEach((entry, i) => {
    test(`read #${i}: ${entry.bytes || "nothing"} under ${entry.max}`, () => {
      const read = () => readMessageLength(fromHex(entry.bytes as string) as Uint8Array, entry.max);
      if (entry.ok) expect(read()).toBe(entry.length as number);
      else expectRejection(read, entry.error);
    });
  });
});
