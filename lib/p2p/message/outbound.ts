/**
 * Messages that are ready to be sent.
 *
 * @module
 */

import { LENGTH_PREFIX_BYTES } from "./framing.ts";
import type { Op } from "./ops.ts";

/** What a message to send consists of. */
export interface OutboundMessageFields {
  readonly op: Op;
  readonly frame: Uint8Array;
  readonly bypassThrottling: boolean;
  readonly bytesSavedCompression: number;
}

/**
 * A message built once, for however many peers it goes to. Nobody changes its bytes.
 *
 * @example
 * ```ts
 * const { bytes, length, op } = new MessageBuilder().pong();
 * opName(op); // "pong"
 * ```
 */
export class OutboundMessage {
  readonly op: Op;
  /** What goes over the wire: 4 bytes of length, big-endian, and the body. */
  readonly frame: Uint8Array;
  /** Whether it is sent whatever the outbound throttler says: a handshake must not be lost. */
  readonly bypassThrottling: boolean;
  /** How many bytes shorter the body is for being compressed; negative where that made it longer. */
  readonly bytesSavedCompression: number;

  constructor({ op, frame, bypassThrottling, bytesSavedCompression }: OutboundMessageFields) {
    this.op = op;
    this.frame = frame;
    this.bypassThrottling = bypassThrottling;
    this.bytesSavedCompression = bytesSavedCompression;
  }

  /** Bytes of the body: what throttlers and metrics count. */
  get length(): number {
    return this.frame.length - LENGTH_PREFIX_BYTES;
  }

  /** The body, in the memory of the frame. */
  get bytes(): Uint8Array {
    return this.frame.subarray(LENGTH_PREFIX_BYTES);
  }
}
