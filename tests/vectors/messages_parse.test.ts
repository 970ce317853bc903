import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { create, toBinary } from "@bufbuild/protobuf";
import { fromHex } from "../../lib/core/bytes.ts";
import { type AppGossipSchema, MessageSchema } from "../../lib/p2p/message/gen/p2p_pb.ts";
import { type MessagesConfig, ParseBench, type ParseResult } from "../support/vector_messages.ts";
import { loadVectors, type PayloadRecipe, payload } from "../support/vectors.ts";

interface Entry extends ParseResult {
  readonly kind: string;
  readonly hex?: string;
  readonly recipe?: { readonly outerField: number; readonly chainID: string; readonly appBytes: PayloadRecipe };
  readonly length?: number;
  readonly sha256?: string;
}

const { config, parse } = loadVectors<{ readonly config: MessagesConfig; readonly parse: readonly Entry[] }>(
  "messages_parse",
);

function bytesOf({ hex, recipe }: Entry): Uint8Array {
  if (hex !== undefined) return fromHex(hex) as Uint8Array;
  if (recipe === undefined) throw new Error("an entry without bytes");
  const field = MessageSchema.fields.find(({ number }) => number === recipe.outerField);
  if (field?.message === undefined) throw new Error(`field ${recipe.outerField} holds no message`);
  const chainId = fromHex(recipe.chainID) as Uint8Array;
  const inner = create(field.message as typeof AppGossipSchema, { chainId, appBytes: payload(recipe.appBytes) });
  const message = create(MessageSchema, { message: { case: field.localName as "appGossip", value: inner } });
  return toBinary(MessageSchema, message);
}

describe("messages_parse.json", () => {
  // One parser reads them in order, as the reference did: what it makes of damaged zstd depends on what came before.
  const bench = new ParseBench(config);

  parse.forEach((entry, i) => {
    test(`#${i}: ${entry.kind}`, () => {
      const bytes = bytesOf(entry);
      if (entry.length !== undefined) expect(bytes.length).toBe(entry.length);
      if (entry.sha256 !== undefined) expect(createHash("sha256").update(bytes).digest("hex")).toBe(entry.sha256);
      bench.check(bytes, entry);
    });
  });
});
