/**
 * What building and parsing one message costs, beside @bufbuild/protobuf and the general encoder and decoder:
 * `bun bench/messages.ts`.
 *
 * @module
 */

import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { bench, do_not_optimize, group, run } from "mitata";
import { systemClock } from "../lib/core/clock.ts";
import { EMPTY_NODE_ID } from "../lib/core/ids/node_id.ts";
import { MessageBuilder } from "../lib/p2p/message/builder.ts";
import { AppRequestSchema, MessageSchema } from "../lib/p2p/message/gen/p2p_pb.ts";
import { MessageParser } from "../lib/p2p/message/parser.ts";
import { decodeMessage } from "../lib/p2p/message/wire/decode.ts";

const CHAIN = new Uint8Array(32).fill(7);
const CHUNK_BYTES = 256 * 1024;
const DEADLINE_NS = 2_000_000_000;

const plain = new MessageBuilder({}, { compressionType: "none" });
const compressing = new MessageBuilder();
const parser = new MessageParser({ clock: systemClock });
const done = () => {};

/** Bytes that compress to about half. */
function halfRandom(length: number): Uint8Array {
  let x = 7;
  return Uint8Array.from({ length }, (_, i) => {
    if (i % 64 < 40) return i & 31;
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0;
    return x >>> 24;
  });
}

function bufbuildRequest(appBytes: Uint8Array): Uint8Array {
  const deadline = BigInt(DEADLINE_NS);
  const value = create(AppRequestSchema, { chainId: CHAIN, requestId: 77, deadline, appBytes });
  return toBinary(MessageSchema, create(MessageSchema, { message: { case: "appRequest", value } }));
}

for (const length of [128, 1024, 65_536]) {
  const appBytes = halfRandom(length);
  const request = plain.appRequest(CHAIN, 77, DEADLINE_NS, appBytes).bytes.slice();
  const compressed = compressing.appGossip(CHAIN, appBytes).bytes.slice();
  const chunk = new Uint8Array(CHUNK_BYTES);
  chunk.set(request, 1000);
  const inChunk = chunk.subarray(1000, 1000 + request.length);

  group(`build, ${length} B`, () => {
    bench("appGossip", () => do_not_optimize(plain.appGossip(CHAIN, appBytes)));
    bench("appRequest", () => do_not_optimize(plain.appRequest(CHAIN, 77, DEADLINE_NS, appBytes)));
    bench("appResponse", () => do_not_optimize(plain.appResponse(CHAIN, 77, appBytes)));
    bench("put (general encoder)", () => do_not_optimize(plain.put(CHAIN, 77, appBytes)));
    bench("appRequest, @bufbuild/protobuf", () => do_not_optimize(bufbuildRequest(appBytes)));
    bench("appGossip, zstd", () => do_not_optimize(compressing.appGossip(CHAIN, appBytes)));
  });

  group(`parse, ${length} B`, () => {
    bench("appRequest", () => do_not_optimize(parser.parse(request, EMPTY_NODE_ID, done)));
    bench("appRequest, copied from a chunk", () => do_not_optimize(parser.parse(inChunk, EMPTY_NODE_ID, done)));
    bench("appRequest, general decoder", () => do_not_optimize(decodeMessage(MessageSchema, request, false)));
    bench("appRequest, @bufbuild/protobuf", () => do_not_optimize(fromBinary(MessageSchema, request)));
    bench("appGossip, zstd", () => do_not_optimize(parser.parse(compressed, EMPTY_NODE_ID, done)));
  });
}

await run();
