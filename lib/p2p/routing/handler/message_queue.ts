/**
 * The messages that a chain has not handled yet: first come, first served, but a node that has cost more than its share
 * of processor time lately waits for the others (upstream `snow/networking/handler/message_queue.go`).
 *
 * @module
 */

import type { Clock } from "../../../core/clock.ts";
import type { ID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import type { ValidatorManager } from "../../../core/validators/manager.ts";
import type { InboundMessage } from "../../message/inbound.ts";
import { Op } from "../../message/ops.ts";
import type { Tracker } from "../../throttling/tracker/resource_tracker.ts";
import { OpCounts } from "../op_counts.ts";
import { Deque } from "./deque.ts";

/** What a queue needs. */
export interface MessageQueueModules {
  readonly clock: Clock;
  readonly validators: ValidatorManager;
  /** Processor cores that nodes have used lately. */
  readonly cpuTracker: Pick<Tracker, "usage">;
  /** Whose validators may use more. */
  readonly subnetID: ID;
}

export class MessageQueue {
  /** Messages in the queue. */
  readonly counts = new OpCounts();
  /** Messages that were ever in the queue. */
  readonly everQueued = new OpCounts();
  readonly #modules: MessageQueueModules;
  readonly #messages = new Deque<InboundMessage>();
  /** How many messages of each node wait. */
  readonly #nodes = new Map<NodeID, number>();
  #excessiveCPU = 0;
  #closed = false;

  constructor(modules: MessageQueueModules) {
    this.#modules = modules;
  }

  get length(): number {
    return this.#messages.length;
  }

  /** Nodes of which at least one message waits. */
  get nodesWithMessages(): number {
    return this.#nodes.size;
  }

  /** How often a message was put off because its node had cost too much. */
  get excessiveCPU(): number {
    return this.#excessiveCPU;
  }

  /** Takes a message; once the queue is closed it is released instead. */
  push(message: InboundMessage): void {
    if (this.#closed) {
      message.onFinishedHandling();
      return;
    }
    this.#messages.pushRight(message);
    this.#nodes.set(message.nodeID, (this.#nodes.get(message.nodeID) ?? 0) + 1);
    this.counts.add(message.op);
    this.everQueued.add(message.op);
  }

  /** The next message; `undefined` when none waits. */
  pop(): InboundMessage | undefined {
    const { length } = this.#messages;
    if (length === 0) return undefined;
    const nowMs = this.#modules.clock.monotonic();
    for (let i = 0; ; i++) {
      const message = this.#messages.popLeft() as InboundMessage;
      // With one node there is nobody to wait for. And when all have cost too much, the first is as good as any.
      if (this.#nodes.size === 1 || i === length || this.#mayPop(message, nowMs)) {
        this.#forget(message);
        return message;
      }
      this.#messages.pushRight(message);
      this.#excessiveCPU++;
    }
  }

  /** Releases what waits, and whatever comes later. */
  close(): void {
    this.#closed = true;
    for (let message = this.#messages.popLeft(); message !== undefined; message = this.#messages.popLeft()) {
      message.onFinishedHandling();
    }
    this.#nodes.clear();
    this.counts.clear();
  }

  #forget({ nodeID, op }: InboundMessage): void {
    this.counts.add(op, -1);
    const left = (this.#nodes.get(nodeID) ?? 1) - 1;
    if (left === 0) this.#nodes.delete(nodeID);
    else this.#nodes.set(nodeID, left);
  }

  #mayPop({ expiration, nodeID, op }: InboundMessage, nowMs: number): boolean {
    if (op === Op.Connected || op === Op.Disconnected) return true;
    const { cpuTracker, subnetID, validators } = this.#modules;
    // It is dropped at once, which costs nothing.
    if (nowMs > expiration) return true;

    const usage = cpuTracker.usage(nodeID, nowMs);
    if (usage === 0) return true;
    const total = validators.totalWeight(subnetID);
    const portion = total === 0n ? 0 : Number(validators.getWeight(subnetID, nodeID)) / Number(total);
    const base = 1 / this.#nodes.size;
    return usage <= base + (1 - base) * portion;
  }
}
