import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { create, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { Registry } from "prom-client";
import { concatBytes, fromHex } from "../../../lib/core/bytes.ts";
import { ManualClock } from "../../../lib/core/clock.ts";
import { EMPTY_NODE_ID } from "../../../lib/core/ids/node_id.ts";
import { MetricsNamespace } from "../../../lib/core/metrics.ts";
import { MessageBuilder } from "../../../lib/p2p/message/builder.ts";
import { MessageError } from "../../../lib/p2p/message/errors.ts";
import { chainID, chainIDBytes, engineType, requestID } from "../../../lib/p2p/message/fields.ts";
import { MessageSchema } from "../../../lib/p2p/message/gen/p2p_pb.ts";
import type { InboundMessage } from "../../../lib/p2p/message/inbound.ts";
import { createMessageMetrics } from "../../../lib/p2p/message/metrics.ts";
import { Op, opName } from "../../../lib/p2p/message/ops.ts";
import { MessageParser } from "../../../lib/p2p/message/parser.ts";
import { readAppMessage } from "../../../lib/p2p/message/wire/app_messages.ts";
import { decodeMessage } from "../../../lib/p2p/message/wire/decode.ts";
import { messages } from "../../support/arbitrary_messages.ts";
import { protoJSON } from "../../support/vector_messages.ts";

interface Verdict {
  readonly hex: string;
  readonly ok: boolean;
  readonly error?: string;
  readonly op?: string;
  readonly message?: unknown;
}

const FIXTURE = join(import.meta.dirname, "../../fixtures/messages/protobuf_verdicts.json");
const { entries } = JSON.parse(readFileSync(FIXTURE, "utf8")) as { readonly entries: readonly Verdict[] };

const CHAIN = new Uint8Array(32).fill(7);
const plain = new MessageBuilder({}, { compressionType: "none" });
const compressing = new MessageBuilder();

function parser(maxMessageTimeoutMs = 10_000): MessageParser {
  return new MessageParser({ clock: new ManualClock() }, { maxMessageTimeoutMs });
}

function parse(bytes: Uint8Array): InboundMessage {
  return parser().parse(bytes, EMPTY_NODE_ID, () => {});
}

/** What a parser says to bytes, as the fixture writes it down; what begins with `proto:` varies between builds. */
function verdict(parser: MessageParser, bytes: Uint8Array): unknown {
  try {
    const inbound = parser.parse(bytes, EMPTY_NODE_ID, () => {});
    return { op: opName(inbound.op), message: protoJSON(inbound, true) };
  } catch (error) {
    if (!(error instanceof MessageError)) throw error;
    return { error: error.message.startsWith("proto:") ? "proto:" : error.message };
  }
}

describe("MessageParser", () => {
  describe("says what the reference says to", () => {
    const recorded = parser();
    entries.forEach(({ error, hex, message, ok, op }, i) => {
      test(`recorded message #${i}`, () => {
        const expected = ok ? { op, message } : { error: error?.startsWith("proto:") ? "proto:" : error };
        const bytes = fromHex(hex) as Uint8Array;
        expect(verdict(recorded, bytes)).toEqual(expected);
        // And the same where it is a small part of a chunk, of which it is copied.
        const chunk = concatBytes(new Uint8Array(8), bytes, new Uint8Array(8 + 5 * bytes.length));
        expect(verdict(recorded, chunk.subarray(8, 8 + bytes.length))).toEqual(expected);
      });
    });
  });

  test("the short way for app messages reads what the long way reads, or nothing", () => {
    const damaged = fc.tuple(messages, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }));
    fc.assert(
      fc.property(damaged, ([message, damages]) => {
        const bytes = toBinary(MessageSchema, message);
        for (const [at, byte] of damages) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        const short = readAppMessage(bytes, false);
        if (short !== undefined)
          expect(short as unknown).toEqual(decodeMessage(MessageSchema, bytes, false).message.value);
      }),
      { numRuns: 2_000 },
    );
  });

  test("every app message in its usual form goes the short way", () => {
    const parts = fc.record({
      chainID: fc.uint8Array({ maxLength: 40 }),
      requestID: fc.nat({ max: 2 ** 32 - 1 }),
      deadlineNs: fc.nat({ max: 2 ** 31 - 1 }),
      appBytes: fc.uint8Array({ maxLength: 300 }),
    });
    fc.assert(
      fc.property(parts, ({ appBytes, chainID, deadlineNs, requestID }) => {
        for (const { bytes } of [
          plain.appGossip(chainID, appBytes),
          plain.appResponse(chainID, requestID, appBytes),
          plain.appRequest(chainID, requestID, deadlineNs, appBytes),
        ]) {
          const long = decodeMessage(MessageSchema, bytes, false);
          expect(readAppMessage(bytes, false) as unknown).toEqual(long.message.value);
          expect(Buffer.compare(toBinary(MessageSchema, long), bytes)).toBe(0);
        }
      }),
    );
  });

  test("what a node compresses is read as what it does not", () => {
    const appBytes = new Uint8Array(5_000).map((_, i) => i % 50);
    const message = compressing.appRequest(CHAIN, 9, 1_000_000_000, appBytes);
    const inbound = parse(message.bytes);
    expect(inbound.message).toEqual(parse(plain.appRequest(CHAIN, 9, 1_000_000_000, appBytes).bytes).message);
    expect(inbound.bytesSavedCompression).toBeGreaterThan(4_000);
  });

  test("a message that is a small part of a chunk does not keep the chunk", () => {
    const { bytes } = plain.appGossip(CHAIN, new Uint8Array(100));
    const chunk = new Uint8Array(65_536);
    chunk.set(bytes, 1_000);
    const inbound = parse(chunk.subarray(1_000, 1_000 + bytes.length));
    expect(chainIDBytes(inbound)?.buffer).not.toBe(chunk.buffer);
    expect(chainIDBytes(inbound)).toEqual(CHAIN);
  });

  test("a message that is most of its chunk is not copied", () => {
    const { bytes } = plain.appGossip(CHAIN, new Uint8Array(100));
    expect(chainIDBytes(parse(bytes))?.buffer).toBe(bytes.buffer);
  });

  test("a deadline beyond the longest time-out is cut to it", () => {
    const expiration = (deadlineNs: number | bigint) =>
      parser(5_000).parse(plain.get(CHAIN, 1, deadlineNs, CHAIN).bytes, EMPTY_NODE_ID, () => {}).expiration;
    expect(expiration(2_000_000_000)).toBe(2_000);
    expect(expiration(5_000_000_001)).toBe(5_000);
    expect(expiration(-1_000_000_000n)).toBe(-1_000);
    expect(expiration(0)).toBe(0);
  });

  test("a message that waits for no answer does not expire", () => {
    expect(parse(plain.pong().bytes).expiration).toBe(Infinity);
  });

  test("the caller's callback is handed on, and not called where there is no message", () => {
    let calls = 0;
    const inbound = parser().parse(plain.pong().bytes, EMPTY_NODE_ID, () => calls++);
    expect(() => parser().parse(Uint8Array.of(0xff), EMPTY_NODE_ID, () => calls++)).toThrow(MessageError);
    expect(calls).toBe(0);
    inbound.onFinishedHandling();
    expect(calls).toBe(1);
  });

  test("the operation narrows the message", () => {
    const inbound = parse(plain.appRequest(CHAIN, 5, 1, Uint8Array.of(1, 2)).bytes);
    if (inbound.op !== Op.AppRequest) throw new Error("another message");
    expect(inbound.message.appBytes).toEqual(Uint8Array.of(1, 2));
  });

  test("common fields are found where there are any", () => {
    const ancestors = parse(plain.getAncestors(CHAIN, 5, 1, CHAIN, 2).bytes);
    expect([requestID(ancestors), engineType(ancestors)] as unknown[]).toEqual([5, 2]);
    expect(chainID(ancestors)).toBe(chainID(parse(plain.appGossip(CHAIN, CHAIN).bytes)));

    const pong = parse(plain.pong().bytes);
    expect([chainIDBytes(pong), requestID(pong), engineType(pong)]).toEqual([undefined, undefined, undefined]);
    expect(() => chainID(pong)).toThrow("message missing field");
  });

  test("decompression is counted by operation", async () => {
    const registry = new Registry();
    const metrics = createMessageMetrics(new MetricsNamespace(registry, "avalanche_network"));
    const counting = new MessageParser({ clock: new ManualClock(), metrics });
    const builder = new MessageBuilder({ metrics });
    for (let i = 0; i < 3; i++) counting.parse(builder.appGossip(CHAIN, CHAIN).bytes, EMPTY_NODE_ID, () => {});
    counting.parse(builder.pong().bytes, EMPTY_NODE_ID, () => {});

    const text = await registry.metrics();
    const line = (direction: string) => `{type="zstd",op="app_gossip",direction="${direction}"}`;
    expect(text).toContain(`avalanche_network_codec_compressed_count${line("compression")} 3\n`);
    expect(text).toContain(`avalanche_network_codec_compressed_count${line("decompression")} 3\n`);
    expect(text).toContain(`avalanche_network_codec_compressed_duration${line("decompression")} `);
    expect(text).not.toContain("pong");
    expect(await registry.metrics()).toContain(`codec_compressed_count${line("compression")} 3\n`);
  });

  test("an unknown message says what was there instead", () => {
    const empty = toBinary(MessageSchema, create(MessageSchema));
    expect(() => parse(empty)).toThrow("unknown message type: <nil>");
    expect(() => parse(fromHex("1200") as Uint8Array)).toThrow("unknown message type: *p2p.Message_CompressedZstd");
  });
});
