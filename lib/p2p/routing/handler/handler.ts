/**
 * Feeds one chain: takes its messages, hands them to its engine in turn, and releases each exactly once (upstream
 * `snow/networking/handler/handler.go`).
 *
 * There are three queues. Consensus messages are handled one at a time; what the node itself tells its chain takes its
 * turn among them. App messages wait for none of these, and some of them are handled at one time.
 *
 * A message is handled in the call that pushes it where nothing waits before it, and without a promise where the engine
 * needs none.
 *
 * A departure: upstream's process ends when a chain that matters fails. Here the chain stops, says so, and the process
 * lives.
 *
 * @module
 */

import type { Clock, Timer } from "../../../core/clock.ts";
import { errorMessage } from "../../../core/errors.ts";
import type { ID } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import { type Logger, noLog } from "../../../core/log.ts";
import type { ValidatorManager } from "../../../core/validators/manager.ts";
import type { InboundMessage } from "../../message/inbound.ts";
import { internalGossipRequest, internalNotify } from "../../message/internal.ts";
import { Op, opName } from "../../message/ops.ts";
import type { HealthFinding } from "../../network/health.ts";
import { type Allower, allowAll } from "../../network/peer_set.ts";
import type { ResourceTracker } from "../../throttling/contract.ts";
import type { Tracker } from "../../throttling/tracker/resource_tracker.ts";
import { dispatch, UNHANDLED } from "../engine/dispatch.ts";
import type { Engine } from "../engine/engine.ts";
import type { MessageTally } from "../tally.ts";
import { ChainMessageCounts } from "./counts.ts";
import { Deque } from "./deque.ts";
import { MessageQueue } from "./message_queue.ts";
import { type ChainHandlerOptions, DEFAULT_APP_CONCURRENCY, DEFAULT_SHUTDOWN_TIMEOUT_MS } from "./options.ts";

/** A message that takes longer than this, milliseconds, is told of (upstream's `syncProcessingTimeWarnLimit`). */
const PROCESSING_TIME_WARN_LIMIT_MS = 30_000;

/** A chain as the network knows it. */
export interface ChainContext {
  readonly chainID: ID;
  /** Whose validators run it. */
  readonly subnetID: ID;
  /** Its name in logs and metrics. */
  readonly alias: string;
}

/** What a handler needs. */
export interface ChainHandlerModules {
  readonly clock: Clock;
  readonly log?: Logger | undefined;
  readonly myNodeID: NodeID;
  readonly validators: ValidatorManager;
  /** Charges nodes for the time that their messages take, and tells what they have cost. */
  readonly resourceTracker: ResourceTracker & { readonly cpuTracker: Pick<Tracker, "usage"> };
  readonly engine: Engine;
  /** Is told of messages that expired; shared with the router. */
  readonly tally?: MessageTally | undefined;
}

/** Where a handler stands. */
export type ChainState = "running" | "stopping" | "stopped";

export class ChainHandler {
  readonly context: ChainContext;
  readonly allower: Allower;
  readonly counts = new ChainMessageCounts();
  readonly sync: MessageQueue;
  readonly async: MessageQueue;

  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #myNodeID: NodeID;
  readonly #validators: ValidatorManager;
  readonly #tracker: ResourceTracker;
  readonly #engine: Engine;
  readonly #tally: MessageTally | undefined;
  readonly #appConcurrency: number;
  readonly #shutdownTimeoutMs: number;
  readonly #internal = new Deque<InboundMessage>();
  /** Messages that a promise is waited for, by when they were begun: milliseconds of `Clock.monotonic`. */
  readonly #running = new Map<InboundMessage, number>();
  readonly #gossipTimer: Timer | undefined;
  readonly #whenStopping: (() => void)[] = [];
  readonly #idle = Promise.withResolvers<void>();
  #syncBusy = false;
  #asyncDraining = false;
  #asyncRunning = 0;
  #state: ChainState = "running";
  #stopping: Promise<void> | undefined;
  #failure: string | undefined;

