/**
 * How the vectors of messages write things down, and how that compares with what a parser gives.
 *
 * @module
 */

import { create, toBinary, toJson } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { fromHex, toHex } from "../../lib/core/bytes.ts";
import { ManualClock } from "../../lib/core/clock.ts";
import { IdsError } from "../../lib/core/ids/errors.ts";
import { nodeIDFromBytes } from "../../lib/core/ids/node_id.ts";
import { MessageError } from "../../lib/p2p/message/errors.ts";
import { chainID, chainIDBytes, deadlineNs, engineType, requestID } from "../../lib/p2p/message/fields.ts";
import { type AppGossipSchema, file_p2p, MessageSchema } from "../../lib/p2p/message/gen/p2p_pb.ts";
import type { InboundMessage } from "../../lib/p2p/message/inbound.ts";
import { opName } from "../../lib/p2p/message/ops.ts";
import { MessageParser } from "../../lib/p2p/message/parser.ts";
import { type PayloadRecipe, payload } from "./vectors.ts";

/** What messages were recorded under. */
export interface MessagesConfig {
  readonly maxMessageSize: number;
  readonly maxMessageTimeoutNs: string;
  readonly parseNodeIDHex: string;
}

/** What Parse gave for some bytes. */
export interface ParseResult {
  readonly ok: boolean;
  readonly error?: string;
  readonly errorClass?: string;
  readonly op?: string;
  readonly nodeID?: string;
  readonly bytesSavedCompression?: number;
  readonly expiration?: string;
  readonly expirationOffsetNs?: string;
  readonly deadlineNs?: string;
  readonly chainID?: string;
  readonly chainIDString?: string;
  readonly chainIDError?: string;
  readonly requestID?: number;
  readonly engineType?: number;
  readonly message?: unknown;
}

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** What came of parsing, in a form that two of them can be compared by. */
export type Outcome = ErrorDescription | (InboundDescription & { readonly message?: unknown });

/** A parser, and what it makes of bytes: one reads a whole list, in its order. */
export class ParseBench {
  readonly #parser: MessageParser;
  readonly #nodeID;

  constructor(config: MessagesConfig) {
    const maxMessageTimeoutMs = Number(config.maxMessageTimeoutNs) / NANOSECONDS_PER_MILLISECOND;
    this.#parser = new MessageParser({ clock: new ManualClock() }, { maxMessageTimeoutMs });
    this.#nodeID = nodeIDFromBytes(Buffer.from(config.parseNodeIDHex, "hex"));
  }

  /**
   * Parses.
   *
   * @param expected What was recorded: its message is only looked at where there is one.
   * @throws {Error} Where the parser changes what it reads, or ends what it hands out.
   */
  outcome(bytes: Uint8Array, expected: ParseResult): Outcome {
    const before = bytes.slice();
    const outcome = this.#outcome(bytes, "message" in expected);
    if (Buffer.compare(bytes, before) !== 0) throw new Error("the parser changed what it read");
    return outcome;
  }

  #outcome(bytes: Uint8Array, withMessage: boolean): Outcome {
    const finished: true[] = [];
    let inbound: InboundMessage;
    try {
      inbound = this.#parser.parse(bytes, this.#nodeID, () => finished.push(true));
    } catch (error) {
      return describeError(error);
    }
    if (finished.length > 0) throw new Error("the message was finished by the parser");
    inbound.onFinishedHandling();
    if (finished.length !== 1) throw new Error("the message does not tell that it is finished");
    const described = describeInbound(inbound);
    return withMessage ? { ...described, message: protoJSON(inbound) } : described;
  }
}

/** What should come of parsing. */
export function expectedOutcome(expected: ParseResult): Outcome {
  if (!expected.ok) return describeExpectedError(expected);
  const described = describeExpected(expected);
  return "message" in expected ? { ...described, message: expected.message } : described;
}

/** What the reference calls the ways to fail, and what this project does. */
const CODES: Readonly<Record<string, string>> = {
  protobuf: "protobuf",
  unknownMessageType: "unknown-message-type",
  zstd: "zstd",
  decompressedTooLarge: "decompressed-too-large",
  tooLargeToCompress: "too-large-to-compress",
};

/** The one error of the protobuf library that does not begin with `proto:` was recorded among those of zstd. */
const INVALID_UTF8 = "string field contains invalid UTF-8";

interface ErrorDescription {
  readonly code?: string | undefined;
  readonly message?: string;
}

