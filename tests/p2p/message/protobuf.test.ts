import { describe, expect, test } from "bun:test";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import fc from "fast-check";
import { concatBytes, fromHex, toHex } from "../../../lib/core/bytes.ts";
import { MessageError } from "../../../lib/p2p/message/errors.ts";
import { file_p2p, MessageSchema } from "../../../lib/p2p/message/gen/p2p_pb.ts";
import { decodeMessage } from "../../../lib/p2p/message/wire/decode.ts";
import { encodeBefore, encodedLength } from "../../../lib/p2p/message/wire/encode.ts";
import { countOf, entriesOf } from "../../../lib/p2p/message/wire/lazy_lists.ts";
import { type Fields, messagePlan } from "../../../lib/p2p/message/wire/plan.ts";
import { messages } from "../../support/arbitrary_messages.ts";
import { protobufField, repeated } from "../../support/hostile_messages.ts";

function encode(message: Fields): Uint8Array {
  const plan = messagePlan(MessageSchema);
  const length = encodedLength(plan, message);
  const bytes = new Uint8Array(length);
  expect(encodeBefore(plan, message, bytes, length)).toBe(0);
  return bytes;
}

function decode(hex: string) {
  return decodeMessage(MessageSchema, fromHex(hex) as Uint8Array, false);
}

const noFields = { chainId: new Uint8Array(0), requestId: 0, containerId: new Uint8Array(0) };

describe("decodeMessage", () => {
  test("reads what @bufbuild/protobuf writes", () => {
    fc.assert(
      fc.property(messages, (message) => {
        const bytes = toBinary(MessageSchema, message);
        expect(decodeMessage(MessageSchema, bytes, false)).toEqual(message);
      }),
    );
  });

  test("makes lists when they are asked for, the same, whatever message they are in", () => {
    fc.assert(
      fc.property(messages, messages, fc.boolean(), fc.boolean(), (one, two, copy, unlike) => {
        // Twice the same oneof merges the lists of both parts.
        const bytes = concatBytes(toBinary(MessageSchema, one), toBinary(MessageSchema, unlike ? two : one));
        const asked = decodeMessage(MessageSchema, bytes, copy, 0);
        for (const [name, value] of Object.entries(asked.message.value ?? {})) {
          const entries = entriesOf(asked.message.value as never, name as never);
          if (Array.isArray(value)) expect([...entries]).toEqual(value);
        }
        expect(asked).toEqual(decodeMessage(MessageSchema, bytes, copy, Infinity));
        expect(asked).toEqual(fromBinary(MessageSchema, bytes));
      }),
    );
  });

  test("counts the entries of a list without making them, and makes no more than are looked at", () => {
    const list = protobufField(14, repeated(Uint8Array.of(0x0a, 2, 0x18, 7), 500_000));
    const { message } = decodeMessage(MessageSchema, list, false);
    if (message.case !== "peerList") throw new Error("another message");
    expect(countOf(message.value, "claimedIpPorts")).toBe(500_000);
    const [first] = entriesOf(message.value, "claimedIpPorts");
    expect(first?.ipPort).toBe(7);
    const heap = process.memoryUsage().heapUsed;
    for (let i = 0; i < 10; i++) decodeMessage(MessageSchema, list, false);
    expect(process.memoryUsage().heapUsed - heap).toBeLessThan(8 * 1024 * 1024);
  });

  test("refuses what is damaged in a list, also where it is not made", () => {
    const damaged = protobufField(
      14,
      concatBytes(repeated(Uint8Array.of(0x0a, 0), 20_000), Uint8Array.of(0x0a, 1, 0x0b)),
    );
    expect(() => decodeMessage(MessageSchema, damaged, false)).toThrow(MessageError);
  });

  test("makes messages of the form that create() makes", () => {
    for (const schema of file_p2p.messages) {
      const empty = decodeMessage(schema, new Uint8Array(0), false);
      expect(empty).toEqual(create(schema));
      expect(Object.keys(empty)).toEqual(Object.keys(create(schema)));
    }
  });

  test("copies byte fields when asked to", () => {
    const bytes = fromHex("8202040a020102") as Uint8Array;
    const chainId = (copy: boolean) => {
      const { message } = decodeMessage(MessageSchema, bytes, copy);
      if (message.case !== "appGossip") throw new Error("another message");
      return message.value.chainId;
    };
    expect(chainId(true).buffer).not.toBe(bytes.buffer);
    expect(chainId(false).buffer).toBe(bytes.buffer);
    expect(chainId(true)).toEqual(Uint8Array.of(1, 2));
  });

  test("reads groups of any depth that Go reads, and no deeper", () => {
    const nested = (depth: number) => `${"0b".repeat(depth)}${"0c".repeat(depth)}5a00`;
    expect(decode(nested(10_001)).message.case).toBe("ping");
    expect(() => decode(nested(10_002))).toThrow(MessageError);
  });

  test("takes field numbers of 31 bits within groups, and of 29 outside", () => {
    expect(decode("5a0013f8ffffff3f0114").message.case).toBe("ping");
    expect(() => decode("5a0013808080808001010014")).toThrow(MessageError);
    expect(decode("f8ffffff0f015a00").message.case).toBe("ping");
    expect(() => decode("808080801001")).toThrow(MessageError);
  });

  test("keeps 64-bit numbers exact", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (deadline) => {
        const message = create(MessageSchema, {
          message: { case: "get", value: { $typeName: "p2p.Get", ...noFields, deadline } },
        });
        const decoded = decodeMessage(MessageSchema, encode(message as unknown as Fields), false);
        expect((decoded.message.value as { deadline: bigint }).deadline).toBe(deadline);
      }),
    );
  });
});

describe("encode", () => {
  test("writes what @bufbuild/protobuf writes", () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(toHex(encode(message as unknown as Fields))).toBe(toHex(toBinary(MessageSchema, message)));
      }),
    );
  });

  test("writes 64-bit numbers exactly on both sides of each power of two", () => {
    for (let bits = 1n; bits <= 64n; bits++) {
      for (const deadline of [2n ** bits - 2n, 2n ** bits - 1n, 2n ** bits, 2n ** bits + 1n]) {
        if (deadline >= 2n ** 64n) continue;
        const message = create(MessageSchema, {
          message: { case: "get", value: { $typeName: "p2p.Get", ...noFields, deadline } },
        });
        const bytes = encode(message as unknown as Fields);
        expect(toHex(bytes), `${deadline}`).toBe(toHex(toBinary(MessageSchema, message)));
        expect(fromBinary(MessageSchema, bytes).message.value).toMatchObject({ deadline });
      }
    }
  });

  test("writes negative enums as 64 bits, as Go does", () => {
    const bytes = encode({ message: { case: "getAncestors", value: { engineType: -1 } } });
    expect(toHex(bytes)).toBe("ba010b28ffffffffffffffffff01");
    const { message } = fromBinary(MessageSchema, bytes);
    expect((message.value as { engineType: number }).engineType).toBe(-1);
  });

  test("refuses text that is not Unicode", () => {
    const broken = { message: { case: "appError", value: { errorMessage: "\ud800" } } };
    expect(() => encode(broken)).toThrow(MessageError);
  });
});
