/**
 * Brings messages to the chains that they are for, and sees that every request ends (upstream
 * `snow/networking/router/chain_router.go`).
 *
 * A message is pushed to its chain's handler, or dropped with a reason that is counted, and either of them releases it.
 * A request that was registered ends in exactly one outcome: its answer, an error that the peer sent, or a failure when
 * its deadline passes. An answer that nobody asked for, or of another kind than was asked for, is dropped.
 *
 * A request that cannot be answered in time for its caller (its node is benched, or not there) fails at once for the
 * chain; what comes of it all the same still tells of the network.
 *
 * @module
 */

import type { Clock } from "../../../core/clock.ts";
import { type ID, idToBytes } from "../../../core/ids/id.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import { type Logger, noLog } from "../../../core/log.ts";
import type { Application } from "../../../core/version/application.ts";
import { chainIDBytes, requestID as requestIDOf } from "../../message/fields.ts";
import type { EngineType } from "../../message/gen/p2p_pb.ts";
import type { InboundMessage } from "../../message/inbound.ts";
import { ALL_OPS, Op, opName, UNREQUESTED_OPS } from "../../message/ops.ts";
import type { HealthFinding } from "../../network/health.ts";
import type { NetworkHandler } from "../../network/network.ts";
import type { Benchable } from "../benchlist/benchlist.ts";
import { RoutingError } from "../errors.ts";
import type { ChainHandler } from "../handler/handler.ts";
import { DropRate, type MessageTally } from "../tally.ts";
import type { TimeoutManager } from "../timeout/timeout_manager.ts";
import { ChainTable } from "./chain_table.ts";
import { Connections, type ConnectionsOptions } from "./connections.ts";
import { failureMessage } from "./failures.ts";
import { DEFAULT_ROUTER_HEALTH_OPTIONS, judgeRouterHealth, type RouterHealthOptions } from "./health.ts";
import { OutstandingRequest, OutstandingRequests, type RequestFields, type RoutedChain } from "./requests.ts";

/** Why a message went to no chain. */
export const DROP_REASONS = [
  // The router is shutting down.
  "closing",
  // It names no chain: the field is not 32 bytes, or there is none.
  "invalid-chain",
  // It names a chain that does not run here.
  "unknown-chain",
  // The chain does not take this node's messages.
  "not-allowed",
  // The chain is busy.
  "executing",
  // It is neither a request nor an answer.
  "no-request",
  // Nobody waits for this answer from this node.
  "unrequested",
  // The chain was told before that the request has failed.
  "late",
] as const;

export type DropReason = (typeof DROP_REASONS)[number];

/** What a router needs. */
export interface RouterModules {
  readonly clock: Clock;
  readonly log?: Logger | undefined;
  readonly timeouts: TimeoutManager;
  /** Shared with the handlers. */
  readonly tally: MessageTally;
}

/** How a router behaves. */
export interface RouterOptions extends ConnectionsOptions {
  readonly health?: RouterHealthOptions;
}

/** Which request it is. */
export interface RequestName extends Omit<RequestFields, "chain" | "measureLatency" | "engineType"> {
  readonly chainID: ID;
  readonly engineType: EngineType;
}

/** Whether peers send an operation without having been asked, by its number. */
const UNREQUESTED: readonly boolean[] = ALL_OPS.map((op) => UNREQUESTED_OPS.has(op));

export class Router implements NetworkHandler, Benchable, AsyncDisposable {
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #timeouts: TimeoutManager;
  readonly #tally: MessageTally;
  readonly #myNodeID: NodeID;
  readonly #health: Required<RouterHealthOptions>;
  readonly #dropRate: DropRate;
  readonly #chains = new ChainTable<RoutedChain>();
  readonly #chainsByID = new Map<ID, RoutedChain>();
  readonly #connections: Connections;
  readonly #requests = new OutstandingRequests();
  readonly #dropped: Record<DropReason, number>;
  #deferred: (() => void)[] = [];
  #closing = false;

  constructor(modules: RouterModules, options: RouterOptions) {
    this.#clock = modules.clock;
    this.#log = modules.log ?? noLog;
    this.#timeouts = modules.timeouts;
    this.#tally = modules.tally;
    this.#myNodeID = options.myNodeID;
    this.#health = { ...DEFAULT_ROUTER_HEALTH_OPTIONS, ...options.health };
    this.#dropRate = new DropRate(modules.tally, this.#health.maxDropRateHalflifeMs, this.#clock.monotonic());
    this.#connections = new Connections(() => this.handlers(), options);
    this.#dropped = Object.fromEntries(DROP_REASONS.map((reason) => [reason, 0])) as Record<DropReason, number>;
  }

