/**
 * A connection whose other end is the test.
 *
 * @module
 */

import { systemClock } from "../../lib/core/clock.ts";
import { EMPTY_NODE_ID } from "../../lib/core/ids/node_id.ts";
import type { Certificate } from "../../lib/core/staking/certificate.ts";
import { FrameReader } from "../../lib/p2p/message/framing.ts";
import type { Op } from "../../lib/p2p/message/ops.ts";
import { MessageParser } from "../../lib/p2p/message/parser.ts";
import type { Connection, ConnectionHandler } from "../../lib/p2p/transport/contract.ts";

/** A message that was written. */
export interface WrittenMessage {
  readonly op: Op;
  readonly body: Uint8Array;
}

export class FakeConnection implements Connection {
  readonly isIngress = true;
  readonly remoteAddress = { ip: "127.0.0.1", port: 1 };
  readonly certificate: Certificate;
  /** What `write` answers. */
  takesMore = true;
  paused = false;
  closed = false;
  #handler: ConnectionHandler | undefined;
  #messages: WrittenMessage[] = [];
  readonly #parser = new MessageParser({ clock: systemClock });
  readonly #reader = new FrameReader({
    onLength: () => true,
    onFrame: (body) => {
      const { op } = this.#parser.parse(body, EMPTY_NODE_ID, () => {});
      this.#messages.push({ op, body });
    },
  });

  constructor(certificate: Certificate) {
    this.certificate = certificate;
  }

  open(handler: ConnectionHandler): void {
    this.#handler = handler;
  }

  write(bytes: Uint8Array): boolean {
    this.#reader.push(bytes);
    return this.takesMore;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    queueMicrotask(() => this.#handler?.onClose(undefined));
  }

  /** Bytes arrive from the other end. */
  receive(bytes: Uint8Array): void {
    this.#handler?.onData(bytes);
  }

  /** The other end takes more. */
  drain(): void {
    this.takesMore = true;
    this.#handler?.onDrain();
  }

  /** Resolves when what was queued so far is written. */
  async flushed(): Promise<void> {
    for (let turn = 0; turn < 5; turn++) await Promise.resolve();
  }

  /** What was written since the last call. */
  takeMessages(): WrittenMessage[] {
    const messages = this.#messages;
    this.#messages = [];
    return messages;
  }
}
