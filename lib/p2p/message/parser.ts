/**
 * Reads the messages that come from peers.
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { ZstdDecompressor } from "./compression.ts";
import { unknownMessageType } from "./errors.ts";
import { deadlineNs } from "./fields.ts";
import { MessageSchema } from "./gen/p2p_pb.ts";
import type { InboundMessage, MessageByOp } from "./inbound.ts";
import type { MessageMetrics } from "./metrics.ts";
import { Op, WIRE_FIELDS } from "./ops.ts";
import { type AppMessage, readAppMessage } from "./wire/app_messages.ts";
import { readCompressedMessage } from "./wire/compressed.ts";
import { decodeMessage } from "./wire/decode.ts";

/** What a parser needs. */
export interface MessageParserModules {
  readonly clock: Clock;
  readonly metrics?: MessageMetrics;
}

/** How a parser reads. */
export interface MessageParserOptions {
  /**
   * The longest that an answer is taken to be waited for, milliseconds, whatever the peer says.
   *
   * @default {10000} Upstream `network-maximum-timeout`.
   */
  readonly maxMessageTimeoutMs?: number;
}

/** Upstream `constants.DefaultNetworkMaximumTimeout`. */
export const DEFAULT_MAX_MESSAGE_TIMEOUT_MS = 10_000;

const NANOSECONDS_PER_MILLISECOND = 1_000_000;

/** A message keeps the memory that it came in alive only where that is at most this many times its own length. */
const MAX_KEPT_SHARE = 4;

/** A message, its operation, and what compression spared. */
interface Parsed {
  readonly op: Op;
  readonly message: MessageByOp[Op];
  readonly bytesSavedCompression: number;
}

const APP_OPS: Readonly<Record<AppMessage["$typeName"], Op>> = {
  "p2p.AppGossip": Op.AppGossip,
  "p2p.AppRequest": Op.AppRequest,
  "p2p.AppResponse": Op.AppResponse,
};

/**
 * Reads messages with upstream's verdict on each (`message/messages.go`): what it takes this takes, with the same
 * content, and what it refuses this refuses.
 */
export class MessageParser {
  readonly #clock: Clock;
  readonly #metrics: MessageMetrics | undefined;
  readonly #maxMessageTimeoutMs: number;
  readonly #decompressor = new ZstdDecompressor();

  constructor(modules: MessageParserModules, options: MessageParserOptions = {}) {
    this.#clock = modules.clock;
    this.#metrics = modules.metrics;
    this.#maxMessageTimeoutMs = options.maxMessageTimeoutMs ?? DEFAULT_MAX_MESSAGE_TIMEOUT_MS;
  }

  /**
   * Reads one message.
   *
   * Byte fields lie in the memory of `bytes` where the message is a good part of it, and are copies where it is a
   * small part, so that a message that waits does not keep a whole chunk of the network: `bytes` must stay as it is.
   *
   * @param bytes The body of one frame.
   * @param nodeID Whom it is from.
   * @param onFinishedHandling Called by whoever is done with the message; not called when this throws.
   * @throws {MessageError} `protobuf`, `invalid-utf8`, `unknown-message-type`, `zstd`, `decompressed-too-large`.
   */
  parse(bytes: Uint8Array, nodeID: NodeID, onFinishedHandling: () => void): InboundMessage {
    const { bytesSavedCompression, message, op } = this.#parse(bytes);
    return {
      nodeID,
      op,
      message,
      expiration: this.#expiration(message),
      bytesSavedCompression,
      onFinishedHandling,
    } as InboundMessage;
  }

  #parse(bytes: Uint8Array): Parsed {
    const compressed = readCompressedMessage(bytes);
    if (compressed !== undefined) return this.#decompress(compressed);

    const copy = bytes.length * MAX_KEPT_SHARE < bytes.buffer.byteLength;
    const app = readAppMessage(bytes, copy);
    if (app !== undefined) return { op: APP_OPS[app.$typeName], message: app, bytesSavedCompression: 0 };

    const { message } = decodeMessage(MessageSchema, bytes, copy);
    if (message.case === "compressedZstd" && message.value.length > 0) return this.#decompress(message.value);
    return unwrap(message, 0);
  }

  #decompress(compressed: Uint8Array): Parsed {
    const startedAt = this.#metrics === undefined ? 0 : performance.now();
    const bytes = this.#decompressor.decompress(compressed);
    const bytesSavedCompression = bytes.length - compressed.length;

    const app = readAppMessage(bytes, false);
    const parsed =
      app === undefined
        ? unwrap(decodeMessage(MessageSchema, bytes, false).message, bytesSavedCompression)
        : { op: APP_OPS[app.$typeName], message: app, bytesSavedCompression };
    this.#metrics?.decompressed(parsed.op, performance.now() - startedAt);
    return parsed;
  }

  #expiration(message: MessageByOp[Op]): number {
    const deadline = deadlineNs(message);
    if (deadline === undefined) return Infinity;
    return (
      this.#clock.monotonic() + Math.min(Number(deadline) / NANOSECONDS_PER_MILLISECOND, this.#maxMessageTimeoutMs)
    );
  }
}

function unwrap(
  message: ReturnType<typeof decodeMessage<typeof MessageSchema>>["message"],
  bytesSavedCompression: number,
): Parsed {
  if (message.case === undefined) throw unknownMessageType(undefined);
  // A message that was compressed twice, or that holds no compressed bytes at all.
  if (message.case === "compressedZstd") throw unknownMessageType("*p2p.Message_CompressedZstd");
  return { op: WIRE_FIELDS[message.case].op, message: message.value, bytesSavedCompression };
}
