/**
 * Upstream's app protocol on one chain: several protocols side by side, each under its handler ID (upstream
 * `network/p2p/network.go` and `router.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import { errorMessage } from "../../core/errors.ts";
import type { ID } from "../../core/ids/id.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { type Logger, noLog } from "../../core/log.ts";
import type { Random } from "../../core/random.ts";
import type { ValidatorManager } from "../../core/validators/manager.ts";
import { Op, opName } from "../message/ops.ts";
import { APP_ERROR_UNREGISTERED_HANDLER, AppError } from "../routing/app_error.ts";
import type { AppHandler, Handled } from "../routing/engine/engine.ts";
import { APP_ERROR_UNEXPECTED, AppProtocolError } from "./app_errors.ts";
import type { AppSender } from "./app_sender.ts";
import { AppClient } from "./client.ts";
import type { ProtocolHandler } from "./handler.ts";
import { handlerPrefix, parseMessage } from "./handler_id.ts";
import type { ChainAppMetrics } from "./metrics.ts";
import { ConnectedPeers, ConnectedValidators, type NodeSampler } from "./peers.ts";
import { type AppOutcome, PendingRequests } from "./pending_requests.ts";

/** What the protocols of a chain need. */
export interface AppNetworkModules {
  readonly clock: Clock;
  readonly random: Random;
  readonly log?: Logger | undefined;
  readonly sender: AppSender;
  readonly validators: ValidatorManager;
  /** Where the chain's protocols are shown; nowhere without it. */
  readonly metrics?: ChainAppMetrics | undefined;
}

/** Whose protocols they are. */
export interface AppNetworkOptions {
  readonly myNodeID: NodeID;
  /** Whose validators are meant by "validator". */
  readonly subnetID: ID;
}

/**
 * Takes a chain's app messages: it is the app part of an engine, and what apps register their protocols at.
 *
 *
 * @example
 * ```ts
 * import type { App } from "avx";
 *
 * export default {
 *   name: "listener",
 *   start({ avx, log, protocols }) {
 *     protocols.addHandler(avx.HandlerID.TxGossip, {
 *       appGossip: (nodeID, gossip) => log.info("heard", { nodeID, bytes: gossip.length }),
 *     });
 *     const client = protocols.newClient(avx.HandlerID.SignatureRequest);
 *   },
 * } satisfies App;
 * ```
 */
export class AppNetwork implements AppHandler {
  readonly peers: ConnectedPeers;
  readonly validators: ConnectedValidators;
  readonly metrics: ChainAppMetrics | undefined;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #sender: AppSender;
  readonly #handlers = new Map<number, ProtocolHandler>();
  readonly #pending = new PendingRequests();

  constructor(modules: AppNetworkModules, options: AppNetworkOptions) {
    this.#clock = modules.clock;
    this.#log = modules.log ?? noLog;
    this.#sender = modules.sender;
    this.metrics = modules.metrics;
    this.peers = new ConnectedPeers(modules.random, options.myNodeID);
    this.validators = new ConnectedValidators({ peers: this.peers, validators: modules.validators }, options.subnetID);
  }

  /** Requests of the clients that have no outcome yet. */
  get pendingRequests(): number {
    return this.#pending.size;
  }

  /**
   * Has a handler answer for a protocol.
   *
   * @throws {AppProtocolError} `duplicate-handler`, `invalid-handler-id`.
   */
  addHandler(handlerID: number, handler: ProtocolHandler): void {
    handlerPrefix(handlerID);
    if (this.#handlers.has(handlerID)) {
      throw new AppProtocolError(
        { code: "duplicate-handler", handlerID },
        `The app protocol ${handlerID} has a handler already`,
      );
    }
    this.#handlers.set(handlerID, handler);
  }

