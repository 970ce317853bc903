/**
 * Sends what waits in a queue: small messages together, large ones as they are, and no more than the connection takes.
 *
 * @module
 */

import type { Clock, Timer } from "../../core/clock.ts";
import type { OutboundMessage } from "../message/outbound.ts";
import type { Connection } from "../transport/contract.ts";
import type { MessageQueue } from "./message_queue.ts";

/** What a writer needs. */
export interface WriterModules {
  readonly clock: Clock;
  readonly connection: Connection;
  readonly queue: MessageQueue;
  /** Is told of each message as it is handed to the connection. @param now Milliseconds of `Clock.monotonic`. */
  readonly onWritten: (message: OutboundMessage, now: number) => void;
  /** Is told when the connection took nothing for the time-out. */
  readonly onTimeout: () => void;
}

export interface WriterOptions {
  /** How long the connection may refuse to take more, milliseconds. */
  readonly timeoutMs: number;
}

/**
 * Most bytes that are put together in one write. Measured: above 64 KiB nothing more is gained, and four TLS records
 * of 16 KiB leave in one call.
 */
const MAX_BATCH_BYTES = 64 * 1024;

/** A frame of at least this many bytes is not copied into a batch. */
const MIN_DIRECT_BYTES = 32 * 1024;

export class Writer {
  readonly #modules: WriterModules;
  readonly #timeoutMs: number;
  #scheduled = false;
  #blocked = false;
  #closed = false;
  #timer: Timer | undefined;

  constructor(modules: WriterModules, options: WriterOptions) {
    this.#modules = modules;
    this.#timeoutMs = options.timeoutMs;
  }

  /** Something was queued. It is written when the code that runs now is done, with all that it queues until then. */
  wake(): void {
    if (this.#scheduled || this.#blocked) return;
    this.#scheduled = true;
    queueMicrotask(this.#flush);
  }

  /** The connection takes more. */
  onDrain(): void {
    if (!this.#blocked) return;
    this.#blocked = false;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.wake();
  }

  /** Writes nothing more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  readonly #flush = (): void => {
    this.#scheduled = false;
    if (this.#closed) return;
    const { clock, connection, queue } = this.#modules;
    const now = clock.monotonic();
    while (queue.length > 0 && !this.#closed) {
      if (!connection.write(this.#takeBatch(now))) {
        this.#block();
        return;
      }
    }
  };

  #takeBatch(now: number): Uint8Array {
    const { onWritten, queue } = this.#modules;
    const first = queue.peek() as OutboundMessage;
    if (queue.length === 1 || first.frame.length >= MIN_DIRECT_BYTES) {
      queue.shift();
      onWritten(first, now);
      return first.frame;
    }
    const batch = Buffer.allocUnsafe(Math.min(queue.bytes, MAX_BATCH_BYTES));
    let length = 0;
    for (let next = queue.peek(); next !== undefined; next = queue.peek()) {
      const { frame } = next;
      if (frame.length >= MIN_DIRECT_BYTES || length + frame.length > batch.length) break;
      batch.set(frame, length);
      length += frame.length;
      queue.shift();
      onWritten(next, now);
    }
    return batch.subarray(0, length);
  }

  #block(): void {
    this.#blocked = true;
    this.#timer = this.#modules.clock.setTimeout(this.#modules.onTimeout, this.#timeoutMs);
  }
}
