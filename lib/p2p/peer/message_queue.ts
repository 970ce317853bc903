/**
 * What waits to be sent to one peer: admitted by the outbound throttler, sent in order.
 *
 * Room is taken when a message is pushed and given back when it is taken out or thrown away, whichever comes first
 * (upstream `network/peer/message_queue.go`).
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { OutboundMessage } from "../message/outbound.ts";
import type { OutboundMsgThrottler } from "../throttling/contract.ts";

/** What a queue needs. */
export interface MessageQueueModules {
  readonly throttler: OutboundMsgThrottler;
  /** Is told of each message that will not be sent. */
  readonly onFailed: (message: OutboundMessage) => void;
}

/** Below this many taken-out slots the array is left as it is. */
const COMPACT_ABOVE = 1024;

export class MessageQueue {
  readonly #modules: MessageQueueModules;
  readonly #nodeID: NodeID;
  #messages: OutboundMessage[] = [];
  #head = 0;
  #bytes = 0;
  #closed = false;

  constructor(modules: MessageQueueModules, nodeID: NodeID) {
    this.#modules = modules;
    this.#nodeID = nodeID;
  }

  get length(): number {
    return this.#messages.length - this.#head;
  }

  /** Length of all frames that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Adds a message at the end.
   *
   * @returns False when there is no room or the queue is closed; the failure has been told.
   */
  push(message: OutboundMessage): boolean {
    const { throttler, onFailed } = this.#modules;
    if (this.#closed || !throttler.acquire(message.length, this.#nodeID, message.bypassThrottling)) {
      onFailed(message);
      return false;
    }
    this.#messages.push(message);
    this.#bytes += message.frame.length;
    return true;
  }

  /** The first message, left where it is. */
  peek(): OutboundMessage | undefined {
    return this.#messages[this.#head];
  }

  /** Takes the first message out. */
  shift(): OutboundMessage | undefined {
    const message = this.#messages[this.#head];
    if (message === undefined) return undefined;
    (this.#messages as (OutboundMessage | undefined)[])[this.#head++] = undefined;
    if (this.#head === this.#messages.length) {
      this.#messages.length = 0;
      this.#head = 0;
    } else if (this.#head > COMPACT_ABOVE && this.#head * 2 > this.#messages.length) {
      this.#messages = this.#messages.slice(this.#head);
      this.#head = 0;
    }
    this.#release(message);
    return message;
  }

  /** Throws away what waits and takes nothing more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const waiting = this.#messages.slice(this.#head);
    this.#messages = [];
    this.#head = 0;
    for (const message of waiting) {
      this.#release(message);
      this.#modules.onFailed(message);
    }
  }

  #release(message: OutboundMessage): void {
    this.#bytes -= message.frame.length;
    this.#modules.throttler.release(message.length, this.#nodeID, message.bypassThrottling);
  }
}
