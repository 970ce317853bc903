import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { decompress as fzstdDecompress } from "fzstd";
import { concatBytes, fromHex } from "../../../lib/core/bytes.ts";
import { compressZstd, ZstdDecompressor } from "../../../lib/p2p/message/compression.ts";
import { MessageError } from "../../../lib/p2p/message/errors.ts";

interface Verdict {
  readonly hex: string;
  readonly ok: boolean;
  readonly error?: string;
  readonly length?: number;
  readonly sha256?: string;
}

const FIXTURE = join(import.meta.dirname, "../../fixtures/messages/zstd_verdicts.json");
const { entries } = JSON.parse(readFileSync(FIXTURE, "utf8")) as { readonly entries: readonly Verdict[] };

const MIB = 2 ** 20;

/** What a decompressor says, as the fixture writes it down. */
function verdict(decompressor: ZstdDecompressor, bytes: Uint8Array): unknown {
  try {
    const content = decompressor.decompress(bytes);
    return { length: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return { error: error.message };
  }
}

function decompress(bytes: Uint8Array): Uint8Array {
  return new ZstdDecompressor().decompress(bytes);
}

/** A frame of `blocks` RLE blocks of 128 KiB, whose header says that `contentSize` comes out. */
function bomb(blocks: number, contentSize: number): Uint8Array {
  const header = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, 0x80, 0x38, 0, 0, 0, 0);
  new DataView(header.buffer).setUint32(6, contentSize, true);
  const body = new Uint8Array(blocks * 4);
  for (let i = 0; i < blocks; i++) {
    const block = ((128 * 1024) << 3) | 2 | (i === blocks - 1 ? 1 : 0);
    body.set([block & 0xff, (block >> 8) & 0xff, block >> 16, 0x5a], i * 4);
  }
  return concatBytes(header, body);
}

describe("ZstdDecompressor", () => {
  describe("says what the reference says to", () => {
    // In this order: what the reference makes of a frame can depend on the one before.
    const decompressor = new ZstdDecompressor();
    entries.forEach(({ error, hex, length, ok, sha256 }, i) => {
      test(`recorded frames #${i}`, () => {
        expect(verdict(decompressor, fromHex(hex) as Uint8Array)).toEqual(ok ? { length, sha256 } : { error });
      });
    });
  });

  test("gives back what was compressed", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), fc.integer({ min: 1, max: 100 }), (piece, times) => {
        const bytes = concatBytes(...Array.from({ length: times }, () => piece));
        const compressed = compressZstd(bytes);
        expect(Buffer.compare(decompress(compressed), bytes)).toBe(0);
        expect(Buffer.compare(fzstdDecompress(compressed), bytes)).toBe(0);
      }),
      { numRuns: 50 },
    );
  });

  test("gives back what cannot be compressed, at every length around a block's", () => {
    for (const length of [0, 1, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 262_144, 2 * MIB]) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 65_536) crypto.getRandomValues(bytes.subarray(at, at + 65_536));
      expect(Buffer.compare(decompress(compressZstd(bytes)), bytes)).toBe(0);
    }
  });

  test("reads frames that do not tell their content's size", () => {
    const bytes = new Uint8Array(300_000).map((_, i) => (i * i) % 253);
    const compressed = zstdCompressSync(bytes, { params: { 200: 0, 201: 1 } });
    expect(Buffer.compare(decompress(compressed), bytes)).toBe(0);
  });

  test("a bomb is refused, whatever its header says, and never comes out", () => {
    const before = process.memoryUsage().rss;
    for (const contentSize of [4, MIB, 2 * MIB, 2 ** 31]) {
      expect(() => decompress(bomb(20_000, contentSize))).toThrow(MessageError);
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * MIB);
  });

  test("a bomb that is honest is too large", () => {
    expect(() => decompress(bomb(17, 17 * 128 * 1024))).toThrow("decompressed msg too large: (2097153) > (2097152)");
    expect(decompress(bomb(16, 2 * MIB)).length).toBe(2 * MIB);
  });

  test("thousands of frames in one message are refused before they cost much", () => {
    const empty = fromHex("28b52ffd2000010000") as Uint8Array;
    const many = concatBytes(...Array.from({ length: 40_000 }, () => empty));
    expect(() => decompress(many)).toThrow(MessageError);
  });

  test("a lower limit is kept", () => {
    const compressed = compressZstd(new Uint8Array(11));
    expect(new ZstdDecompressor(11).decompress(compressed).length).toBe(11);
    expect(() => new ZstdDecompressor(10).decompress(compressed)).toThrow("decompressed msg too large: (11) > (10)");
  });
});

describe("compressZstd", () => {
  test("refuses what its receiver could not decompress", () => {
    expect(() => compressZstd(new Uint8Array(3), 2)).toThrow("msg too large to be compressed: (3) > (2)");
    expect(compressZstd(new Uint8Array(2 * MIB)).length).toBeLessThan(1_000);
  });
});
