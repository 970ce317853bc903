/**
 * How often each node may ask (upstream `network/p2p/throttler.go`).
 *
 * @module
 */

import type { Clock } from "../../core/clock.ts";
import type { NodeID } from "../../core/ids/node_id.ts";
import { AppProtocolError } from "./app_errors.ts";

/** Decides about one message after the other. */
export interface Throttler {
  /** @returns Whether a message of the node should be handled; it counts either way. */
  handle(nodeID: NodeID): boolean;
}

interface Window {
  /** Milliseconds of `Clock.monotonic`. */
  readonly start: number;
  readonly hits: Map<NodeID, number>;
}

/**
 * Lets each node have so many messages in any period: those of the current period, and of the one before the share that
 * is not over yet.
 *
 *
 * @example
 * ```ts
 * const throttler = new SlidingWindowThrottler({ clock: systemClock }, 1_000, 10);
 * throttler.handle(newTLSCert().certificate.nodeID); // true, ten times a second
 * ```
 */
export class SlidingWindowThrottler implements Throttler {
  readonly #clock: Clock;
  readonly #periodMs: number;
  #limit: number;
  #current: Window;
  #previous: Window;

  /**
   * @param periodMs Milliseconds, above 0.
   * @param limit Messages of a node in a period.
   * @throws {AppProtocolError} `invalid-option`.
   */
  constructor({ clock }: { readonly clock: Clock }, periodMs: number, limit: number) {
    if (!(periodMs > 0)) {
      throw new AppProtocolError({ code: "invalid-option", option: "periodMs" }, "period must be positive");
    }
    this.#clock = clock;
    this.#periodMs = periodMs;
    this.#limit = limit;
    const now = clock.monotonic();
    this.#current = { start: now, hits: new Map() };
    this.#previous = { start: now - periodMs, hits: new Map() };
  }

  get limit(): number {
    return this.#limit;
  }

  set limit(limit: number) {
    this.#limit = limit;
  }

  handle(nodeID: NodeID): boolean {
    const now = this.#clock.monotonic();
    const period = this.#periodMs;
    let sinceUpdate = now - this.#current.start;
    if (sinceUpdate >= 2 * period) this.#rotate(now - period);
    if (sinceUpdate >= period) {
      this.#rotate(now);
      sinceUpdate = 0;
    }
    const hits = this.#current.hits.get(nodeID) ?? 0;
    this.#current.hits.set(nodeID, hits + 1);
    const before = this.#previous.hits.get(nodeID) ?? 0;
    return hits + ((period - sinceUpdate) / period) * before < this.#limit;
  }

  #rotate(start: number): void {
    this.#previous = this.#current;
    this.#current = { start, hits: new Map() };
  }
}