  /** How many messages were dropped, by reason. */
  get dropped(): Readonly<Record<DropReason, number>> {
    return this.#dropped;
  }

  get outstandingRequests(): number {
    return this.#requests.size;
  }

  /** How long the oldest request has been under way, milliseconds. */
  get longestRunningMs(): number {
    const { oldest } = this.#requests;
    return oldest === undefined ? 0 : this.#clock.monotonic() - oldest.registeredAt;
  }

  /** The handlers of the chains that run. */
  *handlers(): Generator<ChainHandler, void, undefined> {
    for (const { handler } of this.#chainsByID.values()) yield handler;
  }

  /** The handler of a chain, or `undefined` where it does not run here. */
  handler(chainID: ID): ChainHandler | undefined {
    return this.#chainsByID.get(chainID)?.handler;
  }

  /** The chains that a node is benched on. */
  benchedOn(nodeID: NodeID): readonly ID[] {
    return this.#connections.benchedOn(nodeID);
  }

  // -------------------------------------------------------------------------------------------------------- chains

  /**
   * Routes a chain's messages to it from now on, and tells it who is there, which its engine may fail at.
   *
   * @param onAdded Called once it is certain that the chain runs, before it hears anything.
   * @throws {RoutingError} `duplicate-chain`, or `closing`.
   */
  addChain(handler: ChainHandler, onAdded: () => void = () => {}): void {
    const { chainID } = handler.context;
    if (this.#closing) throw new RoutingError({ code: "closing" }, "The router is shutting down");
    if (this.#chainsByID.has(chainID)) {
      throw new RoutingError({ code: "duplicate-chain", chainID }, `The chain ${chainID} runs already`);
    }
    const chain: RoutedChain = { handler, chainID: idToBytes(chainID), requests: new Map() };
    this.#log.debug("registering chain with chain router", { chainID });
    this.#timeouts.registerChain(handler.context);
    this.#chainsByID.set(chainID, chain);
    this.#chains.add(chain.chainID, chain);
    handler.onStopping(() => this.#forget(chain));
    onAdded();
    this.#connections.introduce(handler);
  }

  /** Stops a chain. Harmless where it does not run. Resolves when it has stopped. */
  async removeChain(chainID: ID): Promise<void> {
    await this.#chainsByID.get(chainID)?.handler.stop();
  }

  /** What a chain has asked for has no outcome any more once the chain is gone. */
  #forget(chain: RoutedChain): void {
    const { chainID } = chain.handler.context;
    if (this.#chainsByID.get(chainID) !== chain) return;
    this.#chainsByID.delete(chainID);
    this.#chains.delete(chain.chainID);
    for (const ofNode of [...chain.requests.values()]) {
      for (const request of [...ofNode.values()]) {
        this.#requests.delete(request);
        this.#timeouts.forgetRequest(request);
      }
    }
    this.#timeouts.unregisterChain(chainID);
  }

  // ------------------------------------------------------------------------------------------------------ requests

  /**
   * Notes that an answer is waited for from now on.
   *
   * @returns `undefined` where the chain does not run here (any more): there is nobody to tell of the outcome.
   */
  registerRequest({ chainID, engineType, nodeID, op, requestID }: RequestName): OutstandingRequest | undefined {
    const chain = this.#closing ? undefined : this.#chainsByID.get(chainID);
    if (chain === undefined) {
      this.#log.debug("dropping request", { nodeID, chainID, requestID, messageOp: opName(op) });
      return undefined;
    }
    // Asked again under the same number: both wait for one outcome.
    const before = this.#requests.find(chain, nodeID, op, requestID);
    if (before !== undefined) {
      this.#requests.delete(before);
      this.#timeouts.removeRequest(before);
    }
    // What goes to ourselves says nothing of the network. And whom we ask for a block may have made us ask.
    const measureLatency = nodeID !== this.#myNodeID && op !== Op.Put;
    const request = new OutstandingRequest(
      { chain, nodeID, requestID, op, engineType, measureLatency },
      this.#timeouts.benchlists,
      this.#onDeadline,
    );
    this.#timeouts.registerRequest(request);
    this.#requests.add(request);
    return request;
  }

  /**
   * Tells the chain, after the call that sends it has returned, that a request has failed. It stays outstanding until
   * its answer comes or its deadline passes.
   */
  failEarly(request: OutstandingRequest): void {
    this.#defer(() => {
      if (request.handled || !this.#isOutstanding(request)) return;
      request.handled = true;
      request.chain.handler.push(failureMessage(request));
    });
  }

  readonly #onDeadline = (request: OutstandingRequest): void => {
    this.#requests.delete(request);
    if (request.handled) return;
    request.handled = true;
    request.chain.handler.push(failureMessage(request));
  };

  #isOutstanding(request: OutstandingRequest): boolean {
    const { chain, nodeID, op, requestID } = request;
    return this.#requests.find(chain, nodeID, op, requestID) === request;
  }

