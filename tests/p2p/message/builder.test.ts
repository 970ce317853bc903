import { describe, expect, test } from "bun:test";
import { fromBinary } from "@bufbuild/protobuf";
import { MessageBuilder } from "../../../lib/p2p/message/builder.ts";
import { MessageError } from "../../../lib/p2p/message/errors.ts";
import { MAX_MESSAGE_LENGTH, readMessageLength } from "../../../lib/p2p/message/framing.ts";
import { MessageSchema } from "../../../lib/p2p/message/gen/p2p_pb.ts";

const CHAIN = new Uint8Array(32).fill(7);
const plain = new MessageBuilder({}, { compressionType: "none" });

describe("MessageBuilder", () => {
  test("a frame is the body's length and the body, in one piece of memory", () => {
    const message = plain.appGossip(CHAIN, new Uint8Array(300));
    expect(readMessageLength(message.frame.subarray(0, 4))).toBe(message.length);
    expect(message.bytes.length).toBe(message.length);
    expect(message.bytes.buffer).toBe(message.frame.buffer);
  });

  test("what is compressed has its frame's length, too", () => {
    const message = new MessageBuilder().appGossip(CHAIN, new Uint8Array(3_000));
    expect(readMessageLength(message.frame.subarray(0, 4))).toBe(message.length);
    expect(fromBinary(MessageSchema, message.bytes).message.case).toBe("compressedZstd");
    expect(message.bytesSavedCompression).toBe(plain.appGossip(CHAIN, new Uint8Array(3_000)).length - message.length);
  });

  test("compression is the default", () => {
    expect(new MessageBuilder().put(CHAIN, 1, new Uint8Array(1_000)).length).toBeLessThan(200);
  });

  test("messages that are built one after the other do not share memory", () => {
    const builder = new MessageBuilder();
    const first = builder.appGossip(CHAIN, new Uint8Array(100).fill(1));
    const before = first.frame.slice();
    builder.appGossip(CHAIN, new Uint8Array(100).fill(2));
    expect(first.frame).toEqual(before);
  });

  test("the answer to a Handshake of a peer that knows all is built once, and passes the throttlers as the others do", () => {
    for (const builder of [plain, new MessageBuilder()]) {
      const answer = builder.peerList([], true);
      expect(builder.peerList([], true)).toBe(answer);
      expect(answer.bypassThrottling).toBe(true);
      expect(builder.peerList([], false).bypassThrottling).toBe(false);
      expect(builder.peerList([], false).bytes).toEqual(answer.bytes);
    }
    expect(fromBinary(MessageSchema, plain.peerList([], true).bytes).message).toMatchObject({
      case: "peerList",
      value: { claimedIpPorts: [] },
    });
  });

  test("a deadline is the same as a number and as a bigint", () => {
    const appBytes = Uint8Array.of(1);
    for (const deadline of [0, 1, 127, 128, 2 ** 31 - 1, 2 ** 31, 2 ** 35, 10_000_000_000, Number.MAX_SAFE_INTEGER]) {
      const asNumber = plain.appRequest(CHAIN, 1, deadline, appBytes);
      expect(asNumber.bytes).toEqual(plain.appRequest(CHAIN, 1, BigInt(deadline), appBytes).bytes);
      const { value } = fromBinary(MessageSchema, asNumber.bytes).message;
      expect((value as { deadline: bigint }).deadline).toBe(BigInt(deadline));
    }
  });

  test("a deadline that has passed goes out as Go's negative duration does", () => {
    for (const build of [() => plain.appRequest(CHAIN, 1, -1, CHAIN), () => plain.get(CHAIN, 1, -1n, CHAIN)]) {
      const { value } = fromBinary(MessageSchema, build().bytes).message;
      expect((value as { deadline: bigint }).deadline).toBe(2n ** 64n - 1n);
    }
  });

  test("what is too long to be decompressed by its receiver is not compressed", () => {
    const tooLong = new Uint8Array(MAX_MESSAGE_LENGTH);
    expect(() => new MessageBuilder().appGossip(CHAIN, tooLong)).toThrow(MessageError);
    expect(plain.appGossip(CHAIN, tooLong).length).toBeGreaterThan(MAX_MESSAGE_LENGTH);
  });

  test("a long message that does not fit the scratch buffer is compressed all the same", () => {
    const appBytes = new Uint8Array(200_000).map((_, i) => i % 251);
    expect(new MessageBuilder().appGossip(CHAIN, appBytes).length).toBeLessThan(5_000);
  });

  test("text that is not Unicode is refused", () => {
    expect(() => plain.appError(CHAIN, 1, 2, "\ud800")).toThrow(MessageError);
  });
});