/** What an error that was recorded is compared by: texts that begin with `proto:` vary between builds. */
export function describeExpectedError({ error = "", errorClass = "" }: ParseResult): ErrorDescription {
  const code = error === INVALID_UTF8 ? "invalid-utf8" : CODES[errorClass];
  return error.startsWith("proto:") ? { code } : { code, message: error };
}

/**
 * What an error that was thrown is compared by.
 *
 * @throws What was thrown, where it is none of the message room's errors.
 */
export function describeError(thrown: unknown): ErrorDescription {
  if (!(thrown instanceof MessageError)) throw thrown;
  const { code } = thrown.type;
  return thrown.message.startsWith("proto:") ? { code } : { code, message: thrown.message };
}

interface InboundDescription {
  readonly op: string | undefined;
  readonly nodeID: string | undefined;
  readonly bytesSavedCompression: number | undefined;
  readonly expiresInMs: number;
  readonly deadlineNs: string | undefined;
  readonly chainID: string | undefined;
  readonly chainIDString: string | undefined;
  readonly chainIDError: string | undefined;
  readonly requestID: number | undefined;
  readonly engineType: number | undefined;
}

function describeExpected(expected: ParseResult): InboundDescription {
  return {
    op: expected.op,
    nodeID: expected.nodeID,
    bytesSavedCompression: expected.bytesSavedCompression,
    expiresInMs: expected.expiration === "none" ? Infinity : milliseconds(expected.expirationOffsetNs as string),
    deadlineNs: expected.deadlineNs,
    chainID: expected.chainID,
    chainIDString: expected.chainIDString,
    chainIDError: expected.chainIDError,
    requestID: expected.requestID,
    engineType: expected.engineType,
  };
}

function describeInbound(inbound: InboundMessage): InboundDescription {
  const chain = describeChain(inbound);
  return {
    op: opName(inbound.op),
    nodeID: inbound.nodeID,
    bytesSavedCompression: inbound.bytesSavedCompression,
    expiresInMs: inbound.expiration,
    deadlineNs: deadlineNs(inbound.message)?.toString(),
    chainID: chain.text === undefined ? undefined : toHex(chainIDBytes(inbound) as Uint8Array),
    chainIDString: chain.text,
    chainIDError: chain.error,
    requestID: requestID(inbound),
    engineType: engineType(inbound),
  };
}

function describeChain(inbound: InboundMessage): { text?: string; error?: string } {
  try {
    return { text: chainID(inbound) };
  } catch (error) {
    if (error instanceof IdsError || error instanceof MessageError) return { error: error.message };
    throw error;
  }
}

function milliseconds(nanoseconds: string): number {
  return Number(BigInt(nanoseconds)) / NANOSECONDS_PER_MILLISECOND;
}

/** The message as Go's protojson writes it, with the names of the schema. */
export function protoJSON(inbound: InboundMessage, enumAsInteger = false): unknown {
  const message = inbound.message as { readonly $typeName: string };
  const schema = file_p2p.messages.find(({ typeName }) => typeName === message.$typeName) as GenMessage<never>;
  return toJson(schema, message as never, { useProtoFieldName: true, enumAsInteger });
}

/** An entry of `messages_parse.json`. */
export interface ParseEntry extends ParseResult {
  readonly kind: string;
  readonly hex?: string;
  readonly recipe?: { readonly outerField: number; readonly chainID: string; readonly appBytes: PayloadRecipe };
  readonly length?: number;
  readonly sha256?: string;
}

/** The bytes that an entry was recorded for. */
export function bytesOf({ hex, recipe }: ParseEntry): Uint8Array {
  if (hex !== undefined) return hexBytes(hex);
  if (recipe === undefined) throw new Error("an entry without bytes");
  const field = MessageSchema.fields.find(({ number }) => number === recipe.outerField);
  if (field?.message === undefined) throw new Error(`field ${recipe.outerField} holds no message`);
  const init = { chainId: hexBytes(recipe.chainID), appBytes: payload(recipe.appBytes) };
  const value = create(field.message as typeof AppGossipSchema, init);
  return toBinary(MessageSchema, create(MessageSchema, { message: { case: field.localName as "appGossip", value } }));
}

/** @throws {Error} Where the text is not hex. */
export function hexBytes(hex: string): Uint8Array {
  const bytes = fromHex(hex);
  if (bytes === undefined) throw new Error(`not hex: ${hex}`);
  return bytes;
}
