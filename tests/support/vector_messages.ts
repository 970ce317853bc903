/**
 * How the vectors of messages write things down, and how that compares with what a parser gives.
 *
 * @module
 */

import { expect } from "bun:test";
import { toJson } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { toHex } from "../../lib/core/bytes.ts";
import { ManualClock } from "../../lib/core/clock.ts";
import { IdsError } from "../../lib/core/ids/errors.ts";
import { nodeIDFromBytes } from "../../lib/core/ids/node_id.ts";
import { MessageError } from "../../lib/p2p/message/errors.ts";
import { chainID, chainIDBytes, deadlineNs, engineType, requestID } from "../../lib/p2p/message/fields.ts";
import { file_p2p } from "../../lib/p2p/message/gen/p2p_pb.ts";
import type { InboundMessage } from "../../lib/p2p/message/inbound.ts";
import { opName } from "../../lib/p2p/message/ops.ts";
import { MessageParser } from "../../lib/p2p/message/parser.ts";

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

/** Any time would do. */
const NOW = 1_760_000_000_000;

/** A parser and how to hold what it does against what was recorded. */
export class ParseBench {
  readonly #parser: MessageParser;
  readonly #nodeID;

  constructor(config: MessagesConfig) {
    const maxMessageTimeoutMs = Number(config.maxMessageTimeoutNs) / NANOSECONDS_PER_MILLISECOND;
    this.#parser = new MessageParser({ clock: new ManualClock(NOW) }, { maxMessageTimeoutMs });
    this.#nodeID = nodeIDFromBytes(Buffer.from(config.parseNodeIDHex, "hex"));
  }

  /** Parses and compares; fails the test where anything differs. */
  check(bytes: Uint8Array, expected: ParseResult): void {
    const before = bytes.slice();
    let finished = 0;
    let inbound: InboundMessage | undefined;
    let thrown: unknown;
    try {
      inbound = this.#parser.parse(bytes, this.#nodeID, () => finished++);
    } catch (error) {
      thrown = error;
    }
    expect(finished).toBe(0);
    expect(Buffer.compare(bytes, before)).toBe(0);
    if (!expected.ok) {
      expect(describeError(thrown)).toEqual(describeExpectedError(expected));
      return;
    }
    if (inbound === undefined) throw thrown;
    expect(describeInbound(inbound)).toEqual(describeExpected(expected));
    if ("message" in expected) expect(protoJSON(inbound)).toEqual(expected.message as never);
    inbound.onFinishedHandling();
    expect(finished).toBe(1);
  }
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
  /** What is no error of this kind at all. */
  readonly thrown?: unknown;
}

/** What an error that was recorded is compared by: texts that begin with `proto:` vary between builds. */
export function describeExpectedError({ error = "", errorClass = "" }: ParseResult): ErrorDescription {
  const code = error === INVALID_UTF8 ? "invalid-utf8" : CODES[errorClass];
  return error.startsWith("proto:") ? { code } : { code, message: error };
}

/** What an error that was thrown is compared by. */
export function describeError(thrown: unknown): ErrorDescription {
  if (!(thrown instanceof MessageError)) return { thrown };
  const { code } = thrown.type;
  return thrown.message.startsWith("proto:") ? { code } : { code, message: thrown.message };
}

function describeExpected(expected: ParseResult) {
  return {
    op: expected.op,
    nodeID: expected.nodeID as string | undefined,
    bytesSavedCompression: expected.bytesSavedCompression,
    expiresInMs: expected.expiration === "none" ? Infinity : milliseconds(expected.expirationOffsetNs as string),
    deadlineNs: expected.deadlineNs,
    chainID: expected.chainID,
    chainIDString: expected.chainIDString as string | undefined,
    chainIDError: expected.chainIDError,
    requestID: expected.requestID,
    engineType: expected.engineType,
  };
}

function describeInbound(inbound: InboundMessage): ReturnType<typeof describeExpected> {
  const chain = describeChain(inbound);
  return {
    op: opName(inbound.op),
    nodeID: inbound.nodeID,
    bytesSavedCompression: inbound.bytesSavedCompression,
    expiresInMs: inbound.expiration === Infinity ? Infinity : inbound.expiration - NOW,
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

/** As precise as wall milliseconds of today are. */
function milliseconds(nanoseconds: string): number {
  return NOW + Number(BigInt(nanoseconds)) / NANOSECONDS_PER_MILLISECOND - NOW;
}

/** The message as Go's protojson writes it, with the names of the schema. */
export function protoJSON(inbound: InboundMessage, enumAsInteger = false): unknown {
  const message = inbound.message as { readonly $typeName: string };
  const schema = file_p2p.messages.find(({ typeName }) => typeName === message.$typeName) as GenMessage<never>;
  return toJson(schema, message as never, { useProtoFieldName: true, enumAsInteger });
}
