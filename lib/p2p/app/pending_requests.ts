/**
 * Requests of an app's clients that have no outcome yet. Each gets one, whatever happens.
 *
 * @module
 */

import type { NodeID } from "../../core/ids/node_id.ts";
import type { AppError } from "../routing/app_error.ts";
import { AppProtocolError } from "./app_errors.ts";

/** How a request ended. */
export type AppOutcome =
  /** The answer; to be copied where it is kept. */
  | { readonly response: Uint8Array; readonly error?: undefined }
  /** The peer refused, could not be reached, or did not answer in time; or the app has stopped. */
  | { readonly response?: undefined; readonly error: AppError | AppProtocolError };

/** Is told how a request ended: once, and never before the asking has returned. */
export type AppResponseCallback = (nodeID: NodeID, outcome: AppOutcome) => void | Promise<void>;

/** A request under way. */
export interface PendingRequest {
  readonly handlerID: number;
  readonly nodeID: NodeID;
  readonly callback: AppResponseCallback;
}

const UINT32 = 2 ** 32;

export class PendingRequests {
  readonly #requests = new Map<number, PendingRequest>();
  #closed = false;
  // Upstream's app protocol has the odd numbers, and leaves the even ones to what else a chain asks.
  #nextID = 1;

  get size(): number {
    return this.#requests.size;
  }

  /**
   * Gives a request its number.
   *
   * @throws {AppProtocolError} `closed`.
   */
  add(request: PendingRequest): number {
    if (this.#closed) throw closed();
    while (this.#requests.has(this.#nextID)) this.#nextID = (this.#nextID + 2) % UINT32;
    const requestID = this.#nextID;
    this.#requests.set(requestID, request);
    this.#nextID = (this.#nextID + 2) % UINT32;
    return requestID;
  }

  /** Takes a request out whose outcome is there. */
  take(requestID: number, nodeID: NodeID): PendingRequest | undefined {
    const request = this.#requests.get(requestID);
    if (request?.nodeID !== nodeID) return undefined;
    this.#requests.delete(requestID);
    return request;
  }

  /**
   * Ends all: nobody will answer any more.
   *
   * @throws {AggregateError} What the callbacks threw, after the last of them.
   */
  async close(): Promise<void> {
    this.#closed = true;
    const requests = [...this.#requests.values()];
    this.#requests.clear();
    const ended = requests.map(async ({ callback, nodeID }) => await callback(nodeID, { error: closed() }));
    const errors = (await Promise.allSettled(ended)).flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
    if (errors.length > 0) throw new AggregateError(errors, "callbacks failed when the app stopped");
  }
}

function closed(): AppProtocolError {
  return new AppProtocolError({ code: "closed" }, "The app has stopped");
}