  // ------------------------------------------------------------------------------------------------------ messages

  /** Takes a message of a peer. */
  handleInbound(message: InboundMessage): void {
    this.#route(message, false);
  }

  /** Takes a message that the node sends to itself, after the call that sends it has returned. */
  handleInternal(message: InboundMessage): void {
    this.#defer(() => this.#route(message, true));
  }

  connected(nodeID: NodeID, version: Application, subnetID: ID): void {
    if (!this.#closing) this.#connections.connected(nodeID, version, subnetID);
  }

  disconnected(nodeID: NodeID): void {
    if (!this.#closing) this.#connections.disconnected(nodeID);
  }

  benched(chainID: ID, nodeID: NodeID): void {
    if (!this.#closing) this.#connections.benched(chainID, nodeID);
  }

  unbenched(chainID: ID, nodeID: NodeID): void {
    if (!this.#closing) this.#connections.unbenched(chainID, nodeID);
  }

  healthCheck(): HealthFinding {
    return judgeRouterHealth(
      {
        outstandingRequests: this.#requests.size,
        longestRunningMs: this.longestRunningMs,
        dropRate: this.#dropRate.read(this.#clock.monotonic()),
      },
      this.#health,
    );
  }

  /** Stops all chains. What comes in from now on is released; no request has an outcome any more. */
  async close(): Promise<void> {
    this.#closing = true;
    await Promise.all([...this.handlers()].map((handler) => handler.stop()));
    this.#timeouts[Symbol.dispose]();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  /** @param internal Whether the node sent it to itself. */
  #route(message: InboundMessage, internal: boolean): void {
    const chainID = chainIDBytes(message);
    const chain = chainID === undefined ? undefined : this.#chains.get(chainID);
    if (chain === undefined || this.#closing) {
      this.#drop(message, this.#closing ? "closing" : chainID?.length === 32 ? "unknown-chain" : "invalid-chain");
      return;
    }
    const { handler } = chain;
    if (!internal && !handler.shouldHandle(message.nodeID)) {
      this.#drop(message, "not-allowed");
      return;
    }
    this.#tally.routed++;
    if (UNREQUESTED[message.op] === true) {
      if (handler.executing) this.#dropBusy(message);
      else handler.push(message);
    } else {
      this.#routeAnswer(message, chain);
    }
  }

  /** Answers, and errors that a peer sent in place of one. */
  #routeAnswer(message: InboundMessage, chain: RoutedChain): void {
    const requestID = requestIDOf(message);
    if (requestID === undefined) {
      this.#drop(message, "no-request");
      return;
    }
    const isError = message.op === Op.AppError;
    if (!isError && chain.handler.executing) {
      this.#dropBusy(message);
      return;
    }
    const request = this.#requests.find(chain, message.nodeID, isError ? Op.AppResponse : message.op, requestID);
    if (request === undefined) {
      this.#drop(message, "unrequested");
      return;
    }
    this.#requests.delete(request);
    if (isError) this.#timeouts.removeRequest(request);
    else this.#timeouts.registerResponse(request, this.#clock.monotonic() - request.registeredAt);

    if (request.handled) {
      this.#drop(message, "late");
      return;
    }
    request.handled = true;
    chain.handler.push(message);
  }

  #dropBusy(message: InboundMessage): void {
    this.#tally.dropped++;
    this.#drop(message, "executing");
  }

  #drop(message: InboundMessage, reason: DropReason): void {
    this.#dropped[reason]++;
    if (this.#log.enabled("debug")) {
      this.#log.debug("dropping message", { nodeID: message.nodeID, messageOp: opName(message.op), reason });
    }
    message.onFinishedHandling();
  }

  /** Runs work when the current one has returned, all that is asked for meanwhile in one go. */
  #defer(work: () => void): void {
    this.#deferred.push(work);
    if (this.#deferred.length > 1) return;
    queueMicrotask(() => {
      const deferred = this.#deferred;
      this.#deferred = [];
      for (const run of deferred) run();
    });
  }
}