  /**
   * Makes a client of a protocol; no handler is needed for it here.
   *
   * @param sampler Draws whom its `requestAny` asks; any connected peer by default.
   * @throws {AppProtocolError} `invalid-handler-id`.
   */
  newClient(handlerID: number, sampler: NodeSampler = this.peers): AppClient {
    return new AppClient({ sender: this.#sender, pending: this.#pending, sampler }, handlerID);
  }

  connected(nodeID: NodeID): void {
    this.peers.connected(nodeID);
  }

  disconnected(nodeID: NodeID): void {
    this.peers.disconnected(nodeID);
  }

  /** What names no handler is answered all the same, so that nobody waits. */
  appRequest(nodeID: NodeID, requestID: number, deadlineMs: number, request: Uint8Array): Handled {
    const startedAt = this.#clock.monotonic();
    const parsed = parseMessage(request);
    const handler = parsed === undefined ? undefined : this.#handlers.get(parsed.handlerID);
    if (parsed === undefined || handler === undefined) {
      this.#unregistered(Op.AppRequest, nodeID);
      const { code, message } = APP_ERROR_UNREGISTERED_HANDLER;
      this.#sender.sendAppError(nodeID, requestID, code, message);
      return undefined;
    }
    const { handlerID, message } = parsed;
    let answer: Uint8Array | Promise<Uint8Array> | undefined;
    try {
      answer = handler.appRequest?.(nodeID, message, deadlineMs);
    } catch (error) {
      this.#refuse(nodeID, requestID, handlerID, error);
      this.#tell(Op.AppRequest, handlerID, startedAt);
      return undefined;
    }
    if (!(answer instanceof Promise)) {
      this.#sender.sendAppResponse(nodeID, requestID, answer ?? new Uint8Array());
      this.#tell(Op.AppRequest, handlerID, startedAt);
      return undefined;
    }
    return answer
      .then(
        (response) => this.#sender.sendAppResponse(nodeID, requestID, response),
        (error) => this.#refuse(nodeID, requestID, handlerID, error),
      )
      .then(() => this.#tell(Op.AppRequest, handlerID, startedAt));
  }

  appResponse(nodeID: NodeID, requestID: number, response: Uint8Array): Handled {
    return this.#settle(Op.AppResponse, nodeID, requestID, { response });
  }

  appRequestFailed(nodeID: NodeID, requestID: number, error: AppError): Handled {
    return this.#settle(Op.AppError, nodeID, requestID, { error });
  }

  appGossip(nodeID: NodeID, gossip: Uint8Array): Handled {
    const startedAt = this.#clock.monotonic();
    const parsed = parseMessage(gossip);
    const handler = parsed === undefined ? undefined : this.#handlers.get(parsed.handlerID);
    if (parsed === undefined || handler === undefined) {
      this.#unregistered(Op.AppGossip, nodeID);
      return undefined;
    }
    const { handlerID, message } = parsed;
    let handled: Handled;
    try {
      handled = handler.appGossip?.(nodeID, message);
    } catch (error) {
      handled = this.#dropGossip(nodeID, handlerID, error);
    }
    if (!(handled instanceof Promise)) {
      this.#tell(Op.AppGossip, handlerID, startedAt);
      return undefined;
    }
    return handled
      .catch((error) => this.#dropGossip(nodeID, handlerID, error))
      .then(() => this.#tell(Op.AppGossip, handlerID, startedAt));
  }

  /** Ends all requests: their callers hear that the app has stopped. */
  close(): Promise<void> {
    return this.#pending.close();
  }

  /** Answers in any case; what the handler did not mean to throw goes on to stop the app. */
  #refuse(nodeID: NodeID, requestID: number, handlerID: number, error: unknown): void {
    this.#log.debug("failed to handle message", {
      messageOp: opName(Op.AppRequest),
      nodeID,
      requestID,
      handlerID,
      error: errorMessage(error),
    });
    const isMeant = error instanceof AppError;
    const { code, message } = isMeant ? error : APP_ERROR_UNEXPECTED;
    this.#sender.sendAppError(nodeID, requestID, code, message);
    if (!isMeant) throw error;
  }

  /** Gossip that a handler refuses is the peer's fault, and dropped. */
  #dropGossip(nodeID: NodeID, handlerID: number, error: unknown): void {
    if (!(error instanceof AppError)) throw error;
    const reason = error.message;
    this.#log.debug("dropping message", { messageOp: opName(Op.AppGossip), nodeID, handlerID, reason });
  }

  /** An outcome of a request that no client has made: an app may send its own beside theirs. */
  #settle(op: Op, nodeID: NodeID, requestID: number, outcome: AppOutcome): Handled {
    const startedAt = this.#clock.monotonic();
    const request = this.#pending.take(requestID, nodeID);
    if (request === undefined) {
      this.#log.debug("dropping message", { messageOp: opName(op), nodeID, requestID, reason: "unrequested" });
      return undefined;
    }
    const handled = request.callback(nodeID, outcome);
    if (!(handled instanceof Promise)) {
      this.#tell(op, request.handlerID, startedAt);
      return undefined;
    }
    return handled.then(() => this.#tell(op, request.handlerID, startedAt));
  }

  #unregistered(op: Op, nodeID: NodeID): void {
    this.#log.debug("received message for unregistered handler", { messageOp: opName(op), nodeID });
  }

  #tell(op: Op, handlerID: number, startedAt: number): void {
    this.metrics?.observe(opName(op), handlerID, this.#clock.monotonic() - startedAt);
  }
}
