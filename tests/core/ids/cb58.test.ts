import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { bytesEqual, compareBytes } from "../../../lib/core/bytes.ts";
import { base58Decode, base58Encode } from "../../../lib/core/ids/base58.ts";
import { cb58Decode, cb58DecodeTrusted, cb58Encode } from "../../../lib/core/ids/cb58.ts";
import { IdsError } from "../../../lib/core/ids/errors.ts";
import { compareIDs, EMPTY_ID, type ID, idFromBytes, idToBytes, parseID, prefixID } from "../../../lib/core/ids/id.ts";
import {
  compareNodeIDs,
  EMPTY_NODE_ID,
  nodeIDFromBytes,
  nodeIDToBytes,
  parseNodeID,
} from "../../../lib/core/ids/node_id.ts";
import { compareShortIDs, EMPTY_SHORT_ID, shortIDFromBytes, shortIDToBytes } from "../../../lib/core/ids/short_id.ts";

/** Bytes with more leading zeros than chance gives. */
const someBytes = fc
  .tuple(fc.nat({ max: 5 }), fc.uint8Array({ maxLength: 300 }))
  .map(([zeros, rest]) => Uint8Array.of(...new Array<number>(zeros).fill(0), ...rest));

/** The same by big integers, as slow as it is plain. */
function base58ByBigInts(bytes: Uint8Array): string {
  const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
  let zeros = 0;
  while (bytes[zeros] === 0) zeros++;
  let value = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  for (; value > 0n; value /= 58n) text = alphabet[Number(value % 58n)] + text;
  return "1".repeat(zeros) + text;
}

describe("base58", () => {
  test("says what big integers say", () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        expect(base58Encode(bytes)).toBe(base58ByBigInts(bytes));
      }),
      { numRuns: 2_000 },
    );
  });

  test("gives back what it was given", () => {
    fc.assert(
      fc.property(
        someBytes.filter((bytes) => bytes.length > 0),
        (bytes) => {
          expect(base58Decode(base58Encode(bytes))).toEqual(bytes);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test("does not remember a longer number in a shorter one", () => {
    const long = new Uint8Array(150).fill(0xff);
    const short = Uint8Array.of(1, 2, 3);
    const expected = base58Encode(short);
    base58Decode(base58Encode(long));
    expect(base58Encode(short)).toBe(expected);
    expect(base58Decode(expected)).toEqual(short);
  });
});

describe("CB58", () => {
  test("gives back what it was given, and has one text for each", () => {
    fc.assert(
      fc.property(someBytes, (bytes) => {
        const text = cb58Encode(bytes);
        const decoded = cb58Decode(text);
        expect(decoded).toEqual(bytes);
        expect(cb58DecodeTrusted(text, bytes.length)).toEqual(bytes);
        expect(cb58Encode(decoded)).toBe(text);
      }),
    );
  });

  test("takes no text in which one character was changed", () => {
    const alphabet = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 32 }),
        fc.nat(),
        fc.integer({ min: 1, max: 57 }),
        (bytes, place, shift) => {
          const text = cb58Encode(bytes);
          const at = place % text.length;
          const changed = alphabet[(alphabet.indexOf(text[at] as string) + shift) % 58];
          expect(() => cb58Decode(text.slice(0, at) + changed + text.slice(at + 1))).toThrow(IdsError);
        },
      ),
    );
  });
});

describe("IDs", () => {
  test("are their bytes again, and equal texts are equal bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), (bytes) => {
        const id = idFromBytes(bytes);
        expect(idToBytes(id)).toEqual(bytes);
        expect(parseID(id)).toBe(id);
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (bytes) => {
        expect(nodeIDToBytes(parseNodeID(nodeIDFromBytes(bytes)))).toEqual(bytes);
        expect(shortIDToBytes(shortIDFromBytes(bytes))).toEqual(bytes);
      }),
    );
  });

  test("sort as their bytes do, not as their texts", () => {
    const [low, high] = [0x05, 0xff].map((byte) => idFromBytes(new Uint8Array(32).fill(byte))) as [ID, ID];
    expect(low > high).toBe(true);
    expect(compareIDs(low, high)).toBe(-1);
    expect(compareIDs(high, low)).toBe(1);
    expect(compareIDs(low, low)).toBe(0);
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        fc.uint8Array({ minLength: 20, maxLength: 20 }),
        (a, b) => {
          expect(compareNodeIDs(nodeIDFromBytes(a), nodeIDFromBytes(b))).toBe(compareBytes(a, b));
          expect(compareShortIDs(shortIDFromBytes(a), shortIDFromBytes(b))).toBe(compareBytes(a, b));
        },
      ),
    );
  });

  test("of zeros have upstream's texts", () => {
    expect(EMPTY_ID as string).toBe("11111111111111111111111111111111LpoYY");
    expect(EMPTY_NODE_ID as string).toBe("NodeID-111111111111111111116DBWJs");
    expect(EMPTY_SHORT_ID as string).toBe("111111111111111111116DBWJs");
  });

  test("a text that was only cast to an ID gives no wrong bytes", () => {
    expect(() => idToBytes(EMPTY_NODE_ID as unknown as typeof EMPTY_ID)).toThrow(IdsError);
    expect(() => nodeIDToBytes("NodeID-45PJLL" as typeof EMPTY_NODE_ID)).toThrow("expected 20 bytes but got 0");
  });

  test("take uint64 prefixes up to the last", () => {
    expect(bytesEqual(idToBytes(prefixID(EMPTY_ID, 0xffff_ffff_ffff_ffffn)), idToBytes(prefixID(EMPTY_ID, 0n)))).toBe(
      false,
    );
  });
});

test("a text that is far too long is refused before it is decoded", () => {
  const endless = "2".repeat(2_000_000);
  const before = performance.now();
  for (const parse of [() => parseID(endless), () => parseNodeID(`NodeID-${endless}`)]) {
    expect(parse).toThrow("invalid hash length");
  }
  expect(performance.now() - before).toBeLessThan(1_000);
});
