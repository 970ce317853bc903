/**
 * The asking side of one app protocol (upstream `network/p2p/client.go`).
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { SendConfig } from "../network/peer_set.ts";
import { AppProtocolError } from "./app_errors.ts";
import type { AppSender } from "./app_sender.ts";
import { handlerPrefix, prefixMessage } from "./handler_id.ts";
import type { NodeSampler } from "./peers.ts";
import type { AppResponseCallback, PendingRequests } from "./pending_requests.ts";

/** What a client needs. */
export interface AppClientModules {
  readonly sender: AppSender;
  readonly pending: PendingRequests;
  /** Draws whom {@link AppClient.requestAny} asks. */
  readonly sampler: NodeSampler;
}

/**
 * Asks and tells the peers' handlers of one ID. Every request ends once: with an answer, with the peer's error, with
 * "timed out", or because the app has stopped.
 *
 *
 * @example
 * ```ts
 * import type { App } from "avx";
 *
 * export default {
 *   name: "client",
 *   start({ log, nodeID, protocols }) {
 *     protocols.addHandler(7, { appRequest: (_nodeID, question) => question });
 *     const client = protocols.newClient(7);
 *     return {
 *       async connected(peer) {
 *         if (peer === nodeID) return;
 *         const answer = await client.request(peer, Uint8Array.of(1, 2, 3)).catch((error) => error);
 *         log.info(`${answer}`);
 *       },
 *     };
 *   },
 * } satisfies App;
 * ```
 */
export class AppClient {
  readonly handlerID: number;
  readonly #modules: AppClientModules;
  readonly #prefix: Uint8Array;

  /** @throws {AppProtocolError} `invalid-handler-id`. */
  constructor(modules: AppClientModules, handlerID: number) {
    this.#modules = modules;
    this.handlerID = handlerID;
    this.#prefix = handlerPrefix(handlerID);
  }

  /**
   * Asks one node.
   *
   * @returns Its answer; to be copied where it is kept.
   * @throws {AppError} What the peer refused with, or `APP_ERROR_TIMEOUT`'s code where no answer came.
   * @throws {AppProtocolError} `closed` where the app has stopped.
   */
  request(nodeID: NodeID, request: Uint8Array): Promise<Uint8Array> {
    const { promise, reject, resolve } = Promise.withResolvers<Uint8Array>();
    try {
      this.appRequest([nodeID], request, (_nodeID, { error, response }) => {
        if (error === undefined) resolve(response);
        else reject(error);
      });
    } catch (error) {
      reject(error);
    }
    return promise;
  }

  /**
   * Asks any node of those that the client draws from.
   *
   * @throws {AppProtocolError} `no-peers`; and as {@link request}.
   */
  async requestAny(request: Uint8Array): Promise<Uint8Array> {
    return await this.request(this.#draw(), request);
  }

  /**
   * Asks nodes, and has a function called with the outcome of each.
   *
   * @throws {AppProtocolError} `closed`.
   */
  appRequest(nodeIDs: Iterable<NodeID>, request: Uint8Array, callback: AppResponseCallback): void {
    const { pending, sender } = this.#modules;
    const message = prefixMessage(this.#prefix, request);
    for (const nodeID of new Set(nodeIDs)) {
      const requestID = pending.add({ handlerID: this.handlerID, nodeID, callback });
      try {
        sender.sendAppRequest([nodeID], requestID, message);
      } catch (error) {
        pending.take(requestID, nodeID);
        throw error;
      }
    }
  }

  /**
   * Asks any node of those that the client draws from, and has a function called with the outcome.
   *
   * @throws {AppProtocolError} `no-peers`, `closed`.
   */
  appRequestAny(request: Uint8Array, callback: AppResponseCallback): void {
    this.appRequest([this.#draw()], request, callback);
  }

  /**
   * Tells nodes something.
   *
   * @returns Those for whom it was queued.
   */
  appGossip(to: SendConfig, gossip: Uint8Array): ReadonlySet<NodeID> {
    return this.#modules.sender.sendAppGossip(to, prefixMessage(this.#prefix, gossip));
  }

  #draw(): NodeID {
    const [nodeID] = this.#modules.sampler.sample(1);
    if (nodeID === undefined) throw new AppProtocolError({ code: "no-peers" }, "There is no peer to ask");
    return nodeID;
  }
}
