/**
 * The engine of a chain that an app runs on.
 *
 * What an app throws stops its chain and shows in health and log. Its requests end all the same.
 *
 * @module
 */

import { errorMessage } from "../../../core/errors.ts";
import type { NodeID } from "../../../core/ids/node_id.ts";
import type { Application } from "../../../core/version/application.ts";
import type { HealthFinding } from "../../network/health.ts";
import type { AppError } from "../../routing/app_error.ts";
import type { Engine, Handled } from "../../routing/engine/engine.ts";
import { ObservingEngine, type ObservingSender } from "../../routing/engine/observing_engine.ts";
import type { AppNetwork } from "../app_network.ts";
import type { AppParts } from "./app.ts";

/** How an app's engine is connected with the chain that it sits on. */
export interface AppEngineModules {
  readonly sender: ObservingSender;
  readonly protocols: AppNetwork;
}

/** What is not the app's is answered as for any chain that a node does not run. */
export class AppEngine implements Engine {
  readonly #observer: ObservingEngine;
  readonly #protocols: AppNetwork;
  readonly #started = Promise.withResolvers<void>();
  #parts: AppParts | undefined;
  #fault: { readonly error: unknown } | undefined;

  constructor(modules: AppEngineModules) {
    this.#observer = new ObservingEngine(modules.sender);
    this.#protocols = modules.protocols;
    // Nobody may be waiting for it.
    this.#started.promise.catch(() => {});
  }

  /** The app has started: what has come meanwhile goes to it now. */
  begin(parts: AppParts): void {
    this.#parts = parts;
    this.#started.resolve();
  }

  /** The app has not started, and will not; harmless where it has. */
  giveUp(error: unknown): void {
    this.#started.reject(error);
  }

  /** Takes what the app threw outside of a message; it is thrown at the next notification. */
  fault(error: unknown): void {
    this.#fault ??= { error };
  }

  notify(): void {
    if (this.#fault !== undefined) throw this.#fault.error;
  }

  getAcceptedStateSummary(nodeID: NodeID, requestID: number, heights: ReadonlySet<bigint>): void {
    this.#observer.getAcceptedStateSummary(nodeID, requestID, heights);
  }

  getAccepted(nodeID: NodeID, requestID: number): void {
    this.#observer.getAccepted(nodeID, requestID);
  }

  connected(nodeID: NodeID, version: Application): Handled {
    this.#protocols.connected(nodeID);
    return this.#whenStarted((parts) => parts.connected?.(nodeID, version));
  }

  disconnected(nodeID: NodeID): Handled {
    this.#protocols.disconnected(nodeID);
    return this.#whenStarted((parts) => parts.disconnected?.(nodeID));
  }

  appRequest(nodeID: NodeID, requestID: number, deadlineMs: number, request: Uint8Array): Handled {
    return this.#whenStarted((parts) =>
      parts.appRequest === undefined
        ? this.#protocols.appRequest(nodeID, requestID, deadlineMs, request)
        : parts.appRequest(nodeID, requestID, deadlineMs, request),
    );
  }

  appResponse(nodeID: NodeID, requestID: number, response: Uint8Array): Handled {
    return this.#whenStarted((parts) =>
      parts.appResponse === undefined
        ? this.#protocols.appResponse(nodeID, requestID, response)
        : parts.appResponse(nodeID, requestID, response),
    );
  }

  appRequestFailed(nodeID: NodeID, requestID: number, error: AppError): Handled {
    return this.#whenStarted((parts) =>
      parts.appRequestFailed === undefined
        ? this.#protocols.appRequestFailed(nodeID, requestID, error)
        : parts.appRequestFailed(nodeID, requestID, error),
    );
  }

  appGossip(nodeID: NodeID, gossip: Uint8Array): Handled {
    return this.#whenStarted((parts) =>
      parts.appGossip === undefined ? this.#protocols.appGossip(nodeID, gossip) : parts.appGossip(nodeID, gossip),
    );
  }

  async shutdown(): Promise<void> {
    await this.#parts?.stop?.();
  }

  healthCheck(): HealthFinding {
    try {
      return { details: this.#parts?.health?.() ?? {}, error: undefined };
    } catch (error) {
      return { details: {}, error: errorMessage(error) };
    }
  }

  #whenStarted(work: (parts: AppParts) => Handled): Handled {
    const parts = this.#parts;
    if (parts !== undefined) return work(parts);
    return this.#started.promise.then(() => work(this.#parts ?? {}));
  }
}