  constructor(modules: ChainHandlerModules, context: ChainContext, options: ChainHandlerOptions = {}) {
    const { clock, engine, log = noLog, myNodeID, resourceTracker, validators } = modules;
    this.context = context;
    this.allower = options.allower ?? allowAll;
    this.#clock = clock;
    this.#log = log;
    this.#myNodeID = myNodeID;
    this.#validators = validators;
    this.#tracker = resourceTracker;
    this.#engine = engine;
    this.#tally = modules.tally;
    this.#appConcurrency = Math.max(1, options.appConcurrency ?? DEFAULT_APP_CONCURRENCY);
    this.#shutdownTimeoutMs = options.shutdownTimeoutMs ?? DEFAULT_SHUTDOWN_TIMEOUT_MS;
    const { cpuTracker } = resourceTracker;
    const queue = () => new MessageQueue({ clock, validators, cpuTracker, subnetID: context.subnetID });
    this.sync = queue();
    this.async = queue();
    const { gossipFrequencyMs = 0 } = options;
    if (gossipFrequencyMs > 0) {
      this.#gossipTimer = clock.setInterval(
        () => this.#pushInternal(internalGossipRequest(myNodeID)),
        gossipFrequencyMs,
      );
    }
  }

  get state(): ChainState {
    return this.#state;
  }

  /** What the engine threw, where that stopped the chain. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Messages that wait. */
  get length(): number {
    return this.sync.length + this.async.length + this.#internal.length;
  }

  /** Messages that are being handled, by a promise. */
  get running(): number {
    return this.#running.size;
  }

  /** Whether the engine takes nothing from peers at the moment. */
  get executing(): boolean {
    return this.#engine.executing === true;
  }

  /** Whether a node's messages are taken. */
  shouldHandle(nodeID: NodeID): boolean {
    if (this.allower === allowAll) return true;
    return this.allower(nodeID, this.#validators.getValidator(this.context.subnetID, nodeID) !== undefined);
  }

  /** Has a function called when the chain begins to stop, whatever the reason: nothing should be pushed from then on. */
  onStopping(listener: () => void): void {
    this.#whenStopping.push(listener);
  }

  /** Takes a message, and releases it when it was handled, has expired, or the chain stops. Never throws. */
  push(message: InboundMessage): void {
    switch (message.op) {
      case Op.AppGossip:
      case Op.AppRequest:
      case Op.AppResponse:
      case Op.AppError:
        this.async.push(message);
        this.#drainAsync();
        break;
      default:
        this.sync.push(message);
        this.#drainSync();
    }
  }

  /** The virtual machine has something to say to its engine. */
  notify(notification: number): void {
    this.#pushInternal(internalNotify(this.#myNodeID, notification));
  }

  /**
   * Ends the chain: what waits is released, what is being handled is waited for, and the engine is told.
   *
   * Calling it twice is harmless.
   *
   * @returns Resolves when the engine has stopped, or has had its time.
   */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  /** What the engine says of itself; an error where it has failed. */
  healthCheck(): HealthFinding {
    const failure = this.#failure === undefined ? undefined : `the chain has stopped: ${this.#failure}`;
    const finding = this.#state === "running" ? this.#engineHealth() : undefined;
    return { details: { engine: finding?.details ?? null, state: this.#state }, error: failure ?? finding?.error };
  }

  #engineHealth(): HealthFinding | undefined {
    try {
      return this.#engine.healthCheck?.();
    } catch (error) {
      return { details: {}, error: errorMessage(error) };
    }
  }

  #pushInternal(message: InboundMessage): void {
    if (this.#state !== "running") return;
    this.#internal.pushRight(message);
    this.#drainSync();
  }

  /** One at a time, until nothing waits or a promise has to be waited for. */
  #drainSync(): void {
    if (this.#syncBusy) return;
    this.#syncBusy = true;
    for (;;) {
      const message = this.#internal.popLeft() ?? this.#popUnexpired(this.sync);
      if (message === undefined) break;
      const handled = this.#begin(message);
      if (handled !== undefined) {
        handled.then(() => {
          this.#syncBusy = false;
          this.#drainSync();
        });
        return;
      }
    }
    this.#syncBusy = false;
    this.#tellIdle();
  }

  /** Some at a time. */
  #drainAsync(): void {
    // A message that the engine sends while it handles one waits until that one is done with.
    if (this.#asyncDraining) return;
    this.#asyncDraining = true;
    while (this.#asyncRunning < this.#appConcurrency) {
      const message = this.#popUnexpired(this.async);
      if (message === undefined) break;
      const handled = this.#begin(message);
      if (handled === undefined) continue;
      this.#asyncRunning++;
      handled.then(() => {
        this.#asyncRunning--;
        this.#drainAsync();
      });
    }
    this.#asyncDraining = false;
    this.#tellIdle();
  }

  #popUnexpired(queue: MessageQueue): InboundMessage | undefined {
    for (let message = queue.pop(); message !== undefined; message = queue.pop()) {
      if (message.expiration === Number.POSITIVE_INFINITY || this.#clock.monotonic() <= message.expiration)
        return message;
      this.counts.expired.add(message.op);
      if (this.#tally !== undefined) this.#tally.dropped++;
      this.#debug("dropping message", message, { reason: "timeout" });
      message.onFinishedHandling();
    }
    return undefined;
  }

  /**
   * Hands a message to the engine.
   *
   * @returns What to wait for; it never rejects.
   */
  #begin(message: InboundMessage): Promise<void> | undefined {
    const startedAt = this.#clock.monotonic();
    if (isCharged(message)) this.#tracker.startProcessing(message.nodeID, startedAt);
    let handled: Promise<void> | undefined;
    try {
      const result = dispatch(this.#engine, message, this.#clock, this.#onInvalidField);
      if (result === UNHANDLED) this.counts.unhandled.add(message.op);
      else handled = result as Promise<void> | undefined;
    } catch (error) {
      this.#finish(message, startedAt);
      this.#fail(message, error);
      return undefined;
    }
    if (handled === undefined) {
      this.#finish(message, startedAt);
      return undefined;
    }
    this.#running.set(message, startedAt);
    return this.#await(message, handled);
  }

  async #await(message: InboundMessage, handled: Promise<void>): Promise<void> {
    try {
      await handled;
      this.#finishRunning(message);
    } catch (error) {
      this.#finishRunning(message);
      this.#fail(message, error);
    }
  }

  /** A message that was given up on is finished already. */
  #finishRunning(message: InboundMessage): void {
    const startedAt = this.#running.get(message);
    if (startedAt === undefined) return;
    this.#running.delete(message);
    this.#finish(message, startedAt);
  }

  #finish(message: InboundMessage, startedAt: number): void {
    const endedAt = this.#clock.monotonic();
    if (isCharged(message)) this.#tracker.stopProcessing(message.nodeID, endedAt);
    this.counts.messages.add(message.op);
    this.counts.handlingTimeMs.add(message.op, endedAt - startedAt);
    if (endedAt - startedAt > PROCESSING_TIME_WARN_LIMIT_MS) {
      this.#log.warn("handling message took longer than expected", {
        handlingTimeMs: endedAt - startedAt,
        nodeID: message.nodeID,
        messageOp: opName(message.op),
      });
    }
    message.onFinishedHandling();
  }

  readonly #onInvalidField = (message: InboundMessage, field: string): void => {
    this.#debug("message with invalid field", message, { field });
  };

  #fail({ nodeID, op }: InboundMessage, error: unknown): void {
    // What the engine throws once it was told to stop is no news.
    if (this.#state !== "running") return;
    this.#failure = `${errorMessage(error)} while processing message: ${opName(op)} from ${nodeID}`;
    this.#log.error("shutting down chain", {
      reason: "received an unexpected error",
      chain: this.context.alias,
      error: errorMessage(error),
      messageOp: opName(op),
      nodeID,
    });
    void this.stop();
  }

  async #stop(): Promise<void> {
    this.#state = "stopping";
    this.#gossipTimer?.cancel();
    for (const listener of this.#whenStopping) listener();
    this.sync.close();
    this.async.close();
    while (this.#internal.popLeft() !== undefined);
    const inTime = await this.#inTime(this.#end());
    if (!inTime) this.#log.warn("timed out while shutting down", { chain: this.context.alias });
    for (const message of [...this.#running.keys()]) this.#finishRunning(message);
    this.#state = "stopped";
  }

  /** Waits for what is being handled, and ends the engine. */
  async #end(): Promise<void> {
    this.#tellIdle();
    await this.#idle.promise;
    try {
      await this.#engine.shutdown?.();
    } catch (error) {
      this.#log.error("failed while shutting down the chain", {
        chain: this.context.alias,
        error: errorMessage(error),
      });
    }
  }

  async #inTime(work: Promise<void>): Promise<boolean> {
    const { promise: late, resolve } = Promise.withResolvers<boolean>();
    using _timer = this.#clock.setTimeout(() => resolve(false), this.#shutdownTimeoutMs);
    return await Promise.race([work.then(() => true), late]);
  }

  #tellIdle(): void {
    if (this.#state === "stopping" && !this.#syncBusy && !this.#asyncDraining && this.#asyncRunning === 0) {
      this.#idle.resolve();
    }
  }

  #debug(text: string, { nodeID, op }: InboundMessage, fields: Readonly<Record<string, unknown>>): void {
    if (!this.#log.enabled("debug")) return;
    this.#log.debug(text, { chain: this.context.alias, nodeID, messageOp: opName(op), ...fields });
  }
}

/** What a node tells its chain costs no peer anything. */
function isCharged({ op }: InboundMessage): boolean {
  return op !== Op.Notify && op !== Op.GossipRequest;
}
